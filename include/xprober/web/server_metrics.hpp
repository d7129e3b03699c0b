#pragma once

#include <string>

#include "xprober/actors/snapshot.hpp"

namespace xprober::web {

/// A server's `/metrics` in the Prometheus text format: its own counters, for each of `agents` its
/// clock, the old names with their labels, and for each target in `store.targets` the conventional
/// names (see store_metrics.hpp). `labels` (null: there are none) go with the rows of their
/// targets. A mean without a value has no series.
std::string server_metrics(const stats_snapshot& stats, const store_snapshot& store,
                           const agent_listing& agents = {}, const target_labels* labels = nullptr);

} // namespace xprober::web
