#include "xprober/probes/icmp/echo_sender.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "xprober/probes/icmp/clock_bridge.hpp"

namespace xprober::icmp {

namespace {

/// Messages of one system call: below 64 its overhead shows; the larger it is the coarser are the
/// stamps between its beginning and its end.
constexpr std::size_t batch_size = 64;

/// How long to wait for room in a network device's queue.
constexpr auto device_retry = milliseconds{1};

/// Each try takes the pending errors away, so what comes back every time is the send's own.
constexpr int send_tries = 3;

bool is_lack_of_room(int error) noexcept {
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

} // namespace

bool waited_too_long(const probe_slot& slot, monotonic_time now) noexcept {
  const auto patience = std::min(slot.via->config.timeout, slot.via->config.deadline / 2);
  return slot.probe.next_number() == 0 && now - slot.begun > patience;
}

echo_sender::echo_sender(services use) : use_(std::move(use)), batch_(batch_size) {}

void echo_sender::stage(endpoint& via) {
  batch_.clear();
  staged_.clear();
  const monotonic_time now = monotonic_clock::now();
  while (!batch_.full() && !via.queue.empty()) {
    const queued_echo item = via.queue.pop();
    const probe_slot* s = use_.probes.find(item.slot, item.generation);
    if (s == nullptr) {
      continue; // the probe ended while its echo waited
    }
    if (waited_too_long(*s, now)) {
      use_.events.gave_up_waiting(item.slot);
      continue;
    }
    const echo_tag tag{item.slot, item.generation, s->probe.next_number()};
    const std::uint16_t sequence = via.next_sequence++;
    via.remember(sequence, tag);
    const echo_filler& filler = s->via->filler;
    write_echo_head(via.socket.family(), via.socket.id(), sequence, use_.signer, tag, filler.sum,
                    batch_.add(s->address, filler.bytes));
    staged_.push_back(item);
  }
}

bool echo_sender::send_some(const std::shared_ptr<endpoint>& via) {
  if (via->blocked || via->queue.empty()) {
    return false;
  }
  stage(*via);
  std::size_t position = 0;
  int tries = 0;
  while (position < staged_.size()) {
    const monotonic_time before = monotonic_clock::now();
    const echo_socket::send_result result = via->socket.send(batch_, position);
    told_sent(position, result.sent, before, monotonic_clock::now());
    position += result.sent;
    if (result.sent != 0) {
      tries = 0;
      continue;
    }
    if (is_lack_of_room(result.error)) {
      block(via, result.error, position);
      break;
    }
    use_.take_errors(*via);
    if (++tries >= send_tries) {
      ++use_.counters.send_errors;
      use_.events.echo_refused(staged_[position], result.error);
      ++position;
      tries = 0;
    }
  }
  return true;
}

void echo_sender::told_sent(std::size_t from, std::size_t count, monotonic_time before,
                            monotonic_time after) {
  const bool exact = pace_.undisturbed(after - before, count);
  use_.counters.echo_sent += count;
  use_.counters.sent_inexact += exact ? 0U : count;
  for (std::size_t i = 0; i < count; ++i) {
    use_.events.echo_sent(staged_[from + i], interpolate_send_time(before, after, i, count), exact);
  }
}

void echo_sender::block(const std::shared_ptr<endpoint>& via, int error, std::size_t from) {
  use_.counters.send_blocked += staged_.size() - from;
  via->queue.put_back(staged_.data() + from, staged_.data() + staged_.size());
  via->blocked = true;
  auto go_on = [this, via](const boost::system::error_code& canceled) {
    via->blocked = false;
    if (!canceled) {
      use_.room();
    }
  };
  if (error == EAGAIN) {
    via->watch();
    via->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_write, std::move(go_on));
  } else {
    via->retry.expires_after(device_retry);
    via->retry.async_wait(std::move(go_on));
  }
}

} // namespace xprober::icmp
