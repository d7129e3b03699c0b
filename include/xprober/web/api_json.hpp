#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/actors/snapshot.hpp"

namespace xprober::web {

/// What a matrix shows of each pair of regions.
enum class matrix_metric { latency, drop_rate, success };

/// Reads "latency", "drop_rate", "success"; nothing for another name.
std::optional<matrix_metric> parse_matrix_metric(std::string_view name) noexcept;

/// Which targets `/api/v1/targets` lists: what is empty matches all.
struct stored_filter {
  std::optional<std::string> source_region;
  std::optional<std::string> target_region;
  std::optional<probe_type> type; ///< targets of modules are of the type their values are of
  std::string state;              ///< "", "ok", "failing"
  std::size_t limit = 100;
};

/// "ok", "failing", or "waiting" where no verdict is stored.
std::string_view state_of(const stored_target& target) noexcept;

/// All phases together in ms; nothing unless every phase has a value.
std::optional<double> phases_sum(const stored_target& target) noexcept;

/// `/api/v1/regions`: `{regions: [{region, agents, pairs_as_source, pairs_as_target}]}`, sorted.
std::string regions_json(const store_snapshot& store, const agent_listing& agents);

/// `/api/v1/matrix`: `{metric, unit, regions, values, targets, failing}`. `values[i][j]` is of
/// regions[i] as source and regions[j] as target, null where nothing is known; so are `targets` and
/// `failing`, the pair's numbers of targets. Units: ms, percent, and for success 1 or -1 (all
/// fail).
std::string matrix_json(const store_snapshot& store, matrix_metric metric);

/// `/api/v1/targets`: `{targets: [{uid, target, region, probe_type, source_region, agent, state,
/// time, time_unix, labels, latency_ms, drop_rate, phases_ms}], matching, total}`: `latency_ms` and
/// `drop_rate` of ICMP targets, `phases_ms` of HTTP ones. `labels` are those of the configuration
/// and of discovery (null: there are none). `store` must hold its targets.
std::string stored_targets_json(const store_snapshot& store, const stored_filter& filter,
                                const target_labels* labels = nullptr);

/// `/api/v1/agents`: `{agents: [{region, local_ip, peer, first_seen, first_seen_unix, last_seen,
/// last_seen_unix, clock_skew_ms}]}`; the last is null before the agent's first batch.
std::string agents_json(const agent_listing& listing);

} // namespace xprober::web
