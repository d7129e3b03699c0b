#include "xprober/probes/icmp/clock_bridge.hpp"

#include <algorithm>

#include <time.h>

namespace xprober::icmp {

namespace {

nanoseconds read_wall() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

} // namespace

clock_reading read_clocks() noexcept {
  // Two undisturbed readings of the clock take well under this.
  constexpr nanoseconds narrow = std::chrono::microseconds{1};
  clock_reading best;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const monotonic_time before = monotonic_clock::now();
    const nanoseconds wall = read_wall();
    const monotonic_time after = monotonic_clock::now();
    const nanoseconds width = after - before;
    if (attempt == 0 || width < best.uncertainty) {
      best = {before + width / 2, wall, width};
    }
    if (width <= narrow) {
      break;
    }
  }
  return best;
}

void clock_bridge::observe(const clock_reading& reading) noexcept {
  now_ = reading.monotonic;
  const nanoseconds offset = reading.wall - reading.monotonic.time_since_epoch();
  if (!observed_) {
    offset_ = offset;
    observed_ = true;
    return;
  }
  const nanoseconds moved = std::chrono::abs(offset - offset_);
  if (moved > step_threshold + reading.uncertainty) {
    previous_ = offset_;
    offset_ = offset;
    stepped_ = true;
    stepped_at_ = now_;
    return;
  }
  // A reading that was disturbed by more than it differs says nothing new.
  if (moved > reading.uncertainty) {
    offset_ = offset;
  }
  if (stepped_ && now_ - stepped_at_ > step_memory) {
    stepped_ = false;
  }
}

monotonic_time clock_bridge::to_monotonic(nanoseconds stamp) const noexcept {
  const monotonic_time converted{stamp - offset_};
  if (!stepped_) {
    return std::min(converted, now_);
  }
  const monotonic_time before_step{stamp - previous_};
  const auto [earlier, later] = std::minmax(converted, before_step);
  return later <= now_ ? later : std::min(earlier, now_);
}

monotonic_time interpolate_send_time(monotonic_time before, monotonic_time after, std::size_t index,
                                     std::size_t count) noexcept {
  if (count == 0 || after <= before) {
    return before;
  }
  return before +
         (after - before) * static_cast<std::int64_t>(index) / static_cast<std::int64_t>(count);
}

} // namespace xprober::icmp
