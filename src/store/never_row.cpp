#include "xprober/store/never_row.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace xprober {

namespace {

auto names_of_never(const never_group& g) {
  return std::tie(g.type, g.source_region, g.target_region);
}

/// Gathers numbers. Those of more groups than a list has are never put into one: there can be as
/// many as the square of the number of regions.
class never_counter {
public:
  explicit never_counter(const std::vector<probing_region>& regions) : regions_(regions) {}

  void add(const wanted_group& group, const probing_region& from, std::uint32_t targets) {
    if (named_.size() < most_never_groups) {
      named_.push_back({std::string{group.type.text()}, never_kind(group), from.name,
                        std::string{group.region}, targets});
      return;
    }
    if (group_ != &group) { // the regions of a group follow each other
      group_ = &group;
      rest_ = &rest_of_[group.type.text()];
      rest_->kind = rest_->kind ? rest_->kind : never_kind(group);
      rest_->targets.resize(regions_.size());
    }
    rest_->targets[static_cast<std::size_t>(&from - regions_.data())] += targets;
  }

  never_list finish() {
    std::vector<never_group> sorted;
    merge_never(sorted, std::move(named_));
    std::vector<never_group> rest;
    for (const auto& [type, of] : rest_of_) {
      for (std::size_t place = 0; place < regions_.size(); ++place) {
        if (of.targets[place] > 0) {
          rest.push_back({std::string{type}, of.kind, regions_[place].name, {}, of.targets[place]});
        }
      }
    }
    if (!rest.empty()) {
      merge_never(sorted, std::move(rest));
    }
    return never_list{std::move(sorted)};
  }

private:
  struct rest_of_type {
    kind_ptr kind;
    std::vector<std::uint64_t> targets; ///< by the place in `regions_`
  };

  const std::vector<probing_region>& regions_;
  std::vector<never_group> named_;
  std::map<std::string_view, rest_of_type> rest_of_;
  const wanted_group* group_ = nullptr;
  rest_of_type* rest_ = nullptr; ///< of the type of `group_`
};

std::string never_sentence(const never_target& of) {
  const auto& from = *of.from;
  if (from.name.empty()) {
    const auto* kind = of.group->type.kind();
    return kind == nullptr || kind->own_region
               ? "agents of every region are to probe it, and no agent is known"
               : "agents of every region but its own are to probe it, and no agent of another "
                 "region is known";
  }
  const auto whose = "agents of the region " + from.name + " are to probe it, and ";
  if (!from.known) {
    return whose + "no agent has that region";
  }
  return whose +
         (from.there ? "there is no result of theirs" : "none of them asks for its targets");
}

} // namespace

std::string_view never_reason(const never_target& of) noexcept {
  return of.from->there ? "not_probed" : "no_agent";
}

series_status never_status(const never_target& of) {
  series_status status;
  status.since_unix = of.since_unix;
  status.reason = never_reason(of);
  status.detail = never_sentence(of);
  return status;
}

std::string_view never_kind_name(const wanted_group& group) noexcept {
  const auto* kind = group.type.kind();
  return kind == nullptr ? group.type.text() : std::string_view{kind->name};
}

kind_ptr never_kind(const wanted_group& group) {
  if (const auto* kind = group.type.kind()) {
    return hold_kind(*kind);
  }
  probe_kind unknown;
  unknown.name = group.type.text();
  auto& success = unknown.columns.emplace_back();
  success.key = "success";
  success.role = column_role::success;
  success.kept = true;
  return std::make_shared<const probe_kind>(std::move(unknown));
}

stored_target never_row(const never_target& of) {
  stored_target row;
  row.source_region = of.from->name;
  row.target = {std::string{of.group->region}, std::string{of.address}, of.group->type};
  row.kind = never_kind(*of.group);
  row.status = never_status(of);
  return row;
}

bool is_never_row(const stored_target& row) noexcept {
  return row.status.state == series_state::never && row.agent.empty();
}

void merge_never(std::vector<never_group>& whole, std::vector<never_group> part) {
  std::move(part.begin(), part.end(), std::back_inserter(whole));
  std::ranges::sort(whole, {}, names_of_never);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (kept > 0 && names_of_never(whole[kept - 1]) == names_of_never(whole[i])) {
      whole[kept - 1].targets += whole[i].targets;
    } else if (kept++ != i) {
      whole[kept - 1] = std::move(whole[i]);
    }
  }
  whole.resize(kept);
}

void bound_never(std::vector<never_group>& whole, std::size_t most) {
  if (whole.size() <= most) {
    return;
  }
  for (auto i = most; i < whole.size(); ++i) {
    whole[i].target_region.clear();
  }
  merge_never(whole, {});
}

never_list count_never(const never_series& never) {
  if (!never.watches()) {
    return {};
  }
  never_counter counter{never.regions()};
  never.for_each_number([&](const wanted_group& group, const probing_region& from,
                            std::uint32_t targets) { counter.add(group, from, targets); });
  return counter.finish();
}

} // namespace xprober
