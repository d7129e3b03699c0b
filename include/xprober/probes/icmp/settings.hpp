#pragma once

#include <map>
#include <string>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/icmp/fragmenting.hpp"

namespace xprober::icmp {

/// What the engine takes of a configuration.
struct settings {
  icmp_config own; ///< of targets without a module
  std::map<std::string, icmp_config, std::less<>> modules;
  resolver_config resolver;
  nanoseconds share_period{0}; ///< how long an outcome is good for other targets
  target_limits_ptr limits{};  ///< of all probes; null: none
};

/// Throws std::invalid_argument that names the key of what cannot be used.
settings settings_of(const agent_config& config);

/// What cannot be used of them, with its key; empty: nothing.
std::string settings_problem(const settings& all);

/// A section with every value in its range.
icmp_config in_range(icmp_config config);

/// True if echoes of the two can leave by the same sockets.
bool same_sockets(const icmp_config& a, const icmp_config& b);

/// What is done about IPv4 echoes that are longer than a link of the way carries.
fragmenting fragmenting_of(const icmp_config& config);

} // namespace xprober::icmp
