#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xprober/domain/agent_state.hpp"

namespace xprober {

/// What an agent says of itself with each question for its targets; what is empty or 0 it does not
/// say.
struct agent_report {
  std::string version{};              ///< of its program
  std::string http_addr{};            ///< of its own page
  std::uint64_t sync_interval_ms = 0; ///< how often it asks
  std::uint64_t probe_interval_ms = 0;
  std::vector<own_fault> own_faults{}; ///< what keeps it from probing, now
  bool answers_questions = false;      ///< it knows Server.Questions
  std::optional<agent_backlog> backlog{};

  bool operator==(const agent_report&) const = default;
};

/// A report has no more faults.
inline constexpr std::size_t most_own_faults = 20;

/// Makes what a stranger says fit to be kept and shown: `most_own_faults` at most, each with a
/// reason, texts as `clean_sentence` leaves them.
void clean_report(agent_report& report);

} // namespace xprober
