#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// How much a cause comes and goes: route flap damping (RFC 2439) for incidents. Each opening adds
/// a penalty, which halves every 15 minutes. The numbers are those that routers have had for it
/// (RFC 7196, section 3): 1000 for a flap, suppressed from 2000 on until 750, for an hour at most.
/// So the third opening within a quarter of an hour begins to flap, and its incident stays open
/// until nothing has come for 29 minutes.
class flap_penalty {
public:
  static constexpr double opening = 1000;
  static constexpr double suppress = 2000;
  static constexpr double reuse = 750;
  static constexpr std::chrono::minutes half_life{15};
  /// From there `reuse` is reached after four half-lives, an hour.
  static constexpr double most = 16 * reuse;
  /// Below, what was before is forgotten (RFC 2439, 4.2: half of the threshold of reuse).
  static constexpr double forgotten = reuse / 2;

  flap_penalty() = default;
  flap_penalty(double value, wall_time since) : value_(value), since_(since) {}

  double at(wall_time now) const noexcept {
    const std::chrono::duration<double> passed = std::max(now, since_) - since_;
    const std::chrono::duration<double> half = half_life;
    return value_ * std::exp2(-passed / half);
  }
  void add_opening(wall_time now) noexcept {
    value_ = std::min(at(now) + opening, most);
    since_ = std::max(now, since_);
  }

  /// A clock that was ahead when something was added does not keep it until it has come there.
  void set_clock(wall_time now) noexcept { since_ = std::min(since_, now); }

  double value() const noexcept { return value_; } ///< when it was added to last
  wall_time since() const noexcept { return since_; }

  bool operator==(const flap_penalty&) const = default;

private:
  double value_ = 0;
  wall_time since_{};
};

} // namespace xprober
