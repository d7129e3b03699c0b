#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <time.h>

namespace xprober {

/// Time for durations and schedules: never steps.
using monotonic_clock = std::chrono::steady_clock;
using monotonic_time = monotonic_clock::time_point;

/// Time as people and other machines name it: can step, so only ever reported.
using wall_clock = std::chrono::system_clock;
using wall_time = wall_clock::time_point;

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Since the machine's boot, with the time that it slept; never steps.
inline nanoseconds since_boot() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

/// From now on, rounded up; at least one, so that what is over is still tried for a moment.
inline milliseconds time_left(monotonic_time until) noexcept {
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(until - monotonic_clock::now()));
}

/// Seconds since 1970-01-01 UTC.
inline std::int64_t to_unix_seconds(wall_time t) noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

/// Milliseconds since 1970-01-01 UTC.
inline std::int64_t to_unix_ms(wall_time t) noexcept {
  return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
}

/// A duration as a number of milliseconds with its fraction.
template <class Rep, class Period>
constexpr double to_ms(std::chrono::duration<Rep, Period> d) noexcept {
  return std::chrono::duration<double, std::milli>(d).count();
}

} // namespace xprober
