#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <boost/asio/post.hpp>

#include "engine_loop.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/icmp_error.hpp"

namespace xprober::icmp {

namespace {

/// Rounds of receiving and sending before other handlers of the thread get their turn: about 6 ms.
constexpr int rounds_per_turn = 16;

/// How long to wait for room in a network device's queue.
constexpr auto device_retry = milliseconds{1};

/// A pending ICMP error of an earlier packet can be reported in the place of a send's own result.
/// Each try takes the pending ones away, so what comes back every time is the send's own.
constexpr int send_tries = 3;

} // namespace

namespace {

void tell_sent(lane_story& story, std::uint32_t number, monotonic_time at) {
  if (!std::exchange(story.sent, true)) {
    story.more->setup = std::max(at - story.resolved, nanoseconds{0});
  }
  story.add_line("Sent an echo request", {{"number", std::to_string(number)}});
}

} // namespace

void engine_loop::request_pump() {
  if (!pump_requested_) {
    pump_requested_ = true;
    boost::asio::post(io_, [this] { pump(); });
  }
}

void engine_loop::pump() {
  if (stopping_) {
    return;
  }
  // Stays set while pumping, so that probes which queue an echo do not ask for another turn.
  pump_requested_ = true;
  for (const auto& via : endpoints_) {
    if (!via->queue.empty()) {
      via->unwatch();
    }
  }
  bool busy = true;
  for (int round = 0; busy && round < rounds_per_turn; ++round) {
    busy = false;
    for (const auto& via : endpoints_) {
      // One that nothing is sent through says by itself when something has come.
      if (via->reading && via->queue.empty()) {
        continue;
      }
      busy = receive_backlog(*via) || busy;
      busy = send_some(*via) || busy;
    }
  }
  pump_requested_ = false;
  if (busy) {
    request_pump();
  } else {
    drop_unused_endpoints();
    for (const auto& via : endpoints_) {
      wait_readable(via);
    }
  }
  arm_timer();
  arm_report();
}

bool engine_loop::receive_some(endpoint& via) {
  if (via.socket.receive(incoming_)) {
    return take_errors(via);
  }
  if (incoming_.size() == 0) {
    return false;
  }
  const clock_reading reading = read_clocks();
  bridge_.observe(reading);
  for (std::size_t i = 0; i < incoming_.size(); ++i) {
    take_packet(via, i, reading.monotonic);
  }
  return true;
}

void engine_loop::note_drops(endpoint& via, monotonic_time now) {
  const auto news = via.note_drops(now);
  counters_.receive_overflow += news.overflowed;
  counters_.foreign += news.refused;
}

bool engine_loop::receive_backlog(endpoint& via) {
  // Nothing is sent before what has arrived is taken: our own echoes' replies cannot pile up.
  bool any = false;
  note_drops(via, monotonic_clock::now());
  for (int round = 0; round < rounds_per_turn && receive_some(via); ++round) {
    any = true;
    if (incoming_.size() < incoming_.capacity()) {
      break;
    }
  }
  return any;
}

void engine_loop::receive_all(endpoint& via, monotonic_time until) {
  // Whatever arrived by `until` fits the socket's buffer, so this ends. An ICMP error that comes
  // in between is reported in the place of packets: hence the second look at an empty socket.
  int empty = 0;
  while (empty < 2) {
    receive_some(via);
    if (incoming_.size() == 0) {
      ++empty;
      continue;
    }
    const received_packet last = incoming_.packet(incoming_.size() - 1);
    if (incoming_.size() < incoming_.capacity() || bridge_.to_monotonic(last.stamp) > until) {
      return;
    }
  }
}

void engine_loop::take_packet(endpoint& via, std::size_t index, monotonic_time now) {
  const received_packet packet = incoming_.packet(index);
  const ip_family family = via.socket.family();
  std::optional<echo_view> reply;
  host_address source;
  std::uint8_t ttl = packet.ttl;
  bool sound = true;
  if (family == ip_family::ip4 && via.socket.is_raw()) {
    if (const auto ip = parse_ip4(packet.bytes)) {
      source = ip->source;
      sound = checksum_holds(ip->body); // raw sockets get packets before the kernel checks it
      ttl = ip->ttl;
      reply = parse_reply(family, ip->body);
    }
  } else {
    source = incoming_.source(index);
    reply = parse_reply(family, packet.bytes);
  }
  const auto tag =
      sound && reply && reply->id == via.socket.id() ? signer_.read(reply->payload) : std::nullopt;
  if (!tag) {
    ++counters_.foreign;
    return;
  }
  probe_slot* s = find(tag->slot, tag->generation);
  if (s == nullptr) {
    ++counters_.late;
    return;
  }
  if (s->state != probe_slot::phase::probing || !same_host(source, s->address) ||
      !has_filler(reply->payload, s->via->filler)) {
    ++counters_.foreign;
    return;
  }
  const monotonic_time at = packet.stamp.count() != 0 ? bridge_.to_monotonic(packet.stamp) : now;
  receive_gap_us_.record(static_cast<std::uint64_t>((now - at) / std::chrono::microseconds{1}));
  switch (s->probe.reply(tag->number, at)) {
  case reply_kind::counted:
    ++counters_.echo_received;
    s->reply_ttl = ttl;
    if (auto* story = s->via->story.get()) {
      story->add_line("Found matching reply packet", {{"number", std::to_string(tag->number)},
                                                      {"hop_limit", std::to_string(ttl)}});
    }
    break;
  case reply_kind::late: ++counters_.late; break;
  case reply_kind::duplicate: ++counters_.duplicate; return;
  case reply_kind::unexpected: ++counters_.foreign; return;
  }
  advance(tag->slot, now);
}

bool engine_loop::gave_up_waiting(const probe_slot& slot, monotonic_time now) noexcept {
  // Past this, sending it would only take the time of probes that can still be on time.
  const auto patience = std::min(slot.via->config.timeout, slot.via->config.deadline / 2);
  return slot.probe.next_number() == 0 && now - slot.begun > patience;
}

void engine_loop::shed(std::uint32_t index) {
  const probe_slot& s = slots_[index];
  const auto waited = std::chrono::duration_cast<milliseconds>(monotonic_clock::now() - s.begun);
  end(index, probe_error::local_overload,
      "no echo to " + to_string(s.address) + " could be sent for " +
          std::to_string(waited.count()) +
          " ms: there is more to send than this machine or its network device can");
}

void engine_loop::stage(endpoint& via) {
  outgoing_.clear();
  staged_.clear();
  const monotonic_time now = monotonic_clock::now();
  while (!outgoing_.full() && !via.queue.empty()) {
    const queued_echo item = via.queue.pop();
    const probe_slot* s = find(item.slot, item.generation);
    if (s == nullptr) {
      continue; // the probe ended while its echo waited
    }
    if (gave_up_waiting(*s, now)) {
      shed(item.slot);
      continue;
    }
    const echo_tag tag{item.slot, item.generation, s->probe.next_number()};
    const std::uint16_t sequence = via.next_sequence++;
    via.remember(sequence, tag);
    const echo_filler& filler = s->via->filler;
    write_echo_head(via.socket.family(), via.socket.id(), sequence, signer_, tag, filler.sum,
                    outgoing_.add(s->address, filler.bytes));
    staged_.push_back(item);
  }
}

bool engine_loop::send_some(endpoint& via) {
  if (via.blocked || via.queue.empty()) {
    return false;
  }
  stage(via);
  std::size_t position = 0;
  int tries = 0;
  while (position < staged_.size()) {
    const monotonic_time before = monotonic_clock::now();
    const echo_socket::send_result result = via.socket.send(outgoing_, position);
    const monotonic_time after = monotonic_clock::now();
    const bool exact = send_pace_.undisturbed(after - before, result.sent);
    for (std::size_t i = 0; i < result.sent; ++i) {
      echo_sent(staged_[position + i], interpolate_send_time(before, after, i, result.sent), exact);
    }
    position += result.sent;
    if (result.sent != 0) {
      tries = 0;
      continue;
    }
    if (result.error == EAGAIN || result.error == ENOBUFS || result.error == ENOMEM) {
      block(via, result.error, position);
      break;
    }
    take_errors(via);
    if (++tries >= send_tries) {
      send_failed(staged_[position], result.error);
      ++position;
      tries = 0;
    }
  }
  return true;
}

void engine_loop::echo_sent(const queued_echo& item, monotonic_time at, bool exact) {
  ++counters_.echo_sent;
  counters_.sent_inexact += exact ? 0U : 1U;
  if (probe_slot* s = find(item.slot, item.generation)) {
    if (auto* story = s->via->story.get()) {
      tell_sent(*story, s->probe.next_number(), at);
    }
    s->probe.sent(at, exact);
    advance(item.slot, at);
  }
}

void engine_loop::send_failed(const queued_echo& item, int error) {
  ++counters_.send_errors;
  if (probe_slot* s = find(item.slot, item.generation)) {
    s->trouble =
        "cannot send to " + to_string(s->address) + ": " + std::generic_category().message(error);
    s->probe.send_failed();
    advance(item.slot, monotonic_clock::now());
  }
}

void engine_loop::block(endpoint& via, int error, std::size_t from) {
  counters_.send_blocked += staged_.size() - from;
  via.queue.put_back(staged_.data() + from, staged_.data() + staged_.size());
  via.blocked = true;
  const auto it = std::find_if(endpoints_.begin(), endpoints_.end(),
                               [&](const auto& e) { return e.get() == &via; });
  auto go_on = [this, held = *it](const boost::system::error_code& canceled) {
    held->blocked = false;
    if (!canceled) {
      request_pump();
    }
  };
  if (error == EAGAIN) {
    via.watch();
    via.descriptor.async_wait(boost::asio::posix::descriptor_base::wait_write, std::move(go_on));
  } else {
    via.retry.expires_after(device_retry);
    via.retry.async_wait(std::move(go_on));
  }
}

bool engine_loop::take_errors(endpoint& via) {
  // A quoted header, head and some extension headers of IPv6: the rest tells nothing more.
  std::array<std::uint8_t, 256> quoted;
  bool any = false;
  while (const auto error = via.socket.take_error(quoted)) {
    any = true;
    take_error(via, *error);
  }
  return any;
}

void engine_loop::note_error(probe_slot& slot, const queued_error& error, std::string_view text) {
  constexpr std::size_t most_kinds = 8;
  std::string router = to_string(error.offender);
  const auto known = std::find_if(slot.errors.begin(), slot.errors.end(), [&](const auto& e) {
    return e.type == error.type && e.code == error.code && e.router == router;
  });
  if (known != slot.errors.end()) {
    ++known->count;
  } else if (slot.errors.size() < most_kinds) {
    slot.errors.push_back({error.type, error.code, 1, text, std::move(router)});
  }
}

void engine_loop::take_error(endpoint& via, const queued_error& error) {
  const auto request = parse_quoted_request(via.socket.family(), error.quoted);
  if (!error.is_icmp || !request || request->id != via.socket.id()) {
    return; // raw sockets see the errors of other programs' echoes too
  }
  // By the tag where enough was quoted, else by what last had the sequence number; the
  // destination has to fit either way.
  auto tag = signer_.read(request->payload);
  if (!tag && request->payload.size() < echo_tag_size) {
    tag = via.last_with(request->sequence);
  }
  probe_slot* s = tag ? find(tag->slot, tag->generation) : nullptr;
  if (s == nullptr || s->state != probe_slot::phase::probing ||
      !same_host(error.destination, s->address)) {
    if (!tag) {
      ++counters_.foreign;
    }
    return;
  }
  ++counters_.icmp_errors;
  const error_meaning meaning = explain_icmp_error(via.socket.family(), error.type, error.code);
  note_error(*s, error, meaning.text);
  if (meaning.error == probe_error::none || !s->probe.icmp_error(tag->number, meaning.error)) {
    return;
  }
  s->trouble = to_string(s->address) + ": " + std::string(meaning.text) + " (code " +
               std::to_string(error.code) + "), says " + to_string(error.offender);
  advance(tag->slot, monotonic_clock::now());
}

void engine_loop::wait_readable(const std::shared_ptr<endpoint>& via) {
  if (via->reading) {
    return;
  }
  via->reading = true;
  via->watch();
  via->descriptor.async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [this, held = std::weak_ptr<endpoint>(via)](const boost::system::error_code& canceled) {
        const auto e = held.lock();
        if (!e || canceled) {
          return;
        }
        e->reading = false;
        take_errors(*e);
        pump();
      });
}

