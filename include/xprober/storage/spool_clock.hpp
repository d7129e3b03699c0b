#pragma once

#include <cstdint>

#include "xprober/domain/believed_clock.hpp"
#include "xprober/domain/clock.hpp"

namespace xprober::storage {

/// What is to be taken out of the times of results, where this machine's clock has made a step that
/// passes. A result is from just now, so of two clocks it was measured by the one that is nearer.
/// The other one counts while the clock is off and for a patience (`believed_clock`) after it.
class spool_clock {
public:
  /// How far the wall clock is from what it is believed to be.
  wall_clock::duration watch(wall_time wall, nanoseconds since_boot) noexcept {
    const auto off = wall - believed_.now(wall, since_boot);
    const auto steps = believed_.steps();
    if (off != off.zero()) {
      other_ = off;
      off_at_ = since_boot;
    } else if (steps != steps_ || since_boot - off_at_ >= believed_clock::patience) {
      other_ = other_.zero();
    }
    steps_ = steps;
    return off;
  }

  /// What is to be added to the time of a result that began at `started`, when it is believed to be
  /// `now`.
  milliseconds correction(wall_time started, wall_time now) const noexcept {
    const auto away = started - now;
    return distance(away - other_) < distance(away)
               ? -std::chrono::duration_cast<milliseconds>(other_)
               : milliseconds{0};
  }

  /// How often another time was believed.
  std::uint64_t steps() const noexcept { return steps_; }

private:
  static wall_clock::duration distance(wall_clock::duration d) noexcept {
    return d < d.zero() ? -d : d;
  }

  believed_clock believed_;
  std::uint64_t steps_ = 0;
  wall_clock::duration other_{0}; ///< how far the clock was off in the last step
  nanoseconds off_at_{0};         ///< when that was seen last, since the boot
};

} // namespace xprober::storage
