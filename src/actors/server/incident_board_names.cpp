#include "incident_board_parts.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace xprober {

std::string incident_board::names::name(side of, std::uint32_t number) const {
  if (view_ == view::pairs) {
    return board_.regions_[number];
  }
  if (of == side::source) {
    return board_.agents_[number].shown;
  }
  return view_ == view::agents ? std::string{"agents"} : board_.targets_.name(number);
}

std::string incident_board::names::region(side of, std::uint32_t number) const {
  if (view_ == view::pairs) {
    return board_.regions_[number];
  }
  if (of == side::source) {
    return board_.agents_[number].region;
  }
  return view_ == view::agents ? std::string{} : board_.regions_[board_.targets_.of(number).region];
}

std::vector<incident_label> incident_board::names::labels(std::uint32_t target) const {
  std::vector<incident_label> all;
  if (view_ == view::targets) {
    if (const auto* labels = board_.labels_of(target)) {
      all.assign(labels->begin(), labels->end());
    }
  }
  return all;
}

std::string incident_board::names::group(side of, std::uint32_t group) const {
  return of == side::source ? board_.regions_[group] : board_.groups_.text(group);
}

failure_text incident_board::names::failure(std::uint32_t reason) const {
  return board_.failures_.reason_text(reason);
}

std::string incident_board::names::sentence(std::uint32_t number) const {
  return board_.failures_.sentence(number);
}

failure_text incident_board::names::trouble(std::uint32_t source) const {
  if (view_ != view::pairs) {
    return board_.agents_[source].says;
  }
  for (const auto number : board_.agents_of(source)) {
    if (const auto& a = board_.agents_[number]; a.there && !a.says.reason.empty()) {
      return a.says;
    }
  }
  return {};
}

unreached_agents incident_board::names::unreached(std::uint32_t region) const {
  unreached_agents found;
  if (view_ != view::pairs) {
    return found;
  }
  found.run = longest_run;
  found.lost = true;
  const auto& name = board_.regions_[region];
  for (auto at = kind_->reached.lower_bound({region, 0});
       at != kind_->reached.end() && at->first.first == region; ++at) {
    const auto& reach = at->second;
    if (!reach.fails()) {
      ++found.others;
      continue;
    }
    const auto address = board_.targets_.name(at->first.second);
    const auto agent = board_.members_.find({name, address});
    found.names.emplace_back(name).append(" ").append(address);
    found.run = std::min(found.run, std::max(reach.results / reach.failing, std::uint32_t{1}));
    found.lost = found.lost && agent != board_.members_.end() && agent->second == agent_state::lost;
  }
  std::ranges::sort(found.names);
  return found;
}

/// Of an agent its own name, or its region's.
source_names incident_board::names::other_names(std::uint32_t source) const {
  source_names found;
  const auto own_name = [](const agent& a) { return a.region + " " + a.address; };
  if (view_ != view::pairs) {
    const auto& a = board_.agents_[source];
    return {{a.by_region ? own_name(a) : a.region}, is_unreached(a)};
  }
  found.unreached = true;
  for (const auto number : board_.agents_of(source)) {
    const auto& a = board_.agents_[number];
    if (a.there && a.trouble != prober_trouble::none) {
      found.names.push_back(own_name(a));
      found.unreached = found.unreached && is_unreached(a);
    }
  }
  return found;
}

std::string incident_board::names::former_name(std::uint32_t source) const {
  if (view_ != view::targets) {
    return {};
  }
  const auto& a = board_.agents_[source];
  return a.by_region ? a.region + " " + a.address : a.region;
}

bool incident_board::names::is_unreached(const agent& a) const {
  return std::ranges::any_of(board_.kinds_, [&](const auto& known) {
    const auto& reached = known.second->reached;
    for (auto at = reached.lower_bound({a.region_number, 0});
         at != reached.end() && at->first.first == a.region_number; ++at) {
      if (at->second.fails() && board_.targets_.name(at->first.second) == a.address) {
        return true;
      }
    }
    return false;
  });
}

std::optional<std::uint32_t> incident_board::names::find(side of, std::string_view name) const {
  if (view_ == view::pairs) {
    return find_region(of, name);
  }
  if (of == side::source) {
    return find_agent(name);
  }
  return view_ == view::targets ? find_target(name) : std::nullopt;
}

/// An agent that is there is as well as its region.
std::optional<std::uint32_t> incident_board::names::find_region(side of,
                                                                std::string_view name) const {
  auto known = board_.regions_.find(name);
  if (const auto space = name.rfind(' '); !known && space != std::string_view::npos) {
    const auto its_region = name.substr(0, space);
    if (board_.agent_numbers_.contains(
            {std::string{its_region}, std::string{name.substr(space + 1)}})) {
      known = board_.regions_.find(its_region);
    }
  }
  const bool here = known && (of == side::source ? has_series(kind_->pairs, *known)
                                                 : kind_->cells.has_target(*known));
  return here ? known : std::nullopt;
}

/// A region's only agent was called by the region until another one came.
std::optional<std::uint32_t> incident_board::names::find_agent(std::string_view name) const {
  const auto first_of = [this](std::span<const std::uint32_t> numbers) {
    const auto found = std::ranges::find_if(numbers, [this](std::uint32_t number) {
      return kind_ == nullptr ? board_.agents_[number].there : has_series(kind_->targets, number);
    });
    return found == numbers.end() ? std::nullopt : std::optional{*found};
  };
  if (const auto found = first_of(board_.agents_shown_as(name))) {
    return found;
  }
  const auto region = board_.regions_.find(name);
  return region ? first_of(board_.agents_of(*region)) : std::nullopt;
}

std::optional<std::uint32_t> incident_board::names::find_target(std::string_view name) const {
  for (const auto number : board_.targets_.find(name)) {
    const auto& type = board_.types_[board_.targets_.of(number).type];
    if (type.kind == kind_ && !type.mesh) {
      return number;
    }
  }
  return std::nullopt;
}

} // namespace xprober
