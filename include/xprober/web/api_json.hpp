#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/config.hpp"

namespace xprober {
struct history_series;
}

namespace xprober::web {

/// What a matrix shows of each pair of regions.
enum class matrix_metric { latency, drop_rate, success, state };

/// "latency", "drop_rate", "success", "state".
std::string_view to_string(matrix_metric metric) noexcept;

/// Reads "latency", "drop_rate", "success", "state"; nothing for another name.
std::optional<matrix_metric> parse_matrix_metric(std::string_view name) noexcept;

/// What is wrong with a kind's name that was asked for; nothing for one of the table or one that
/// has results. `group`: it must be grouped so.
std::optional<std::string> kind_name_problem(const store_snapshot& store, std::string_view kind,
                                             std::optional<result_group> group = std::nullopt);

/// `/api/v1/regions`: `{regions: [{region, agents, pairs_as_source, pairs_as_target,
/// never_probed, labels}]}`, sorted; `never_probed` are targets that the region's agents are to
/// probe and never reported. `labels`: of regions, as the configuration says.
std::string regions_json(const store_snapshot& store, const agent_listing& agents,
                         const std::map<std::string, label_map>& labels = {});

/// A matrix has at most so many cells, those of 500 regions with each other: with all that is said
/// of one that is some 100 MB while it is made.
inline constexpr std::size_t max_matrix_cells = 250'000;

/// Which rows and columns of a matrix are wanted; empty: all.
struct matrix_part {
  std::string source_region{};
  std::string target_region{};

  bool is_whole() const noexcept { return source_region.empty() && target_region.empty(); }
};

/// Why there is no matrix of a kind, and what to ask for instead; nothing where there is one. Takes
/// no more memory for many regions than for few.
std::optional<std::string> matrix_problem(const store_snapshot& store, std::string_view kind,
                                          const agent_listing& agents = {},
                                          const matrix_part& part = {});

/// `/api/v1/matrix`: `{probe_type, metric, unit, regions, values, targets, failing}` of one kind
/// that is grouped by pairs of regions. `regions` are those with results and those of agents that
/// have not left. `values[i][j]` is of regions[i] as source and regions[j] as target, null where
/// nothing is known; so are `targets` and `failing`, the pair's numbers of targets. Units: ms,
/// percent, and for success 1 or what the kind tells a failure by (all fail).
///
/// Of latency there are `usual`, the time that it usually is in the pair, and `ratio`, by how much
/// it is that now. Usual is the median of the last seven days (`week`, see `usual_time`) where it
/// is of `least_usual_rollups` at least, else a running mean of the last results that were not
/// slow. `usual_rollups` says of how many ten minutes it is, 0 of the mean; `usual_from_unix` when
/// the first of all pairs was, null where all are means. Of state the values are names, see
/// `worst_state`, and `states` has the numbers of targets by state; the row of a region whose
/// agents are all lost is "stale".
///
/// Of a part there are `sources` and `destinations` in place of `regions`: the names of the rows
/// and of the columns.
std::string matrix_json(const store_snapshot& store, std::string_view kind, matrix_metric metric,
                        const agent_listing& agents = {}, const matrix_part& part = {},
                        const history_series* week = nullptr);

/// Two of them may both be of a bad hour.
inline constexpr std::uint16_t least_usual_rollups = 3;

} // namespace xprober::web
