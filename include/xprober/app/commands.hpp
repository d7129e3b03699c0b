#pragma once

#include <string>
#include <vector>

#include "xprober/app/probers.hpp"

namespace xprober::app {

/// Where a service's configuration comes from.
struct config_source {
  std::string file;                   ///< empty: built-in defaults (standalone only)
  std::vector<std::string> overrides; ///< KEY=VALUE of `--set`
};

/// The services: run until a signal ends them. Exit status 0 after an orderly end, 1 when an
/// address or a file cannot be used, 2 for a wrong configuration.
/// `probers` are the kinds that the agent probes.
int agent_command(const config_source& source,
                  const std::vector<prober_entry>& probers = builtin_probers());
int server_command(const config_source& source);
/// On a terminal the second has its full screen; `plain`: a table there, as lines elsewhere.
int standalone_command(const config_source& source, bool plain = false);

/// Reads a configuration file of any kind and says what is wrong with it: 0 or 2.
int check_config_command(const std::string& file);

} // namespace xprober::app
