#pragma once

#include <chrono>
#include <cstdint>

namespace xprober {

/// How long to wait before the next attempt after a failure: exponential with full jitter, so that
/// many agents which lost the same server do not come back together
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
///
/// Pure: the same seed gives the same waits.
class backoff {
public:
  using duration = std::chrono::milliseconds;

  /// The first wait is below `initial`, each later one below `factor` times the bound before, never
  /// above `max`. `initial` below 1 ms counts as 1 ms, `max` below `initial` as `initial`, and a
  /// `factor` below 1 as 1. `seed` should differ between processes.
  backoff(duration initial, duration max, double factor, std::uint64_t seed) noexcept;

  /// The wait before the next attempt: 1 ms to the present bound, evenly distributed; then raises
  /// the bound.
  duration next() noexcept;

  /// After a success: the next wait is a first one again.
  void reset() noexcept;

  /// Waits given since the start or the last `reset()`.
  std::uint32_t attempts() const noexcept { return attempts_; }

  /// The upper bound of the next wait.
  duration bound() const noexcept { return bound_; }

private:
  duration initial_;
  duration max_;
  double factor_;
  duration bound_;
  std::uint32_t attempts_ = 0;
  std::uint64_t state_;
};

} // namespace xprober
