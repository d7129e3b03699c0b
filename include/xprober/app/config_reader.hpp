#pragma once

#include <functional>
#include <string>
#include <vector>

namespace xprober::app {

/// What comes of reading a configuration.
template <class Config>
struct config_outcome {
  Config next;
  std::string problems; ///< empty: `next` is right
  std::vector<std::string> warnings;
};

/// Reads the configuration again.
template <class Config>
using config_reader = std::function<config_outcome<Config>()>;

} // namespace xprober::app
