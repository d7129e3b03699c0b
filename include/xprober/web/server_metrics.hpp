#pragma once

#include <string>
#include <vector>

#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/history/histogram_set.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// A server's `/metrics`: its own counters, for each of `agents` its
/// clock, numbers of incidents, groups under names that all kinds share (see group_metrics.hpp) and
/// under the old ones, and for each target in `store.targets` its state and the conventional names
/// (see store_metrics.hpp). `labels` (null: there are none) go with the rows of their
/// targets. A mean without a value has no series. `histograms` (null: there are none): those of the
/// groups, see histogram_metrics.hpp.
std::string server_metrics(const stats_snapshot& stats, const store_snapshot& store,
                           const agent_listing& agents = {}, const target_labels* labels = nullptr,
                           const std::vector<histogram_series>* histograms = nullptr,
                           metric_format format = metric_format::text);

} // namespace xprober::web
