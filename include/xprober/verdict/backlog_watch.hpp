#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// For how long a source is waited for that delivers what it could not before.
///
/// As long as it gains: on average it must deliver at twice the pace at which it measures, with
/// `grace` for what is on its way, and what it was faster counts for `most_ahead` at most: one that
/// stops is waited for no longer. What it says of its backlog is believed as far as it was not
/// heard: nothing that is older than what was in already counts as gained. So a backlog of any
/// length is waited for, and nobody for longer than it was away and twice `grace`.
///
/// Deterministic, without a clock. Times are this server's.
class backlog_watch {
public:
  /// A push, a report and the way of both.
  static constexpr std::chrono::seconds grace{10};
  static constexpr std::chrono::seconds most_ahead{20};
  /// Of a source that was not heard before nothing older counts: as long as a lost one is kept.
  static constexpr std::chrono::hours longest{24};

  /// Results are in up to `reached`; nothing: it had no backlog when it was heard last, at `now`.
  void note(std::optional<wall_time> reached, wall_time now);
  /// It is not there. What it still has is waited for anew when it is back.
  void away() noexcept { counted_.reset(); }

  bool waits(wall_time now) const noexcept;

private:
  wall_time known_{};                ///< what it has is in up to here; the epoch: it was not heard
  std::optional<wall_time> counted_; ///< when `left_` was right; nothing: it is not waited for
  wall_clock::duration left_{};      ///< for so long it is waited for from then on
};

} // namespace xprober
