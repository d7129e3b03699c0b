#pragma once

#include <optional>

#include "xprober/domain/believed_clock.hpp"

namespace xprober {

/// This server's own clock, but for steps that pass (`believed_clock`). At a machine's start it can
/// be off by hours or years until NTP has set it, and the first that it says is believed. So
/// whatever drops something for good by its age waits until the clock is proven.
class server_clock {
public:
  /// A first time that is wrong is believed for one patience after it was put right.
  static constexpr nanoseconds probation = 2 * believed_clock::patience;

  /// What time it is. `now` is of the actor's own clock; reads come in order.
  wall_time read(monotonic_time now) noexcept { return read(now, wall_clock::now(), since_boot()); }
  wall_time read(monotonic_time now, wall_time wall, nanoseconds since_boot) noexcept {
    first_ = first_.value_or(now);
    last_ = now;
    return believed_.now(wall, since_boot);
  }

  /// As of the last read: it has been read for `probation`, and nothing speaks against it.
  bool is_proven() const noexcept {
    return first_ && last_ - *first_ >= probation && !believed_.is_doubting();
  }

  /// How often another time was believed.
  std::uint64_t steps() const noexcept { return believed_.steps(); }

private:
  believed_clock believed_;
  std::optional<monotonic_time> first_;
  monotonic_time last_{};
};

} // namespace xprober
