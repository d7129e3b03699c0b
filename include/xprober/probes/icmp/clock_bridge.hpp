#pragma once

#include <cstddef>

#include "xprober/domain/clock.hpp"

namespace xprober::icmp {

/// Both clocks read at the same moment.
struct clock_reading {
  monotonic_time monotonic{};
  nanoseconds wall{0};        ///< since 1970, CLOCK_REALTIME
  nanoseconds uncertainty{0}; ///< how far apart the two readings may lie
};

/// Reads the wall clock between two readings of the monotonic clock and takes their middle; the
/// narrowest of up to three tries where the thread was interrupted.
clock_reading read_clocks() noexcept;

/// Converts the kernel's receive stamps (CLOCK_REALTIME) to the monotonic clock, so that a step of
/// the wall clock cannot bend a round-trip time.
///
/// Each batch brings one reading of both clocks. A packet was stamped before that reading, and the
/// clock may have stepped between the two: then the offset before the step is the right one for
/// it. For a while after a step the bridge tries both and takes the later time that is not in the
/// future; where a step is smaller than the time a packet waited this errs by at most that time.
class clock_bridge {
public:
  /// An offset that moved by more than this between two readings is a step, not jitter.
  static constexpr nanoseconds step_threshold = std::chrono::microseconds{50};
  /// How long packets that were stamped before a step may wait in the socket.
  static constexpr nanoseconds step_memory = std::chrono::seconds{2};

  void observe(const clock_reading& reading) noexcept;

  /// The monotonic time of a kernel stamp, never after the last observed reading.
  monotonic_time to_monotonic(nanoseconds stamp) const noexcept;

private:
  nanoseconds offset_{0};       ///< wall minus monotonic
  nanoseconds previous_{0};     ///< the offset before the last step
  monotonic_time stepped_at_{}; ///< when the last step was seen
  bool stepped_ = false;        ///< `previous_` still counts
  bool observed_ = false;
  monotonic_time now_{}; ///< of the last reading
};

/// When message `index` of `count` left, if the system call that sent them began at `before` and
/// returned at `after`.
monotonic_time interpolate_send_time(monotonic_time before, monotonic_time after, std::size_t index,
                                     std::size_t count) noexcept;

} // namespace xprober::icmp
