#pragma once

#include <cstdint>
#include <optional>

#include "xprober/app/probe_command.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace xprober::app {

/// `xprober ping`: what its options say.
struct ping_options {
  probe_options common;
  std::optional<std::uint32_t> interval_ms; ///< -i: one echo every so many ms; else adaptive
  std::uint32_t timeout_ms = 1000;          ///< -W: an echo's timeout
};

/// The kind that `ping` probes with; it has no command of its own name.
const probe_kind& ping_kind() noexcept;

/// Adds the options that only `ping` has, and -f and --json; they are put into `options`, which
/// outlives the parser.
void add_ping_options(CLI::App& command, ping_options& options);

/// Sends echoes and prints; the program's exit status: 0 all answered, 1 some did not, 2 bad usage.
int ping_command(ping_options options);

} // namespace xprober::app
