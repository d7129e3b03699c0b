#include "xprober/store/never_row.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace xprober {

namespace {

auto names_of_never(const never_group& g) {
  return std::tie(g.type, g.source_region, g.target_region);
}

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

} // namespace xprober
