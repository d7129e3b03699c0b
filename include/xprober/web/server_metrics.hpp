#pragma once

#include <string>

#include "xprober/actors/snapshot.hpp"

namespace xprober::web {

/// A server's `/metrics` in the Prometheus text format: the seed's names with their labels, the
/// server's own counters, for each target in `store.targets` the conventional names, and for each
/// of `agents` its clock. `labels` (null: there are none) go with the rows of their targets. A mean
/// without a value has no series. The wire carries no ICMP probe's duration, no status and no
/// certificate, so those names are the agents' alone.
std::string server_metrics(const stats_snapshot& stats, const store_snapshot& store,
                           const agent_listing& agents = {}, const target_labels* labels = nullptr);

} // namespace xprober::web
