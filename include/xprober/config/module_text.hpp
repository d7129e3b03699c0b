#pragma once

#include <string>

#include "xprober/domain/config.hpp"

namespace xprober::config {

/// A module as YAML, every key of it as in the agent's file. Secrets are not shown: passwords, the
/// values of headers with credentials, the user of a proxy, bodies of requests.
std::string module_text(const module_config& module);

} // namespace xprober::config
