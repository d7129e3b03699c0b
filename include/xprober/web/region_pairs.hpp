#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/store/snapshot.hpp"

namespace xprober::web {

/// What the probes of one kind from a region to another come to.
struct region_pair {
  std::string_view source_region; ///< of the snapshot, as the other
  std::string_view target_region;
  measured_mean duration_ms;
  measured_mean loss_percent;
  success_count successes; ///< of targets as agents saw them
  float failed = 0;        ///< see probe_kind

  /// 1, or what the kind tells a failure by where all targets fail.
  float success() const noexcept { return successes.all_fail() ? failed : 1; }
};

/// The pairs of a kind, sorted by source and target; none for a kind that is not grouped by pairs.
/// Results of agents whose versions of the kind have other columns add up.
std::vector<region_pair> region_pairs(const store_snapshot& store, std::string_view kind);

/// The names of the kinds of a grouping: those of the table, then those that have results.
std::vector<std::string> kinds_grouped_by(const store_snapshot& store, result_group group);

} // namespace xprober::web
