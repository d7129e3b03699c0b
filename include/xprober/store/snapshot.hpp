#pragma once

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

  /// What the mean of a column comes from; null for columns that have none.
  const measured_mean* find_mean(const stored_group& group, std::size_t column) const;
  /// Of the first column with a role.
  const measured_mean* find_mean(const stored_group& group, column_role role) const;

  /// The mean of a column over a group; nothing without a single measured value (a -1 never enters
  /// one) and for columns that have no mean.
  std::optional<double> mean(const stored_group& group, std::size_t column) const;
  std::optional<double> mean(const stored_group& group, column_role role) const;
  /// Of what the kind's probes are about: see `headline_ms`.
  std::optional<double> headline_ms(const stored_group& group) const;
};

/// The latest values of one target as one agent measured them.
struct stored_target {
  std::string source_region;
  std::string agent; ///< workerName
  target_uid target;
  std::int64_t unix_seconds = 0; ///< the agent's stamp; 0: none
  kind_ptr kind;                 ///< whose columns `values` has
  std::optional<float> success;  ///< above 0: it succeeded
  column_values values;          ///< kept ones; a time or a rate below 0 is not measured
};

struct store_snapshot {
  std::vector<kind_results> kinds;    ///< built-in ones first, in the table's order, then by name
  std::vector<stored_target> targets; ///< empty unless asked for
};

/// What is in the table, from rows that are not too old: the groups of each kind that has any, and
/// with `with_targets` every row, newest first. Without rows it looks at none but those that are
/// too old and not dropped yet.
store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets);

/// Adds what is in another part of the store: no row is in two of them. Rows come one part after
/// the other.
void merge_snapshot(store_snapshot& whole, const store_snapshot& part);

} // namespace xprober
