#pragma once

#include <vector>

#include "xprober/domain/history/histogram_set.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// `xprober_pair_latency_seconds` by source_region, target_region, probe_type and
/// `xprober_url_latency_seconds` by source_region, addr, probe_type: native histograms of what
/// probes measured since this process began. Only of groups that have results in the store, so that
/// they go with the other series of the group. Nothing in the text format.
void append_histogram_metrics(prometheus_text& out, const store_snapshot& store,
                              const std::vector<histogram_series>& all);

} // namespace xprober::web
