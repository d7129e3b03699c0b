#pragma once

#include <string>
#include <string_view>

#include "xprober/actors/snapshot.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// Families that both roles have: process, build, scheduler, actors.
void append_process_metrics(prometheus_text& out, const stats_snapshot& stats);

/// Quantiles of the last minute as a summary's series; `scale` turns their unit into the metric's.
/// The largest value is quantile 1. `label` may have an empty name: no label then.
void append_quantiles(prometheus_text& out, const latency_quantiles& values, double scale,
                      metric_label label = {});

/// The number of targets by probe type.
void append_target_counts(prometheus_text& out, const target_stats& targets);

} // namespace xprober::web
