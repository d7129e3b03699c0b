#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/wire/kind_codec.hpp"
#include "xprober/store/aggregates.hpp"
#include "xprober/store/never_list.hpp"
#include "xprober/store/series_state.hpp"

namespace xprober {

class store_table;

/// What the results of one kind come to for a pair of regions, or for an address and a source
/// region, from fresh results only. What stands in several shards of a store adds up.
struct stored_group {
  std::string source_region;
  /// Of an address: the first by name of the regions that it stands under.
  std::string target_region;
  std::string address; ///< empty for a pair
  group_sums sums;
};

/// The results of one kind. Kinds with the same name and other columns (of agents with other
/// versions) are apart.
struct kind_results {
  kind_ptr kind;
  std::vector<std::size_t> averaged; ///< `mean_columns`, as `sums.means` has them
  std::vector<stored_group> groups;  ///< sorted by source region and target region or address
  /// Those without any fresh result, sorted likewise: of them there are states alone.
  std::vector<stored_group> silent{};

  /// What the mean of a column comes from; null for columns that have none.
  const measured_mean* find_mean(const stored_group& group, std::size_t column) const;
  /// Of the first column with a role.
  const measured_mean* find_mean(const stored_group& group, column_role role) const;

  /// The mean of a column over a group; nothing without a single measured value (a -1 never enters
  /// one) and for columns that have no mean.
  std::optional<double> mean(const stored_group& group, std::size_t column) const;
  std::optional<double> mean(const stored_group& group, column_role role) const;
  /// What the time of a pair's targets is usually; null where the kind has no pairs.
  const measured_mean* usual_ms(const stored_group& group) const;
  /// Of what the kind's probes are about: see `headline_ms`.
  std::optional<double> headline_ms(const stored_group& group) const;
};

/// The latest values of one target as one agent measured them.
///
/// Where they are too old there are none, and no success: the status says why.
struct stored_target {
  std::string source_region;
  std::string agent; ///< workerName
  target_uid target;
  std::int64_t unix_seconds = 0; ///< the agent's stamp; 0: none
  kind_ptr kind;                 ///< whose columns `values` has
  std::optional<float> success;  ///< above 0: it succeeded
  column_values values;          ///< kept ones; a time or a rate below 0 is not measured
  series_status status{};
  /// The last ones, the oldest first; only where a single target is asked for.
  std::vector<failure_run> failures{};
  std::vector<past_result> results{}; ///< likewise
};

/// Rows of what was never reported in one snapshot of a part of a store; pages have all.
inline constexpr std::size_t most_never_rows = 50'000;

/// Numbers of rows by `series_state`.
using state_numbers = std::array<std::uint64_t, series_state_count>;

/// What is counted under one name.
struct tally_line {
  std::string name;
  state_numbers states{};
};

/// Names of one tally; rows under other names are added up.
inline constexpr std::size_t most_tallied = 10'000;

struct store_snapshot {
  std::vector<kind_results> kinds;    ///< built-in ones first, in the table's order, then by name
  std::vector<stored_target> targets; ///< empty unless asked for

  // Of a page of rows, see target_page.hpp.
  std::uint64_t total = 0;    ///< rows in all
  std::uint64_t matching = 0; ///< rows that are asked for
  std::uint64_t left = 0;     ///< of these, `targets` and what comes behind them

  // Of a tally, see state_tally.hpp, which has `total` and `matching`, too.
  std::vector<tally_line> tally{}; ///< by name
  state_numbers tally_all{};       ///< of all that match
  state_numbers tally_others{};    ///< of those whose names have no line

  never_list never{};               ///< not of a page
  std::uint64_t never_left_out = 0; ///< rows that are not among `targets` because of their number
};

/// What is in the table: the groups of each kind that has any, from rows that are not too old, and
/// with `with_targets` every row, newest first, those that are too old behind, and behind all what
/// was never reported, `most_never_rows` at most. Without rows it looks at none but those that are
/// too old and not dropped yet.
store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets);

/// Adds what is in another part of the store: no row is in two of them. Rows come one part after
/// the other.
void merge_snapshot(store_snapshot& whole, const store_snapshot& part);

} // namespace xprober
