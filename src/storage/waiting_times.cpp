#include "xprober/storage/waiting_times.hpp"

#include <algorithm>

namespace xprober::storage {

void waiting_times::note(std::uint64_t id, std::int64_t unix_seconds) {
  if (times_.size() >= most) {
    for (std::size_t i = 1; i < most / 2; ++i) {
      times_[i] = times_[2 * i];
    }
    times_.resize(most / 2);
  }
  times_.push_back({id, unix_seconds});
}

void waiting_times::forget_through(std::uint64_t id) {
  while (!times_.empty() && times_.front().id <= id) {
    times_.pop_front();
  }
}

std::int64_t waiting_times::since(std::uint64_t id) const noexcept {
  const auto found = std::ranges::lower_bound(times_, id, {}, &beginning::id);
  return found == times_.end() ? 0 : found->unix_seconds;
}

std::int64_t waiting_times::oldest() const noexcept {
  return times_.empty() ? 0 : times_.front().unix_seconds;
}

} // namespace xprober::storage
