#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xprober/domain/config.hpp"

namespace xprober::app {

/// `xprober ping`: what its options say.
struct ping_options {
  icmp_config icmp;
  resolver_config dns;
  std::optional<std::uint32_t> interval_ms; ///< -i: one echo every so many ms; else adaptive
  std::uint32_t timeout_ms = 1000;          ///< -W: an echo's timeout
  std::string file;                         ///< -f
  bool json = false;
  std::vector<std::string> targets;
};

/// `xprober http`: what its options say.
struct http_options {
  http_config http;
  resolver_config dns;
  std::uint32_t count = 1;          ///< -n: probes of each URL
  std::uint32_t timeout_ms = 10000; ///< -W: a whole probe's timeout
  std::string file;
  bool json = false;
  std::vector<std::string> urls;
};

/// Probes and prints; the program's exit status: 0 all answered, 1 some did not, 2 bad usage.
int ping_command(ping_options options);
int http_command(http_options options);

} // namespace xprober::app
