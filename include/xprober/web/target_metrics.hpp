#pragma once

#include <cstddef>

#include "xprober/actors/snapshot.hpp"
#include "xprober/probes/presenter_table.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// At most this many targets have rows of their own in one answer: about 400,000
/// series, 50 MB and half a second of CPU time. The rest are counted in
/// `xprober_metrics_targets_omitted`.
inline constexpr std::size_t max_metric_targets = 50'000;

/// The conventional names (`probe_success`, `probe_duration_seconds`, and what the presenter of its
/// kind says) for the latest result of each target, labelled source_region, target, target_region,
/// probe_type. Of a result that is the prober's own fault only `xprober_probe_local_error` tells:
/// it says nothing of the target. A target that waits for its first result has no series.
void append_target_metrics(prometheus_text& out, const agent_identity& agent,
                           const presenter_table& presenters, const target_listing& listing);

} // namespace xprober::web
