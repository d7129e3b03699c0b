#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/store/snapshot.hpp"

namespace xprober::web {

/// The worst state that one of them is in: failing, degraded, and what says that all is well before
/// what says nothing (prober_fault, stale, never): where another agent gets through, it is well.
/// Nothing without any.
std::optional<series_state> worst_state(const state_numbers& counts) noexcept;

/// What the probes of one kind from a region to another come to.
struct region_pair {
  std::string_view source_region; ///< of the snapshot, as the other
  std::string_view target_region;
  measured_mean duration_ms;
  measured_mean loss_percent;
  measured_mean usual_ms;  ///< see `series_status`
  success_count successes; ///< of targets as agents saw them
  state_numbers states{};
  float failed = 0; ///< see probe_kind

  /// 1, or what the kind tells a failure by where all targets fail.
  float success() const noexcept { return successes.all_fail() ? failed : 1; }
};

/// The pairs of a kind, sorted by source and target; none for a kind that is not grouped by pairs.
/// Results of agents whose versions of the kind have other columns add up. `silent`: also those
/// whose results have stopped, or that were never reported, of which there are states alone.
/// `source_region` and `target_region`: only pairs of these; empty: of all.
std::vector<region_pair> region_pairs(const store_snapshot& store, std::string_view kind,
                                      bool silent = false, std::string_view source_region = {},
                                      std::string_view target_region = {});

/// The regions of all pairs of a kind, silent ones too; no more than `most` and some.
std::set<std::string_view> regions_of_pairs(const store_snapshot& store, std::string_view kind,
                                            std::size_t most);

/// The names of the kinds of a grouping: those of the table, then those that have results.
std::vector<std::string> kinds_grouped_by(const store_snapshot& store, result_group group);

} // namespace xprober::web
