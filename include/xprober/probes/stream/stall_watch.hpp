#pragma once

#include <algorithm>
#include <chrono>

#include "xprober/domain/clock.hpp"

namespace xprober::stream {

/// Knows how long a thread stood still: suspended with its machine, starved of a core, or busy with
/// one thing. The thread beats at every `interval`; a beat that comes later than `tolerance` was
/// kept from coming for so long.
class stall_watch {
public:
  static constexpr nanoseconds interval = std::chrono::milliseconds{50};
  /// As long as a tick may be late without counting as late.
  static constexpr nanoseconds usual_tolerance = std::chrono::milliseconds{50};

  explicit stall_watch(nanoseconds tolerance = usual_tolerance) noexcept : tolerance_(tolerance) {}

  nanoseconds tolerance() const noexcept { return tolerance_; }

  bool watching() const noexcept { return watching_; }

  /// The first beat is due after one interval.
  void begin(monotonic_time now) noexcept {
    watching_ = true;
    due_ = now + interval;
  }

  /// A beat; gives how long the thread had stood still, 0 if it is in time.
  nanoseconds beat(monotonic_time now) noexcept {
    const auto late = lateness(now);
    total_ += late;
    due_ = now + interval;
    return late;
  }

  /// No more beats until `begin`.
  void end() noexcept { watching_ = false; }

  /// When the next beat is due.
  monotonic_time due() const noexcept { return due_; }

  /// All the time so far in which the thread stood still, the stall that ends just now included.
  nanoseconds stalled(monotonic_time now) const noexcept { return total_ + lateness(now); }

private:
  nanoseconds lateness(monotonic_time now) const noexcept {
    const nanoseconds late = watching_ ? now - due_ : nanoseconds{0};
    return late > tolerance_ ? late : nanoseconds{0};
  }

  nanoseconds tolerance_;
  bool watching_ = false;
  monotonic_time due_{};
  nanoseconds total_{0};
};

} // namespace xprober::stream
