#pragma once

#include <cstdint>

namespace xprober {

/// What time a result gets that an agent has sent. It is the one place where stamps are judged: all
/// that stores or compares them comes behind it.
///
/// A stamp is read by this server's clock: the agent's skew is taken out. One from further in the
/// future than `most_ahead_ms`, or older than `most_behind_ms`, is no time at all ("misdated"), and
/// the result counts when it arrived.
///
/// Nothing is left ahead of this server's clock for good, because the newest value of a series
/// wins: one stamp of a clock that is years ahead would hide all that come after the clock was set.
/// So the skew of a clock that is ahead by more than `most_ahead_ms` is taken out of the stamps
/// themselves. That of one behind stays in them, where it is no danger, and is noted beside them
/// (`kept_skew_ms`): then nothing jumps when this server's own clock was ahead for a while.
class row_clock {
public:
  /// As much as agents' clocks may differ after their skew is taken out, with room to spare.
  static constexpr std::int64_t most_ahead_ms = 60'000;
  /// A year and a day: no spool holds results for so long, and no reader wants them.
  static constexpr std::int64_t most_behind_ms = std::int64_t{366} * 86'400'000;
  /// A clock further behind than this is not followed into the past.
  static constexpr std::int64_t most_kept_skew_ms = 86'400'000;

  /// `arrived_ms`: Unix, by this server's clock. `skew_ms`: by how much the agent's is ahead; 0
  /// where it is not known.
  row_clock(std::int64_t arrived_ms, std::int64_t skew_ms) noexcept;

  struct judged {
    std::int64_t unix_ms = 0; ///< what the result is to be stamped with
    bool misdated = false;
  };
  judged judge(std::int64_t stamp_ms) const noexcept;

  /// What is still to be taken out of judged times to have them by this server's clock; 0 or below.
  std::int64_t kept_skew_ms() const noexcept { return kept_skew_ms_; }
  /// Whether results that are not misdated have to be stamped anew, too.
  bool moves_all() const noexcept { return skew_ms_ > most_ahead_ms; }

private:
  std::int64_t arrived_ms_;
  std::int64_t skew_ms_;
  std::int64_t kept_skew_ms_;
};

} // namespace xprober
