#include "xprober/probes/stream/waiting_probes.hpp"

#include <utility>

namespace xprober::stream {

namespace {

std::uint64_t key_of(const job& item) { return stable_hash(item.request().target->uid); }

} // namespace

void waiting_probes::push(job&& item, monotonic_time now) {
  const bool quick = history_.empty() || history_.of(key_of(item), now) == pace::quick;
  auto& queue = quick ? quick_ : slow_;
  queue.push_back({std::move(item), arrivals_++});
}

void waiting_probes::push_yielded(job&& item, monotonic_time now) {
  history_.note(key_of(item), pace::slow, now);
  begun_ += item.begun() ? 1U : 0U;
  slow_.push_back({std::move(item), arrivals_++});
}

std::optional<waiting_probes::next_probe> waiting_probes::pop(const places& seats) {
  const auto first = [](const std::deque<waiter>& queue) {
    return queue.empty() ? std::nullopt : std::optional{queue.front().number};
  };
  const auto who = seats.next(first(quick_), first(slow_));
  if (!who) {
    return std::nullopt;
  }
  auto& queue = *who == pace::quick ? quick_ : slow_;
  next_probe next{std::move(queue.front().item), *who};
  queue.pop_front();
  begun_ -= next.item.begun() ? 1U : 0U;
  return next;
}

void waiting_probes::note(const target_spec& target, pace seen, monotonic_time now) {
  if (seen == pace::slow || !history_.empty()) {
    history_.note(stable_hash(target.uid), seen, now);
  }
}

std::vector<job> waiting_probes::take_all() {
  std::vector<job> all;
  all.reserve(size());
  for (auto* queue : {&quick_, &slow_}) {
    for (auto& one : *queue) {
      all.push_back(std::move(one.item));
    }
    queue->clear();
  }
  begun_ = 0;
  return all;
}

} // namespace xprober::stream
