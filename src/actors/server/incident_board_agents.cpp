#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "incident_board_parts.hpp"
#include "xprober/domain/string_hash.hpp"

// The agents of a board: their numbers, and what is wrong with them.

namespace xprober {

namespace {

/// From this share of own faults on a prober is in trouble, as in verdicts.
constexpr std::uint64_t faults_of_known = 3;
/// What an agent says of its backlog can be as old: it looks every five seconds, and asks as often.
constexpr std::int64_t report_age_s = 10;

prober_trouble trouble_of(std::string_view reason) {
  if (reason == own_faults::overload) {
    return prober_trouble::overload;
  }
  return reason == own_faults::clock_off ? prober_trouble::clock : prober_trouble::faults;
}

/// Of how often agents say they probe: what one of them says must not hold back all incidents.
std::optional<std::chrono::milliseconds> middle_of(std::vector<std::uint64_t> intervals_ms) {
  if (intervals_ms.empty()) {
    return std::nullopt;
  }
  const auto middle =
      intervals_ms.begin() + static_cast<std::ptrdiff_t>((intervals_ms.size() - 1) / 2);
  std::ranges::nth_element(intervals_ms, middle);
  constexpr std::uint64_t longest{incident_board::longest_period.count()};
  return std::chrono::milliseconds{static_cast<std::int64_t>(std::min(*middle, longest))};
}

/// Up to when its results are in, by our clock, where it says that late ones wait, and has not sent
/// them since; else 0.
std::int64_t backlog_from(const agent_line& line, std::int64_t skew_s) {
  const auto oldest = line.backlog ? line.backlog->oldest_unix : 0;
  const bool late = oldest > 0 && line.last_seen_unix + skew_s - oldest > late_results_s;
  const bool gone = line.caught_up_unix + report_age_s >= line.last_seen_unix;
  return late && !gone ? std::max(oldest - skew_s, line.delivered_unix) : 0;
}

} // namespace

// -- numbers --------------------------------------------------------------------------------------

std::uint32_t incident_board::agent_number(const std::string& region, const std::string& address) {
  const auto [at, fresh] = agent_numbers_.try_emplace({region, address}, no_number);
  if (!fresh) {
    return at->second;
  }
  auto number = static_cast<std::uint32_t>(agents_.size());
  if (free_agents_.empty()) {
    agents_.emplace_back();
  } else {
    number = free_agents_.back();
    free_agents_.pop_back();
  }
  at->second = number;
  auto& a = agents_[number];
  a.region = region;
  a.address = address;
  a.shown = region + " " + address;
  a.region_number = regions_.acquire(region);
  if (a.region_number >= of_region_.size()) {
    of_region_.resize(a.region_number + std::size_t{1});
  }
  of_region_[a.region_number].push_back(number);
  shown_.clear();
  return number;
}

/// It has no series, and the registry does not list it.
void incident_board::forget_agent(std::uint32_t number) {
  auto& a = agents_[number];
  if (number < agent_evidence_.sources().size()) {
    agent_evidence_.replace(number, 0, a.cell, {});
    agent_evidence_.set_source(number, {});
  }
  for (auto& [name, kind] : kinds_) {
    if (number < kind->targets.sources().size()) {
      kind->targets.set_source(number, {});
    }
  }
  std::erase(of_region_[a.region_number], number);
  regions_.release(a.region_number);
  agent_numbers_.erase({a.region, a.address});
  a = {};
  free_agents_.push_back(number);
  shown_.clear();
}

incident_board::extent incident_board::size() const noexcept {
  // One region is always there: see the constructor.
  return {agents_.size() - free_agents_.size(), agents_.size(), regions_.size() - 1,
          groups_.size()};
}

const std::vector<std::uint32_t>& incident_board::agents_of(std::uint32_t region) const {
  static const std::vector<std::uint32_t> none;
  return region < of_region_.size() ? of_region_[region] : none;
}

std::vector<std::uint32_t> incident_board::agents_shown_as(std::string_view name) const {
  if (shown_.empty()) {
    for (std::uint32_t number = 0; number < agents_.size(); ++number) {
      if (agents_[number].region_number != no_number) {
        shown_.emplace_back(hash_bytes(agents_[number].shown), number);
      }
    }
    std::ranges::sort(shown_);
  }
  std::vector<std::uint32_t> found;
  const auto hash = hash_bytes(name);
  for (auto i = std::ranges::lower_bound(shown_, std::pair{hash, std::uint32_t{0}});
       i != shown_.end() && i->first == hash; ++i) {
    if (agents_[i->second].shown == name) {
      found.push_back(i->second);
    }
  }
  // The others of its region may be in the same trouble by now, and it is called by the region.
  const auto space = name.rfind(' ');
  if (found.empty() && space != std::string_view::npos) {
    const std::pair whose{std::string{name.substr(0, space)}, std::string{name.substr(space + 1)}};
    if (const auto known = agent_numbers_.find(whose); known != agent_numbers_.end()) {
      found.push_back(known->second);
    }
  }
  return found;
}

// -- what they say --------------------------------------------------------------------------------

void incident_board::set_agents(const agent_listing& listing) {
  const auto before = std::exchange(members_, {});
  for (auto& a : agents_) {
    a.there = false;
  }
  std::vector<std::uint64_t> intervals_ms;
  for (const auto& line : listing.agents) {
    if (line.state == agent_state::left) {
      continue;
    }
    const std::pair whose{line.agent.region, line.agent.local_ip};
    members_.emplace(whose, line.state);
    auto& a = agents_[agent_number(line.agent.region, line.agent.local_ip)];
    const auto known = before.find(whose);
    const bool was_away = known != before.end() && known->second != agent_state::ok;
    a.back = a.back || (was_away && line.state == agent_state::ok);
    note_line(a, line);
    if (line.probe_interval_ms > 0) {
      intervals_ms.push_back(line.probe_interval_ms);
    }
  }
  period_ = middle_of(std::move(intervals_ms)).value_or(usual_period);
  for (std::uint32_t number = 0; number < agents_.size(); ++number) {
    const auto& a = agents_[number];
    if (a.region_number != no_number && !a.there && a.series == 0) {
      forget_agent(number);
    }
  }
  words_ += members_ != before ? 1 : 0;
  unjudged_ = true;
}

void incident_board::note_line(agent& a, const agent_line& line) {
  a.there = true;
  a.state = line.state;
  const auto said = std::exchange(a.says, {});
  a.trouble = prober_trouble::none;
  a.spoilt = true;
  const auto skew = line.clock_skew_ms.value_or(0);
  // That of a clock that is ahead is taken out of its results.
  a.slow_s = std::max<std::int64_t>(-(skew / 1000), 0);
  a.waits_unix = backlog_from(line, skew / 1000);
  a.heard_unix = line.last_seen_unix;
  if (line.state == agent_state::lost) {
    a.trouble = prober_trouble::silent;
    a.says = {"lost", {}, "the agent asks for targets no more and has not said goodbye"};
  } else if (!line.own_faults.empty()) {
    const auto worse =
        std::ranges::find_if(line.own_faults, own_faults::spoil_results, &own_fault::reason);
    a.spoilt = worse != line.own_faults.end();
    const auto& told = a.spoilt ? *worse : line.own_faults.front();
    a.trouble = trouble_of(told.reason);
    a.says = {told.reason, {}, told.detail};
  }
  words_ += a.says.reason != said.reason ? 1 : 0;
}

/// True while it says that results of before wait, or delivers such, and for a moment after that.
/// What somebody has said who speaks no more keeps nobody waiting.
bool incident_board::is_late(agent& a, wall_time now) {
  const auto told = std::exchange(a.told_unix, 0);
  a.heard_unix = std::max(a.heard_unix, told == 0 ? 0 : told + a.slow_s);
  const bool old = told != 0 && told + a.slow_s < to_unix_seconds(now) - late_results_s;
  if (old || (a.waits_unix != 0 && a.state == agent_state::ok)) {
    const auto reached = std::max(old ? told + a.slow_s : 0, a.waits_unix);
    a.late_until = now + behind_rest;
    a.backlog.note(wall_time{std::chrono::seconds{reached}}, now);
  }
  return now < a.late_until && now + behind_rest >= a.late_until; // else the clock was set
}

/// Whether somebody who is back by now opens a wait for the others that were away with it.
bool incident_board::opens_wait(wall_time now) {
  const auto since = [&](wall_time then) {
    return now >= then ? now - then : wall_clock::duration::max();
  };
  if (since(returned_) >= returns_of_one_outage) {
    returns_from_ = now;
  }
  returned_ = now;
  return since(returns_from_) < returns_of_one_outage;
}

/// Of whom is back the next results are on their way, and what it has to say of others is of before
/// until then. True: the others are waited for.
bool incident_board::take_back(wall_time now) {
  bool some = false;
  for (auto& a : agents_) {
    // Its results can be here before the listing says that it is.
    a.back = a.there && (a.back || (a.state != agent_state::ok && a.told_unix != 0));
    some = some || a.back;
  }
  const bool waits = some && opens_wait(now);
  for (auto& a : agents_) {
    if (std::exchange(a.back, false) && waits) {
      a.late_until = now + behind_rest;
      a.backlog.note(wall_time{}, now);
    }
  }
  return waits;
}

/// What comes after an outage of somebody's link is of before, and not all of them have come as
/// far: who is late or lost is not waited for, but for a moment when others are back.
void incident_board::watch_backlogs(wall_time now) {
  bool some = take_back(now);
  for (auto& a : agents_) {
    const bool speaks = a.state == agent_state::ok || a.told_unix != 0 || now < a.late_until;
    const bool here = a.there && speaks;
    a.late = here && is_late(a, now);
    if (!here) {
      a.backlog.away();
    } else if (!a.late) {
      // Not up to now: whoever is cut off counts as well for a while.
      a.backlog.note(std::nullopt, std::min(now, wall_time{std::chrono::seconds{a.heard_unix}}));
    }
    a.late = a.late && a.backlog.waits(now);
    some = some || a.late;
  }
  if (some) {
    others_until_ = now + behind_rest_of_others;
  }
  const bool others = now < others_until_ && now + behind_rest_of_others >= others_until_;
  for (auto& a : agents_) {
    const bool behind = a.there && (a.late || (others && a.state != agent_state::ok));
    unjudged_ = unjudged_ || behind != a.behind;
    a.behind = behind;
  }
}

/// Its trouble as far as what it measures is concerned.
prober_trouble incident_board::trouble_in_kinds(const agent& a) noexcept {
  return a.spoilt ? a.trouble : prober_trouble::none;
}

/// What its series say, where it says nothing itself.
void incident_board::judge(agent& a) const {
  if (a.trouble == prober_trouble::faults && a.says.reason.empty()) {
    a.trouble = prober_trouble::none;
  }
  if (a.trouble == prober_trouble::none && a.fault > 0 && a.fault * faults_of_known >= a.known) {
    a.trouble = prober_trouble::faults;
    a.spoilt = false; // in which kinds, these know themselves
  }
}

void incident_board::judge_agents() {
  if (!std::exchange(unjudged_, false)) {
    return;
  }
  for (auto& a : agents_) {
    judge(a);
  }
  name_agents();
  place_agents();
}

void incident_board::name_agents() {
  for (const auto& numbers : of_region_) {
    std::size_t there = 0;
    std::size_t same = 0;
    auto trouble = prober_trouble::none;
    for (const auto number : numbers) {
      const auto& a = agents_[number];
      if (a.there) {
        trouble = there++ == 0 ? trouble_in_kinds(a) : trouble;
        same += trouble_in_kinds(a) == trouble && trouble != prober_trouble::none ? 1 : 0;
      }
    }
    const bool as_region = there == 1 || (there > 0 && same == there);
    for (const auto number : numbers) {
      auto& a = agents_[number];
      const bool by_region = as_region && a.there;
      if (std::exchange(a.by_region, by_region) != by_region) {
        a.shown = by_region ? a.region : a.region + " " + a.address;
        shown_.clear();
      }
    }
  }
}

/// In trouble as all of its agents are, and behind where half of them are: one of many that is
/// behind must not keep back what the others see.
source_info incident_board::region_info(std::uint32_t region) const {
  source_info info{region, prober_trouble::none, false};
  bool first = true;
  bool alike = true;
  std::size_t there = 0;
  std::size_t behind = 0;
  for (const auto number : agents_of(region)) {
    const auto& a = agents_[number];
    if (!a.there) {
      continue;
    }
    alike = alike && (first || trouble_in_kinds(a) == info.trouble);
    info.trouble = trouble_in_kinds(a);
    ++there;
    behind += a.behind ? 1U : 0U;
    first = false;
  }
  info.trouble = alike ? info.trouble : prober_trouble::none;
  info.behind = behind > 0 && behind * 2 >= there;
  return info;
}

/// Brings all pictures up to what is known of the agents.
void incident_board::place_agents() {
  for (std::uint32_t number = 0; number < agents_.size(); ++number) {
    auto& a = agents_[number];
    if (a.region_number == no_number) {
      continue;
    }
    cell_counts cell;
    if (a.there) {
      (a.state == agent_state::lost ? cell.unknown : cell.ok) = 1;
    }
    source_info info{a.region_number, a.there ? a.trouble : prober_trouble::none};
    agent_evidence_.set_source(number, info); // whoever is there is so, whatever it has yet to say
    info.behind = a.behind;
    agent_evidence_.replace(number, 0, std::exchange(a.cell, cell), cell);
    info.trouble = a.there ? trouble_in_kinds(a) : prober_trouble::none;
    for (auto& [name, kind] : kinds_) {
      if (number < kind->targets.sources().size()) {
        kind->targets.set_source(number, has_series(kind->targets, number)
                                             ? info
                                             : source_info{a.region_number, prober_trouble::none});
      }
    }
  }
  // What has no series any more is in no trouble there.
  for (auto& [name, kind] : kinds_) {
    const auto known = static_cast<std::uint32_t>(kind->pairs.sources().size());
    for (std::uint32_t region = 0; region < known; ++region) {
      kind->pairs.set_source(region, has_series(kind->pairs, region)
                                         ? region_info(region)
                                         : source_info{region, prober_trouble::none, false});
    }
  }
}

} // namespace xprober
