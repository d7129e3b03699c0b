#pragma once

#include <cstdint>

#include "xprober/actors/server/agent_clocks.hpp"
#include "xprober/actors/server/server_clock.hpp"
#include "xprober/domain/clock.hpp"

namespace xprober {

/// What a journal knows of time: this server's own clock, and those of agents, which are compared
/// with it.
class journal_clocks {
public:
  /// What time it is, see `server_clock::read`. Where this server's clock was set, agents' clocks
  /// are compared anew from then on.
  wall_time read(monotonic_time now);
  wall_time read(monotonic_time now, wall_time wall, nanoseconds since_boot);

  /// See `server_clock::is_proven`: nothing is too old before.
  bool is_proven() const noexcept { return own_.is_proven(); }

  agent_clocks& agents() noexcept { return agents_; }

private:
  server_clock own_;
  agent_clocks agents_;
  std::uint64_t steps_ = 0; ///< of its own clock that were noticed
};

} // namespace xprober
