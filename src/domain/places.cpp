#include "xprober/domain/places.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

pace pace_history::of(std::uint64_t key, monotonic_time now) {
  return noted_slow(key, now) ? pace::slow : pace::quick;
}

std::optional<monotonic_time> pace_history::noted_slow(std::uint64_t key, monotonic_time now) {
  advance(now);
  for (const auto* noted : {&young_, &old_}) {
    if (const auto at = noted->find(key); at != noted->end()) {
      return at->second;
    }
  }
  return std::nullopt;
}

void pace_history::note(std::uint64_t key, pace seen, monotonic_time now) {
  advance(now);
  if (seen == pace::slow) {
    young_.insert_or_assign(key, now);
  } else if (size() > 0) {
    young_.erase(key);
    old_.erase(key);
  }
}

void pace_history::advance(monotonic_time now) {
  if (now - since_ < span) {
    return;
  }
  old_ = now - since_ < 2 * span ? std::move(young_) : times{};
  young_.clear();
  since_ = now;
}

void places::resize(std::size_t count, monotonic_clock::duration limit) noexcept {
  count_ = std::max<std::size_t>(count, 1);
  limit_ = limit;
}

std::optional<pace> places::next(std::optional<std::uint64_t> quick,
                                 std::optional<std::uint64_t> slow) const noexcept {
  if (held() >= count_) {
    return std::nullopt;
  }
  const bool slow_may = slow && slow_.size() < count_ - reserve();
  if (!quick) {
    return slow_may ? std::optional{pace::slow} : std::nullopt;
  }
  if (!slow_may) {
    return pace::quick;
  }
  const bool slow_first = reserve() > 0 ? slow_.size() < reserve() : *slow < *quick;
  return slow_first ? pace::slow : pace::quick;
}

places::ticket places::take(pace as, monotonic_time now, void* who) {
  auto& list = as == pace::quick ? young_ : slow_;
  const auto kind = as == pace::quick ? holder::kind::young : holder::kind::slow;
  if (spare_.empty()) {
    return list.insert(list.end(), holder{now, kind, who});
  }
  const auto taken = spare_.begin();
  *taken = holder{now, kind, who};
  list.splice(list.end(), spare_, taken);
  return taken;
}

std::list<places::holder>& places::list_of(ticket held) noexcept {
  switch (held->now) {
  case holder::kind::young: return young_;
  case holder::kind::aged: return aged_;
  case holder::kind::slow: return slow_;
  case holder::kind::leaving: break;
  }
  return leaving_;
}

void places::give_back(ticket held) noexcept {
  spare_.splice(spare_.begin(), list_of(held), held);
  if (spare_.size() > count_) {
    spare_.pop_back();
  }
}

std::optional<places::ticket> places::yielding(std::size_t quick_waiting, monotonic_time now) {
  while (!young_.empty() && now - young_.front().begun >= limit_) {
    young_.front().now = holder::kind::aged;
    aged_.splice(aged_.end(), young_, young_.begin());
  }
  if (aged_.empty() || held() < count_ || leaving_.size() >= quick_waiting) {
    return std::nullopt;
  }
  const auto chosen = std::prev(aged_.end());
  chosen->now = holder::kind::leaving;
  leaving_.splice(leaving_.end(), aged_, chosen);
  return chosen;
}

std::optional<monotonic_time> places::next_yield() const noexcept {
  return held() < count_ || young_.empty() ? std::nullopt
                                           : std::optional{young_.front().begun + limit_};
}

} // namespace xprober
