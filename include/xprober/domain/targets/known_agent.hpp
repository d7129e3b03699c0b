#pragma once

#include <string>

#include "xprober/domain/agent_state.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// An agent as it is kept for the time after a restart.
struct known_agent {
  agent_identity agent;
  wall_time first_seen{};
  wall_time last_seen{};
  agent_state state = agent_state::ok; ///< one that is late is kept as ok
  std::string version{};
  std::string http_addr{};
  bool meshed = true; ///< see `member`

  bool operator==(const known_agent&) const = default;
};

} // namespace xprober
