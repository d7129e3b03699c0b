#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "xprober/domain/history/history.hpp"
#include "xprober/domain/history/native_histogram.hpp"
#include "xprober/domain/history/rollup.hpp"
#include "xprober/domain/history/watched_targets.hpp"
#include "xprober/domain/wire/wire.hpp"

// How what agents push becomes what history rolls up: only what the store would take, and nothing
// for rows that say nothing of their target.

namespace xprober {

/// A series that probes are of, and where its reader counts them: the reader's own, empty at first.
/// As long as one batch is read, a series of a pair of regions has one such place.
struct history_place {
  history_key key;
  std::uint32_t number = 0; ///< in the history; 0: unknown
  std::int64_t start = 0;   ///< of the bucket that `values` is in
  rollup* values = nullptr; ///< where the last probe was counted
  native_histogram* histogram = nullptr;
  std::string agent{}; ///< the address of the one that measured
};

/// A batch out of the journal.
struct history_batch {
  std::string_view body; ///< unpacked
  std::uint32_t rows = 0;
  std::int64_t received_ms = 0; ///< Unix, when it came
  std::int64_t skew_ms = 0;     ///< to take out of its times
};

/// Calls `visit` for each row of a batch, and once more for that of a target that is watched, whose
/// place is of its own; its name is noted among those. Times are Unix ms by this server's clock
/// (the agent's skew is taken out), the second that of the batch's arrival.
void read_history_rows(
    const history_batch& batch, watched_targets& watched,
    const std::function<void(history_place& place, std::int64_t unix_ms, std::int64_t arrived_ms,
                             const measured_probe& probe)>& visit);

/// The same for each probe, whose values stand together; times are the stamps as they came.
void read_history_values(const std::vector<wire_value>& values, watched_targets& watched,
                         const std::function<void(history_place& place, std::int64_t unix_seconds,
                                                  const measured_probe& probe)>& visit);

} // namespace xprober
