#pragma once

#include <chrono>
#include <cstdint>

#include <caf/actor_system.hpp>

#include "xprober/actors/actors.hpp"

namespace xprober::app {

/// What is left after an agent has ended.
struct agent_end {
  std::uint64_t pushed = 0;  ///< results that the server took during the shutdown
  std::uint64_t pending = 0; ///< results that no server took, lost with the process
  std::uint64_t kept = 0;    ///< results in the spool: they are pushed after the next start
};

/// Has the terminator end an agent in order, and says in the log what became of its results. Where
/// the terminator itself has failed, what the pusher has is pushed all the same. Waits for
/// `timeout` at most.
agent_end end_in_order(caf::actor_system& system, const terminator_actor& terminator,
                       const pusher_actor& pusher, std::chrono::nanoseconds timeout);

/// What is left until `until`, and a moment at least for what has nothing to wait for.
std::chrono::nanoseconds time_left(std::chrono::steady_clock::time_point until);

} // namespace xprober::app
