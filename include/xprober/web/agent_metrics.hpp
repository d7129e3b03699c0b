#pragma once

#include <string>
#include <string_view>

#include "xprober/actors/snapshot.hpp"
#include "xprober/probes/presenter_table.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// Of an engine whose kernel stamps what it receives, as /metrics and docs/counters.md have it.
inline constexpr std::string_view receive_gap_help =
    "From the kernel's receive stamp to the engine's thread in the last minute; quantile 1 is the "
    "longest.";

/// An agent's `/metrics`.
/// `rows`: the latest result of each target for the rows per target; null where they are off.
std::string agent_metrics(const stats_snapshot& stats, const agent_identity& agent,
                          const presenter_table& presenters, const target_listing* rows,
                          metric_format format = metric_format::text);

} // namespace xprober::web
