#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xprober/app/probers.hpp"
#include "xprober/app/result_printer.hpp"

namespace xprober::app {

/// A command that probes targets with one kind, once or a few times, and shows what came of it:
/// `ping`, `http` and the others.
struct probe_command {
  const prober_entry* prober = nullptr;
  std::string name;       ///< as the user writes it
  std::string target;     ///< what a target is, for messages: "URL"
  std::string how_to_ask; ///< "name one or more, or -f FILE"
  std::unique_ptr<result_printer> printer;
  std::size_t most_at_once = 1000; ///< probes
  std::uint8_t attempts = 3;       ///< see `probe_run::options`
};

/// What the options of such a command say.
struct probe_options {
  agent_config config;     ///< of which the section of the kind and `resolver` count
  std::uint32_t count = 1; ///< -n: probes of each target
  std::string file;        ///< -f
  bool json = false;
  std::vector<std::string> targets;
};

/// Probes and prints; the program's exit status: 0 all answered, 1 some did not, 2 bad usage.
int run_probes(const probe_command& command, probe_options options);

} // namespace xprober::app
