#include "xprober/probes/icmp/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace xprober::icmp {

void echo_queue::push(queued_echo item) {
  constexpr std::size_t worth_moving = 4096;
  if (empty()) {
    items_.clear();
    head_ = 0;
  } else if (head_ > worth_moving && head_ > items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  items_.push_back(item);
}

void echo_queue::put_back(const queued_echo* first, const queued_echo* last) {
  const auto count = static_cast<std::size_t>(last - first);
  if (head_ < count) {
    items_.insert(items_.begin(), count - head_, queued_echo{});
    head_ = count;
  }
  head_ -= count;
  std::copy(first, last, items_.begin() + static_cast<std::ptrdiff_t>(head_));
}

endpoint::endpoint(boost::asio::io_context& io, echo_socket opened)
    : socket(std::move(opened)), descriptor(io), retry(io) {}

void endpoint::remember(std::uint16_t sequence, const echo_tag& tag) {
  constexpr std::size_t all = 65536;
  constexpr std::size_t step = 1024;
  if (sequence >= by_sequence_.size()) {
    // Room that is never touched costs nothing; moving the tags to a bigger place does.
    by_sequence_.reserve(all);
    by_sequence_.resize(std::min(sequence + step, all));
  }
  by_sequence_[sequence] = tag;
}

std::optional<echo_tag> endpoint::last_with(std::uint16_t sequence) const {
  return sequence < by_sequence_.size() ? std::optional{by_sequence_[sequence]} : std::nullopt;
}

endpoint& endpoint::out(probe_way way) noexcept {
  if (way == probe_way::open && !stuck) {
    return *this;
  }
  endpoint* outlet = outlets[way == probe_way::silent ? 1 : 0].get();
  while (outlet != nullptr && outlet->blocked && outlet->next) {
    outlet = outlet->next.get();
  }
  return outlet != nullptr ? *outlet : *this;
}

bool endpoint::may_wait() const noexcept {
  if (stamps != leaving_stamps::untried) {
    return stamps == leaving_stamps::come;
  }
  bool any = false; // what waits is in the send buffer
  each_outlet([&](const endpoint& outlet) { any = any || outlet.socket.buffered() != 0; });
  return any;
}

void endpoint::take_queue(endpoint& other) {
  while (!other.queue.empty()) {
    queue.push(other.queue.pop());
  }
}

endpoint::~endpoint() {
  if (descriptor.is_open()) {
    descriptor.release();
  }
}

void endpoint::watch() {
  if (!descriptor.is_open()) {
    descriptor.assign(socket.fd());
  }
}

void endpoint::unwatch() {
  if (descriptor.is_open() && !blocked) {
    descriptor.release();
    reading = false;
  }
}

void endpoint::cancel() {
  retry.cancel();
  if (descriptor.is_open()) {
    descriptor.cancel();
  }
}

drop_watch::news endpoint::note_drops(monotonic_time now) noexcept {
  const auto news = drops_.note(socket.memory());
  if (news.overflowed != 0) {
    main->overflow = now;
  }
  return news;
}

} // namespace xprober::icmp
