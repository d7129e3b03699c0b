#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace simnet {

using std::chrono::nanoseconds;
/// CLOCK_MONOTONIC.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;

/// Items that wait for their time: a heap by it, and by the order of adding among equals. The items
/// stay where they are and are used again, with whatever memory they hold.
template <class Item>
class schedule {
public:
  /// A place for an item that is due at `due`, holding what some earlier item left there.
  Item& add(time_point due) {
    std::uint32_t place = 0;
    if (free_.empty()) {
      place = static_cast<std::uint32_t>(items_.size());
      items_.emplace_back();
    } else {
      place = free_.back();
      free_.pop_back();
    }
    heap_.push_back({due, added_++, place});
    std::push_heap(heap_.begin(), heap_.end(), later);
    return items_[place];
  }

  bool empty() const noexcept { return heap_.empty(); }
  std::size_t size() const noexcept { return heap_.size(); }

  std::optional<time_point> next_due() const noexcept {
    return heap_.empty() ? std::nullopt : std::optional{heap_.front().due};
  }

  /// The item that is due next, of a schedule that is not empty.
  Item& front() noexcept { return items_[heap_.front().place]; }

  void pop() {
    free_.push_back(heap_.front().place);
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
  }

private:
  struct waiting {
    time_point due;
    std::uint64_t order;
    std::uint32_t place;
  };

  static bool later(const waiting& a, const waiting& b) noexcept {
    return std::pair{a.due, a.order} > std::pair{b.due, b.order};
  }

  std::vector<waiting> heap_;
  std::vector<Item> items_;
  std::vector<std::uint32_t> free_;
  std::uint64_t added_ = 0;
};

} // namespace simnet
