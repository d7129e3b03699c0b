#pragma once

// What `/probe` and the server ask the prober for, and its answers.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/ad_hoc.hpp"

namespace xprober {

/// Somebody wants to know now how a target is.
struct probe_question {
  std::string target;
  std::string module;
  std::string hostname;      ///< see `ad_hoc_request`; empty: the target's own
  nanoseconds time_limit{0}; ///< beside the module's own; 0: none
  bool with_lines = false;   ///< tell the steps of the probe, too
  /// Asked by the agent's server and not by who reaches its page: `/probe` being off does not
  /// matter, nor who may be probed by it.
  bool from_server = false;
  target_ref own{}; ///< `target` as the agent's list has it; null: it does not
};

/// Why a question is not answered with a probe.
enum class probe_refusal : std::uint8_t {
  none,
  off, ///< the configuration has switched `/probe` off
  unknown_module,
  bad_hostname, ///< no value for a header, or the module has another one
  secrets,      ///< the module has some and does not say who gets them
  too_many,     ///< as many as may run are running
  ending,       ///< the agent ends
};

struct probe_answer {
  probe_refusal refused = probe_refusal::none;
  std::string problem;                         ///< for people; empty unless refused
  std::shared_ptr<const module_config> module; ///< what the target was probed with; null: refused
  probe_outcome outcome;
  probe_story story;
};

using probe_answer_ptr = std::shared_ptr<const probe_answer>;

/// An engine's answer, on its way to who asked.
struct probe_answered {
  std::uint64_t number = 0; ///< of the question
  probe_answer_ptr answer;
};

/// A module as `/probe` offers it.
struct probe_module {
  std::shared_ptr<const module_config> config;
  prober_name name;            ///< by which engines know it
  std::uint32_t echoes = 0;    ///< see `ad_hoc_request`
  std::string hostname{};      ///< that its requests name already; empty: none
  bool is_for_anybody = false; ///< it has secrets, and sends them to whoever the target is
};

/// All that `/probe` offers.
struct probe_modules {
  std::map<std::string, probe_module, std::less<>> modules;
  std::uint32_t max_running = 0;
  std::string off{};          ///< why nothing is offered; empty: it is
  bool strangers_ask = false; ///< not only this machine reaches it
  target_limits_ptr limits{}; ///< of all that is asked for, beside those of all probes; null: none
};

} // namespace xprober
