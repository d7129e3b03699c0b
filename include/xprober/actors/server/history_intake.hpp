#pragma once

#include <cstdint>
#include <string>

#include "xprober/actors/messages/journal.hpp"
#include "xprober/actors/server/history_histograms.hpp"
#include "xprober/actors/server/history_rows.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/storage/history.hpp"

namespace xprober {

/// Rolls up records of the journal, for as long as nothing else changes what it works on.
class history_intake {
public:
  /// Everything must live as long as this. Series above `max_series` are left out, and what was
  /// measured before `oldest` (Unix seconds); in histograms, which know no time, it counts. `now`
  /// is `unix_seconds` by another clock.
  history_intake(storage::history& files, rollup_buffer& buffer, watched_targets& watched,
                 history_histograms& histograms, history_stats& counts, std::uint64_t max_series,
                 std::int64_t oldest, std::int64_t unix_seconds, monotonic_time now)
      : files_(files), buffer_(buffer), watched_(watched), histograms_(histograms), counts_(counts),
        max_series_(max_series), oldest_(oldest), unix_seconds_(unix_seconds), now_(now) {}

  void roll_up(const journal_record& record);

private:
  void roll_up_batch(const journal_record& record);
  void roll_up_values(const journal_record& record);
  void add(history_place& place, std::int64_t unix_seconds, const measured_probe& probe);
  void observe(history_place& place, const measured_probe& probe);
  void count_moved(const history_place& place, bool moved);
  void note_omitted(const history_place& place);
  rollup* find_rollup(history_place& place, std::int64_t unix_seconds);

  storage::history& files_;
  rollup_buffer& buffer_;
  watched_targets& watched_;
  history_histograms& histograms_;
  history_stats& counts_;
  std::uint64_t max_series_;
  std::int64_t oldest_;
  std::int64_t unix_seconds_;
  monotonic_time now_;
  bool observes_ = false; ///< the record counts in histograms
  std::string body_;      ///< of the batch that is read, kept for its memory
};

} // namespace xprober
