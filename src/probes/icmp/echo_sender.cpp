#include "xprober/probes/icmp/echo_sender.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "xprober/probes/icmp/clock_bridge.hpp"

namespace xprober::icmp {

namespace {

/// Messages of one system call: below 64 its overhead shows; the larger it is the coarser are the
/// stamps between its beginning and its end.
constexpr std::size_t sent_at_once = 64;

/// How long to wait for room in a network device's queue, and for room for a neighbour.
constexpr auto device_retry = milliseconds{1};
constexpr auto neighbour_retry = neighbours::table_good_for;

/// A full send buffer that has not changed for so long is full of packets that wait for their
/// neighbours: a device at 1 Mbit/s sends 12 KB meanwhile.
constexpr auto stuck_after = milliseconds{100};

/// Each try takes the pending errors away, so what comes back every time is the send's own.
constexpr int send_tries = 3;

/// Tries that may fail by ICMP errors of earlier echoes before others get their turn. A refusal is
/// one that no error of the same number came before.
constexpr int most_interrupted = 64;

/// How long to wait for room in a network device's queue. What waits at the outlets, first echoes,
/// has the first turn: else the trains of the probes that run take each place as it becomes free,
/// and targets that nothing is known of get none in time.
milliseconds device_pause(const endpoint& via) {
  bool first_echoes = false;
  via.each_outlet(
      [&](const endpoint& outlet) { first_echoes = first_echoes || !outlet.queue.empty(); });
  return first_echoes ? 2 * device_retry : device_retry;
}

bool is_lack_of_room(int error) noexcept {
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

} // namespace

bool waited_too_long(const probe_slot& slot, monotonic_time now) noexcept {
  const auto patience = std::min(slot.via->config.timeout, slot.via->config.deadline / 2);
  return slot.probe.next_number() == 0 && now - slot.probe.begun() > patience;
}

echo_sender::echo_sender(services use) : use_(std::move(use)), batch_(sent_at_once) {}

void echo_sender::stage(endpoint& via, std::size_t most) {
  batch_.clear();
  staged_.clear();
  const monotonic_time now = monotonic_clock::now();
  endpoint& replies = via.replies();
  std::size_t places = 0;
  while (!batch_.full() && !via.queue.empty()) {
    const queued_echo item = via.queue.front();
    const probe_slot* s = use_.probes.find(item.slot, item.generation);
    if (s == nullptr) {
      via.queue.pop(); // the probe ended while its echo waited
      continue;
    }
    if (waited_too_long(*s, now)) {
      via.queue.pop();
      use_.events.gave_up_waiting(item.slot);
      continue;
    }
    const bool has_place = s->silent_since != monotonic_time{};
    if (!has_place && places >= most) {
      break;
    }
    places += has_place ? 0U : 1U;
    via.queue.pop();
    const echo_tag tag{item.slot, item.generation, s->probe.next_number()};
    const std::uint16_t sequence = replies.next_sequence++;
    replies.remember(sequence, tag);
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
  if (via->is_outlet()) {
    return send_by_outlet(via);
  }
  stage(*via, sent_at_once);
  send_staged(via);
  return true;
}

bool echo_sender::send_by_outlet(const std::shared_ptr<endpoint>& via) {
  const auto buffered = via->socket.buffered();
  if (via->pace.may_hold() && via->pace.holds(buffered)) {
    ++use_.counters.send_blocked;
    retry_after(via, device_retry);
    return true;
  }
  const auto now = monotonic_clock::now();
  stage(*via, use_.nearby.room(via->socket.family(), via->for_silent, now));
  if (staged_.empty() && !via->queue.empty()) {
    via->lacked_neighbours = now;
    retry_after(via, neighbour_retry);
    return true;
  }
  via->used_at = now;
  const auto left = via->left;
  const auto count = send_staged(via);
  use_.take_errors(*via); // what did not have to wait has left by now
  via->pace.sent(buffered, via->socket.buffered(), count, std::min(via->left - left, count));
  return true;
}

/// Sends the batch, or as much of it as there is room for; how many messages that were.
std::size_t echo_sender::send_staged(const std::shared_ptr<endpoint>& via) {
  std::size_t position = 0;
  std::size_t count = 0;
  int tries = 0;
  int interrupted = 0;
  while (position < staged_.size()) {
    const monotonic_time before = monotonic_clock::now();
    const echo_socket::send_result result = via->socket.send(batch_, position);
    told_sent(*via, position, result.sent, before, monotonic_clock::now());
    position += result.sent;
    count += result.sent;
    if (result.sent != 0) {
      tries = 0;
      continue;
    }
    const bool no_neighbour = lacks_neighbour(*via, result.error);
    if (no_neighbour && !via->is_outlet() && via->outlets[0]) {
      // It must not hold up the others, whose neighbours are known.
      via->out(probe_way::unknown).queue.push(staged_[position++]);
      continue;
    }
    if (no_neighbour || is_lack_of_room(result.error)) {
      block(via, result.error, position);
      break;
    }
    // A packet filter refuses the echo itself, and tells of that by an ICMP error at once.
    via->send_error = result.error;
    const auto told = via->send_errors_told;
    use_.take_errors(*via);
    if (via->send_errors_told != told) {
      if (++interrupted < most_interrupted) {
        continue;
      }
      block(via, result.error, position);
      break;
    }
    if (++tries >= send_tries) {
      ++use_.counters.send_errors;
      use_.events.echo_refused(staged_[position], result.error);
      ++position;
      tries = 0;
    }
  }
  return count;
}

void echo_sender::told_sent(const endpoint& via, std::size_t from, std::size_t count,
                            monotonic_time before, monotonic_time after) {
  const bool exact = pace_.undisturbed(after - before, count);
  use_.counters.echo_sent += count;
  use_.counters.sent_inexact += exact ? 0U : count;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& item = staged_[from + i];
    const auto at = interpolate_send_time(before, after, i, count);
    if (via.is_outlet()) {
      use_.events.echo_handed(item, at);
    } else {
      use_.events.echo_sent(item, at, exact);
    }
  }
}

/// True if what the kernel had no room for is a neighbour, which over IPv6 is EINVAL.
bool echo_sender::lacks_neighbour(endpoint& via, int error) {
  const auto family = via.socket.family();
  const bool possible = error == ENOBUFS || (error == EINVAL && family == ip_family::ip6);
  const auto now = monotonic_clock::now();
  if (!possible || !use_.nearby.was_full(family, now)) {
    return false;
  }
  via.lacked_neighbours = now;
  return true;
}

void echo_sender::block(const std::shared_ptr<endpoint>& via, int error, std::size_t from) {
  use_.counters.send_blocked += staged_.size() - from;
  via->queue.put_back(staged_.data() + from, staged_.data() + staged_.size());
  if (error == EAGAIN) {
    wait_for_buffer(via);
  } else {
    const bool lacked = via->lacked_neighbours + neighbour_retry > monotonic_clock::now();
    retry_after(via, via->is_outlet() && lacked ? neighbour_retry : device_pause(*via));
  }
}

void echo_sender::wait_for_buffer(const std::shared_ptr<endpoint>& via) {
  via->watch();
  via->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_write,
                             [this, via](const boost::system::error_code& canceled) {
                               via->blocked = false;
                               via->stuck = false;
                               via->retry.cancel();
                               if (!canceled) {
                                 use_.room();
                               }
                             });
  via->blocked = true; // not before something is sure to end it
  if (via->is_outlet()) {
    use_.widen(via);
  } else if (via->outlets[0]) {
    via->buffered = via->socket.buffered();
    look_if_stuck(via);
  }
}

/// Nobody's packets that wait for their neighbour may hold up the others: as long as they do, all
/// leave by the outlets.
void echo_sender::look_if_stuck(const std::shared_ptr<endpoint>& via) {
  via->retry.expires_after(stuck_after);
  via->retry.async_wait([this, via](const boost::system::error_code& canceled) {
    if (canceled || !via->blocked) {
      return;
    }
    const auto buffered = via->socket.buffered();
    if (std::exchange(via->buffered, buffered) == buffered) {
      via->stuck = true;
      via->out(probe_way::open).take_queue(*via);
      use_.room();
    } else {
      look_if_stuck(via);
    }
  });
}

void echo_sender::retry_after(const std::shared_ptr<endpoint>& via, milliseconds delay) {
  via->retry.expires_after(delay);
  via->retry.async_wait([this, via](const boost::system::error_code& canceled) {
    via->blocked = false;
    if (!canceled) {
      use_.room();
    }
  });
  via->blocked = true;
}

} // namespace xprober::icmp