void engine_loop::arm_timer() {
  const auto next = wheel_.next();
  if (!next || (timer_armed_ && timer_at_ <= *next)) {
    return;
  }
  timer_armed_ = true;
  timer_at_ = *next;
  timer_.expires_at(*next);
  timer_.async_wait([this](const boost::system::error_code& canceled) {
    if (!canceled) {
      timer_armed_ = false;
      on_timer();
    }
  });
}

void engine_loop::on_timer() {
  if (stopping_) {
    return;
  }
  // What arrived by now is fed in before anything is called lost, however late this thread runs.
  const monotonic_time now = monotonic_clock::now();
  pump_requested_ = true;
  for (const auto& via : endpoints_) {
    take_errors(*via);
    note_drops(*via, now);
    receive_all(*via, now);
  }
  wheel_.advance(now, [&](std::uint32_t index) { wake(index, now); });
  pump();
}

void engine_loop::arm_report() {
  if (report_armed_ || !options_.report) {
    return;
  }
  report_armed_ = true;
  report_timer_.expires_after(options_.report_interval);
  report_timer_.async_wait([this](const boost::system::error_code& canceled) {
    if (!canceled) {
      report_armed_ = false;
      report();
    }
  });
}

void engine_loop::report() {
  if (!options_.report) {
    return;
  }
  engine_report all;
  all.kind = kinds::icmp().name;
  all.probes = probes_;
  all.counters = counters_.described();
  all.dns = resolver_ ? resolver_->counters() : dns_counters{};
  all.receive_gap_us = std::make_shared<const histogram>(receive_gap_us_);
  options_.report(all);
  receive_gap_us_.clear();
}

} // namespace xprober::icmp
