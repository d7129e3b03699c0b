#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "xprober/store/failure_runs.hpp"
#include "xprober/store/recent_results.hpp"
#include "xprober/store/series_memory.hpp"
#include "xprober/store/series_state.hpp"
#include "xprober/store/store_failures.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_values.hpp"
#include "xprober/store/stored_probe.hpp"

namespace xprober {

/// What a store remembers of its series beside what stands in their rows: the texts of their last
/// failures, these as runs, their last results where somebody looks at them, and up to when results
/// are of before a restart. Rows are told by their numbers, and hold their memory themselves.
class series_past {
public:
  /// Takes a probe into account. `latest` is what stands in the row with the probe's values, and
  /// `kind` is its kind. Nothing happens where it says nothing: its times alone do not tell whether
  /// it succeeded, or it was remembered over a restart.
  void note(slot row, series_memory& memory, const probe_values& latest, const stored_kind& kind,
            const stored_probe& probe);

  /// What was remembered of a series before a restart; the stamp of its last result: those up to it
  /// are no new ones.
  void restore(slot row, series_memory& memory, const series_status& status, float deviation_ms,
               std::uint32_t last_unix);
  /// The row has gone, with what it remembered.
  void erase(slot row, const series_memory& memory);

  series_status status(const series_memory& memory) const;
  /// Its last failures since the start, the oldest first.
  std::vector<failure_run> failures(slot row) const { return runs_.of(failures_, row); }
  /// Its last results, the oldest first: all there are once it was asked for, see `recent_results`.
  std::vector<past_result> results(slot row, const series_memory& memory,
                                   const probe_values& latest, const stored_kind& kind) const;

  /// The texts that `series_memory::failure` is a number of.
  const store_failures& texts() const noexcept { return failures_; }

private:
  void set_failure(series_memory& memory, const store_failures::texts& texts);

  mutable store_failures failures_; ///< see `recent_`
  failure_runs runs_;
  mutable recent_results recent_;                    ///< a question begins to keep what it asks for
  std::unordered_map<slot, std::uint32_t> restored_; ///< rows, with the stamp of the last result
};

} // namespace xprober
