#pragma once

#include <string>

#include "xprober/domain/config.hpp"

namespace xprober::app {

/// The keys that differ and that a reload cannot change, as the file names them, separated by ", ";
/// empty: there are none. `keeps_servers`: the agent stays with its servers, see agent_app.
std::string restart_keys(const agent_config& now, const agent_config& next,
                         bool keeps_servers = false);
std::string restart_keys(const server_config& now, const server_config& next);

} // namespace xprober::app
