#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// Counts of values in log-linear buckets: 32 buckets for each power of two, values below 64
/// exactly. A quantile is at most 1.6 % (1/64) away from the exact one; the maximum is exact.
///
/// Memory grows with the largest value seen: 4 KB up to 2^20, 16 KB at most.
class histogram {
public:
  void record(std::uint64_t value, std::uint64_t times = 1);

  /// Adds all that `other` has counted.
  void merge(const histogram& other);

  /// Forgets all values; keeps the memory.
  void clear() noexcept;

  /// The smallest value v with at least `q` (0 to 1) of all values at or below it, to the
  /// precision of the buckets. 0 when nothing was recorded.
  std::uint64_t quantile(double q) const noexcept;

  std::uint64_t max() const noexcept { return max_; }
  std::uint64_t count() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }

private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

/// What `windowed_histogram` knows of its window.
struct quantiles {
  std::uint64_t count = 0;
  std::uint64_t p50 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t max = 0;

  bool operator==(const quantiles&) const = default;
};

/// A histogram of the last minute or so: the window is cut into slices, each with a histogram of
/// its own, and the oldest slice is emptied for the newest. It covers between `slices - 1` and
/// `slices` of them. The time is an argument everywhere, so tests need no clock.
class windowed_histogram {
public:
  explicit windowed_histogram(std::chrono::seconds window = std::chrono::seconds{60},
                              std::size_t slices = 6);

  /// Records a value measured at `now`. A value older than the window is dropped.
  void record(monotonic_time now, std::uint64_t value, std::uint64_t times = 1);

  /// Adds all that `other` has counted, as if measured at `now`.
  void merge(monotonic_time now, const histogram& other);

  /// What the window that ends at `now` holds.
  quantiles summary(monotonic_time now) const;

  /// All values of the window that ends at `now` in one histogram.
  histogram merged(monotonic_time now) const;

  void clear() noexcept;

private:
  struct slice {
    std::int64_t number = -1; ///< which stretch of time it holds; -1: none yet
    histogram values;
  };

  std::int64_t slice_number(monotonic_time t) const noexcept;
  histogram* slice_at(monotonic_time now); ///< null: `now` is older than the window

  nanoseconds slice_width_;
  std::vector<slice> slices_;
};

} // namespace xprober
