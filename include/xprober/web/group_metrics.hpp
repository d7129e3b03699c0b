#pragma once

#include <cstddef>

#include "xprober/store/snapshot.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// At most so many groups have rows under our own names in one answer, by the names of their kinds;
/// the rest are counted in `xprober_metrics_groups_omitted`.
inline constexpr std::size_t max_metric_groups = 50'000;

/// What the results of each kind come to under names that all kinds share, in base units:
/// `xprober_pair_…` by source_region, target_region, probe_type; `xprober_url_…` by source_region,
/// addr, probe_type. `success` is 1 unless all fail, then 0; `success_ratio`, `series`,
/// `series_failing`; where there is any, `duration_seconds`, `loss_ratio`,
/// `phase_duration_seconds{phase}`.
void append_shared_group_metrics(prometheus_text& out, const store_snapshot& store);

} // namespace xprober::web
