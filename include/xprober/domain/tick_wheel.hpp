#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

/// Decides when each target is due: once in a period, at a phase that depends on its hash alone.
///
/// The period is cut into slots of equal length; a slot holds the indices of its targets, and a
/// bitmap tells occupied slots apart, so that an idle wheel can sleep until the next one. Slots are
/// numbered from the monotonic clock's epoch: a restarted process finds the same phases again.
class tick_wheel {
public:
  /// `period` is rounded to a whole number of slots, at least one.
  explicit tick_wheel(nanoseconds period, nanoseconds slot = milliseconds{10});

  /// Puts a target in; its first due time is after `now`. A target that is in already moves.
  void add(target_index target, std::uint64_t hash, monotonic_time now);

  /// Takes a target out; nothing happens if it is not in.
  void remove(target_index target);

  /// Changes the period; every target finds its phase in the new one.
  void set_period(nanoseconds period, monotonic_time now);

  /// Calls `visit(target, due)` for everything that became due until `now`, in order of due time.
  /// After a delay of more than a whole period only the last period is visited; returns the
  /// number of visits that were left out for that.
  template <class Visit>
  std::uint64_t advance(monotonic_time now, Visit&& visit) {
    return advance_slots(now, [&](std::span<const target_index> targets, monotonic_time due) {
      for (const auto target : targets) {
        visit(target, due);
      }
    });
  }

  /// The same with all targets of a slot at once, which may be none: `visit(targets, due)`.
  template <class Visit>
  std::uint64_t advance_slots(monotonic_time now, Visit&& visit) {
    const auto target_slot = slot_number(now);
    const auto left_out = catch_up(target_slot);
    for (; next_slot_ <= target_slot; ++next_slot_) {
      const monotonic_time due{next_slot_ * slot_};
      visit(std::span<const target_index>{slots_[position(next_slot_)]}, due);
    }
    return left_out;
  }

  /// When the next occupied slot is due; nothing if no target is in.
  std::optional<monotonic_time> next_due() const;

  /// When the given target is due next; nothing if it is not in.
  std::optional<monotonic_time> due_of(target_index target) const;

  std::size_t size() const noexcept { return size_; }
  nanoseconds period() const noexcept { return slot_ * static_cast<std::int64_t>(slots_.size()); }

private:
  static constexpr std::uint32_t absent = 0xFFFFFFFF;

  struct place {
    std::uint64_t hash = 0;
    std::uint32_t slot = absent;
    std::uint32_t offset = 0; ///< in the slot's list
  };

  std::int64_t slot_number(monotonic_time t) const noexcept { return t.time_since_epoch() / slot_; }
  std::size_t position(std::int64_t slot) const noexcept {
    return static_cast<std::size_t>(slot % static_cast<std::int64_t>(slots_.size()));
  }
  std::uint64_t catch_up(std::int64_t target_slot);
  void insert(target_index target, std::uint64_t hash);
  std::optional<std::int64_t> next_occupied() const;

  nanoseconds slot_;
  std::vector<std::vector<target_index>> slots_;
  std::vector<std::uint64_t> occupied_; ///< one bit for each slot
  std::deque<place> places_;            ///< by target; grows block by block, without a long step
  std::int64_t next_slot_ = 0;          ///< the first that was not visited
  std::size_t size_ = 0;
};

} // namespace xprober
