#pragma once

#include <optional>

#include "xprober/domain/probe_result.hpp"

namespace xprober::web {

/// Percent of echoes lost as the outcome measured it; nothing where it measured none: no echo's
/// fate is known because the name was not resolved or the prober itself failed.
std::optional<double> loss_percent(const probe_outcome& outcome);

/// Mean round-trip time in ms; nothing without a reply or for another type of probe.
std::optional<float> mean_rtt_ms(const probe_outcome& outcome);

} // namespace xprober::web
