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
  std::string kind;  ///< its name; targets of modules are of the kind their values are of
  std::string state; ///< "", "ok", "failing"
  std::size_t limit = 100;
};

/// "ok", "failing", or "waiting" where no verdict is stored.
std::string_view state_of(const stored_target& target) noexcept;

/// What is wrong with a kind's name that was asked for; nothing for one of the table or one that
/// has results. `group`: it must be grouped so.
std::optional<std::string> kind_name_problem(const store_snapshot& store, std::string_view kind,
                                             std::optional<result_group> group = std::nullopt);

/// `/api/v1/regions`: `{regions: [{region, agents, pairs_as_source, pairs_as_target}]}`, sorted.
std::string regions_json(const store_snapshot& store, const agent_listing& agents);

/// A matrix has at most so many regions: it has a cell for each two of them.
inline constexpr std::size_t max_matrix_regions = 1000;

/// Why there is no matrix of a kind, and what to ask for instead; nothing where there is one.
std::optional<std::string> matrix_problem(const store_snapshot& store, std::string_view kind);

/// `/api/v1/matrix`: `{probe_type, metric, unit, regions, values, targets, failing}` of one kind
/// that is grouped by pairs of regions. `values[i][j]` is of regions[i] as source and regions[j] as
/// target, null where nothing is known; so are `targets` and `failing`, the pair's numbers of
/// targets. Units: ms, percent, and for success 1 or what the kind tells a failure by (all fail).
std::string matrix_json(const store_snapshot& store, std::string_view kind, matrix_metric metric);

/// `/api/v1/targets`: `{targets: [{uid, target, region, probe_type, source_region, agent, state,
/// time, time_unix, labels, …, phases_ms}], matching, total}`. Between stand the kept columns of
/// the target's kind by their keys, null where they were not measured; its phases, where it has
/// any, stand in `phases_ms`. `labels` are those of the configuration and of discovery (null: there
/// are none). `store` must hold its targets.
std::string stored_targets_json(const store_snapshot& store, const stored_filter& filter,
                                const target_labels* labels = nullptr);

/// `/api/v1/agents`: `{agents: [{region, local_ip, peer, first_seen, first_seen_unix, last_seen,
/// last_seen_unix, clock_skew_ms}]}`; the last is null before the agent's first batch.
std::string agents_json(const agent_listing& listing);

} // namespace xprober::web
