#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/server/incident_board.hpp"
#include "xprober/domain/kind_table.hpp"

namespace board_worlds {

using namespace xprober;

inline constexpr std::int64_t noon = 1'767'268'800;

/// A board and the store in front of it: what it says of each series, by agent and target.
class world {
public:
  explicit world(std::vector<std::string> regions) {
    for (const auto& region : regions) {
      agents[region] = {{region, "10.0.0." + std::to_string(agents.size() + 1)}, "", 0, 0, {}};
    }
    tell_agents();
  }

  void tell_agents() {
    agent_listing listing;
    for (const auto& [region, line] : agents) {
      listing.agents.push_back(line);
    }
    board.set_agents(listing);
  }

  void say(const std::string& from, const std::string& region, const std::string& address,
           const probe_kind& kind, series_sight sight, const std::string& detail = "no answer",
           std::int64_t last_unix = 0) {
    const auto& me = agents.at(from).agent;
    const auto [agent, new_agent] = numbers.try_emplace(me.region + me.local_ip, numbers.size());
    const auto [target, new_target] =
        numbers.try_emplace(region + address + kind.name, numbers.size());
    series_changes changes;
    if (new_agent) {
      changes.agents.push_back({static_cast<std::uint32_t>(agent->second), me.region, me.local_ip});
    }
    if (new_target) {
      changes.targets.push_back({static_cast<std::uint32_t>(target->second),
                                 {region, address, kind},
                                 kind.name,
                                 kind.grouped_by == result_group::pair,
                                 kind.mesh});
    }
    series_change change;
    change.agent = static_cast<std::uint32_t>(agent->second);
    change.target = static_cast<std::uint32_t>(target->second);
    auto& held = sights[{agent->second, target->second}];
    change.before = std::exchange(held, sight);
    change.after = sight;
    change.last_unix = static_cast<std::uint32_t>(last_unix);
    if (sight.run > 0) {
      change.failure = 0;
      changes.failures.push_back({"no_reply", "", detail});
      change.since_unix = static_cast<std::uint32_t>(noon);
    }
    changes.series.push_back(change);
    board.take(changes);
  }
  void pair(const std::string& from, const std::string& to, series_sight sight) {
    say(from, to, agents.at(to).agent.local_ip, kinds::icmp(), sight);
  }
  void mesh(series_sight sight) {
    for (const auto& [from, a] : agents) {
      for (const auto& [to, b] : agents) {
        if (from != to) {
          pair(from, to, sight);
        }
      }
    }
  }

  std::vector<incident_change> look(wall_time now) {
    return book.observe(board.pictures(now), {}, now);
  }

  std::map<std::string, agent_line> agents;
  incident_board board{1};
  incident_book book{{}};

private:
  std::map<std::string, std::size_t> numbers;
  std::map<std::pair<std::size_t, std::size_t>, series_sight> sights;
};

inline constexpr series_sight well{series_state::ok, 0};
inline constexpr series_sight failing{series_state::failing, 3};
inline constexpr series_sight faulty{series_state::prober_fault, 0};
inline constexpr wall_time start{std::chrono::seconds{noon}};

} // namespace board_worlds
