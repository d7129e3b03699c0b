#pragma once

#include <cstdint>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/batch_intake.hpp"

namespace xprober {

/// Counts what was found wrong in a batch. What is to be said of its agent; nothing where both of
/// its numbers are 0.
agent_lapse count_findings(const batch_findings& found, journal_stats& counts);

/// The same of values of the old form.
agent_lapse count_findings(const batch_intake::value_findings& found, journal_stats& counts);

} // namespace xprober
