#pragma once

#include <cstdint>
#include <string>

#include "xprober/actors/messages/journal.hpp"
#include "xprober/actors/server/history_rows.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/storage/history.hpp"

namespace xprober {

/// Rolls up records of the journal, for as long as nothing else changes what it works on.
class history_intake {
public:
  /// Everything must live as long as this. Series above `max_series` are left out, and what was
  /// measured before `oldest` (Unix seconds).
  history_intake(storage::history& files, rollup_buffer& buffer, history_stats& counts,
                 std::uint64_t max_series, std::int64_t oldest)
      : files_(files), buffer_(buffer), counts_(counts), max_series_(max_series), oldest_(oldest) {}

  void roll_up(const journal_record& record);

private:
  void roll_up_batch(const journal_record& record);
  void roll_up_values(const journal_record& record);
  void add(history_place& place, std::int64_t unix_seconds, const measured_probe& probe);
  rollup* find_rollup(history_place& place, std::int64_t unix_seconds);

  storage::history& files_;
  rollup_buffer& buffer_;
  history_stats& counts_;
  std::uint64_t max_series_;
  std::int64_t oldest_;
  std::string body_; ///< of the batch that is read, kept for its memory
};

} // namespace xprober
