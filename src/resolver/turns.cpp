#include "xprober/resolver/turns.hpp"

namespace xprober::dns {

void turns::wait(item& who, monotonic_time now) {
  const auto last = history_.noted_slow(who.key, now);
  who.known = last ? pace::slow : pace::quick;
  who.turn = {last.value_or(monotonic_time{}), arrivals_++};
  who.now = item::kind::waiting;
  queue_of(who).emplace(who.turn, &who);
}

turns::item* turns::next(monotonic_time now) {
  const auto first = [](const queue& of) {
    return of.empty() ? std::nullopt : std::optional{of.begin()->first.second};
  };
  const auto chosen = seats_.next(first(quick_), first(slow_));
  if (!chosen) {
    return nullptr;
  }
  auto& from = *chosen == pace::quick ? quick_ : slow_;
  auto& who = *from.begin()->second;
  from.erase(from.begin());
  who.place = seats_.take(*chosen, now, &who);
  who.now = item::kind::placed;
  return &who;
}

bool turns::make_room(monotonic_time now) {
  const auto held = seats_.yielding(quick_.size(), now);
  if (!held) {
    return false;
  }
  static_cast<item*>((*held)->who)->now = item::kind::overdue;
  seats_.give_back(*held);
  ++yielded_;
  return true;
}

std::optional<monotonic_time> turns::next_room() const noexcept {
  return quick_.empty() ? std::nullopt : seats_.next_yield();
}

void turns::leave(item& who) noexcept {
  if (who.now == item::kind::waiting) {
    queue_of(who).erase(who.turn);
  } else if (who.now == item::kind::placed) {
    seats_.give_back(who.place);
  }
  who.now = item::kind::idle;
}

} // namespace xprober::dns
