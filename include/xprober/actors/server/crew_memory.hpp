#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/targets/rendezvous.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// Which agents of each region share its targets, and since when: so it is known which of them one
/// may have been given, without a set for each. A share is `rendezvous`'s: an agent has a target if
/// it outweighs all others, so it may have had what it outweighs all those for who were there all
/// the time in which its list can have been made. That takes some 100 bytes for each agent.
///
/// - An agent that has come within the last `hand_over` does not count: until then results may come
///   of those who had its targets before (lists in flight, results on their way, leases).
/// - For one that was away, and comes back with a spool, it is judged by those who were there when
///   it went: that is the list that it went on with.
class crew_memory {
public:
  /// Longer than leases, within which nobody is missed, and than a spool takes to come.
  static constexpr std::chrono::hours hand_over{1};
  /// One that has gone is known for so long.
  static constexpr std::chrono::hours remembered{24};

  /// The agents that ask for their targets from now on. `now` never goes back.
  void enter(const std::vector<agent_identity>& active, monotonic_time now);

  /// Whether an agent can have been given a target that its region shares. `hash`: of the target as
  /// lists name it, see `group_hash`.
  bool can_have(std::string_view region, std::string_view address, std::uint64_t hash,
                monotonic_time now);

  /// Agents that are known.
  std::size_t size() const noexcept;

private:
  struct presence {
    monotonic_time since{};             ///< it has been there, or was before it went
    std::optional<monotonic_time> left; ///< when it went last
    std::uint64_t turn = 0;             ///< of `enter` in which it was there last
  };
  using crew = std::map<std::string, presence, std::less<>>; ///< by address

  /// When the list was made by which an agent probed what it may still send results of.
  monotonic_time list_time(const crew& agents, const std::string& address,
                           monotonic_time now) const;
  void find_rivals(std::string_view region, std::string_view address, monotonic_time now);

  std::map<std::string, crew, std::less<>> regions_;
  std::uint64_t turn_ = 1; ///< nobody was there in the one before the first
  /// Of what was asked last: a batch is of one agent.
  std::string region_;
  std::string address_;
  monotonic_time asked_{};
  std::optional<rendezvous> rivals_; ///< the agent and those who count; nothing: it can have all
};

} // namespace xprober
