#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "xprober/domain/clock.hpp"

namespace xprober::icmp {

/// Wakes dense ids at their times, O(1) each. A ring of 1 ms buckets; a bucket is a doubly linked
/// list through a vector indexed by id, so nothing is allocated for a timer; a bitmap finds the
/// next bucket in use.
///
/// Wake-ups are promises "not later than", kept to the millisecond: an id has at most one, and an
/// id that wants to sleep longer than the ring is long is woken at the ring's end. Whoever is
/// woken looks what there is to do and asks again.
class timing_wheel {
public:
  static constexpr std::size_t bucket_count = 16384;
  static constexpr nanoseconds bucket_width = milliseconds{1};

  explicit timing_wheel(monotonic_time origin);

  /// Wakes `id` at `at` rounded up to the next bucket, unless it will be woken before that anyway.
  void wake_by(std::uint32_t id, monotonic_time at);

  /// Takes back the wake-up of `id`, if there is one.
  void cancel(std::uint32_t id) noexcept;

  bool scheduled(std::uint32_t id) const noexcept {
    return id < links_.size() && links_[id].bucket != none;
  }

  bool empty() const noexcept { return size_ == 0; }

  /// When the next id is due; nothing while there is none.
  std::optional<monotonic_time> next() const noexcept;

  /// Calls `wake(id)` for every id that is due at `now`. `wake` may call `wake_by` and `cancel`.
  template <class F>
  void advance(monotonic_time now, F&& wake) {
    const std::uint64_t target = tick_of(now);
    while (size_ != 0) {
      const std::uint64_t tick = current_ + distance_to_next();
      if (tick > target) {
        break;
      }
      current_ = tick;
      // Nothing can be added to this bucket meanwhile: wake_by goes to later ones only.
      for (std::uint32_t id = heads_[tick % bucket_count]; id != none;
           id = heads_[tick % bucket_count]) {
        unlink(id);
        wake(id);
      }
    }
    if (target > current_) {
      current_ = target;
    }
  }

private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  struct link {
    std::uint32_t next = none;
    std::uint32_t previous = none;
    std::uint32_t bucket = none;
  };

  std::uint64_t tick_of(monotonic_time at) const noexcept;
  std::uint64_t distance_to_next() const noexcept;
  void unlink(std::uint32_t id) noexcept;

  monotonic_time origin_;
  std::uint64_t current_ = 0; ///< the last tick that was looked at
  std::size_t size_ = 0;
  std::vector<link> links_;
  std::vector<std::uint32_t> heads_;
  std::array<std::uint64_t, bucket_count / 64> used_{};
};

} // namespace xprober::icmp
