#include "xprober/probes/icmp/echo_receiver.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <utility>

#include "xprober/base/prefetch.hpp"
#include "xprober/probes/icmp/icmp_error.hpp"

namespace xprober::icmp {

namespace {

/// Messages of one system call; above 128 nothing is gained.
constexpr std::size_t taken_at_once = 128;

/// Batches that are received before others get their turn.
constexpr int batches_in_a_row = 16;

/// A packet that may be a reply.
struct arrived {
  std::optional<echo_view> reply;
  host_address source;
  std::uint8_t ttl = 0;
  bool sound = true; ///< its checksum is right
};

/// Bytes of a probe's echo requests, with the IP header.
std::size_t packet_size(const probe_slot& slot) noexcept {
  const std::size_t ip = slot.address.family == ip_family::ip4 ? 20 : 40;
  return ip + echo_header_size + slot.via->config.size;
}

void note_error(probe_slot& slot, const queued_error& error, std::string_view text) {
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

} // namespace

echo_receiver::echo_receiver(services use) : use_(use), batch_(taken_at_once) {}

bool echo_receiver::receive_some(endpoint& via) {
  if (via.socket.receive(batch_)) {
    return take_errors(via);
  }
  if (batch_.size() == 0) {
    return false;
  }
  const clock_reading reading = read_clocks();
  bridge_.observe(reading);
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    try {
      take_packet(via, i, reading.monotonic);
    } catch (...) { // the others of the batch are taken
      use_.events.not_taken(batch_.packet(i).bytes, std::current_exception());
    }
  }
  return true;
}

void echo_receiver::note_drops(endpoint& via, monotonic_time now) {
  const auto news = via.note_drops(now);
  use_.counters.receive_overflow += news.overflowed;
  use_.counters.foreign += news.refused;
}

bool echo_receiver::receive_backlog(endpoint& via) {
  bool any = false;
  if (via.only_sends()) {
    return false;
  }
  note_drops(via, monotonic_clock::now());
  for (int round = 0; round < batches_in_a_row && receive_some(via); ++round) {
    any = true;
    if (batch_.size() < batch_.capacity()) {
      break;
    }
  }
  return any;
}

void echo_receiver::receive_all(endpoint& via, monotonic_time until) {
  // Whatever arrived by `until` fits the socket's buffer, so this ends. An ICMP error that comes
  // in between is reported in the place of packets: hence the second look at an empty socket.
  int empty = via.only_sends() ? 2 : 0;
  while (empty < 2) {
    receive_some(via);
    if (batch_.size() == 0) {
      ++empty;
      continue;
    }
    const received_packet last = batch_.packet(batch_.size() - 1);
    if (batch_.size() < batch_.capacity() || bridge_.to_monotonic(last.stamp) > until) {
      return;
    }
  }
}

void echo_receiver::take_packet(endpoint& via, std::size_t index, monotonic_time now) {
  const received_packet packet = batch_.packet(index);
  const ip_family family = via.socket.family();
  arrived got;
  got.ttl = packet.ttl;
  if (family == ip_family::ip4 && via.socket.is_raw()) {
    if (const auto ip = parse_ip4(packet.bytes)) {
      got.source = ip->source;
      got.sound = checksum_holds(ip->body); // raw sockets get packets before the kernel checks it
      got.ttl = ip->ttl;
      got.reply = parse_reply(family, ip->body);
    }
  } else {
    got.source = batch_.source(index);
    got.reply = parse_reply(family, packet.bytes);
  }
  const auto tag = got.sound && got.reply && got.reply->id == via.socket.id()
                       ? use_.signer.read(got.reply->payload)
                       : std::nullopt;
  if (!tag) {
    ++use_.counters.foreign;
    return;
  }
  const monotonic_time at = packet.stamp.count() != 0 ? bridge_.to_monotonic(packet.stamp) : now;
  take_reply(*got.reply, *tag, got.source, got.ttl, at, now);
}

void echo_receiver::take_reply(const echo_view& reply, const echo_tag& tag,
                               const host_address& source, std::uint8_t ttl, monotonic_time at,
                               monotonic_time now) {
  probe_slot* s = use_.probes.find(tag.slot, tag.generation);
  if (s == nullptr) {
    ++use_.counters.late;
    return;
  }
  prefetch_for_writing(s->answer_place);
  if (s->state != probe_slot::phase::probing || !same_host(source, s->address) ||
      !has_filler(reply.payload, s->via->filler)) {
    ++use_.counters.foreign;
    return;
  }
  if (s->is_handed() && tag.number == s->probe.next_number()) {
    s = learn_leaving(tag);
    if (s != nullptr && s->is_handed() && tag.number == s->probe.next_number()) {
      s = assume_left(*s, tag);
    }
    if (s == nullptr) {
      ++use_.counters.late;
      return;
    }
  }
  gaps_us_.record(static_cast<std::uint64_t>((now - at) / std::chrono::microseconds{1}));
  switch (s->probe.reply(tag.number, at)) {
  case reply_kind::counted:
    ++use_.counters.echo_received;
    s->reply_ttl = ttl;
    if (auto* story = s->via->story.get()) {
      story->answered({tag.number, s->probe.round_trip(tag.number), ttl, to_string(s->address)});
    }
    break;
  case reply_kind::late: ++use_.counters.late; break;
  case reply_kind::duplicate: ++use_.counters.duplicate; return;
  case reply_kind::unexpected: ++use_.counters.foreign; return;
  }
  use_.events.moved(tag.slot, now);
}

/// Takes what the outlets of a probe tell before what its main socket has is believed; the probe if
/// it still runs.
probe_slot* echo_receiver::learn_leaving(const echo_tag& tag) {
  const probe_slot* s = use_.probes.find(tag.slot, tag.generation);
  const auto main = s->via->endpoint_for(s->address); // outlives the probe here
  main->each_outlet([&](endpoint& outlet) { take_errors(outlet); });
  return use_.probes.find(tag.slot, tag.generation);
}

/// An answer to it says that an echo has left, and nobody told when: not before the kernel had it.
probe_slot* echo_receiver::assume_left(const probe_slot& slot, const echo_tag& tag) {
  auto& stamps = slot.main().stamps;
  stamps = stamps == leaving_stamps::untried ? leaving_stamps::missing : stamps;
  use_.events.echo_left(tag, slot.handed_at, false);
  return use_.probes.find(tag.slot, tag.generation);
}

bool echo_receiver::take_errors(endpoint& via) {
  // A quoted header, head and some extension headers of IPv6: the rest tells nothing more.
  std::array<std::uint8_t, 256> quoted;
  bool any = false;
  while (const auto error = via.socket.take_error(quoted)) {
    any = true;
    via.send_errors_told += error->is_icmp && error->number == via.send_error ? 1U : 0U;
    if (error->left) {
      ++via.left;
      take_leaving(via, *error);
    } else if (!via.only_sends()) { // the socket that gets the replies gets errors, too
      take_error(via, *error);
    }
  }
  return any;
}

void echo_receiver::take_leaving(const endpoint& via, const queued_error& left) {
  if (const auto tag = find_request_tag(via.socket.family(), use_.signer, left.quoted)) {
    const clock_reading reading = read_clocks();
    bridge_.observe(reading);
    const auto at = left.stamp.count() != 0 ? bridge_.to_monotonic(left.stamp) : reading.monotonic;
    if (via.main != nullptr) {
      via.main->stamps = leaving_stamps::come;
    }
    use_.events.echo_left(*tag, std::min(at, reading.monotonic), true);
  }
}

void echo_receiver::take_error(endpoint& via, const queued_error& error) {
  const auto request = parse_quoted_request(via.socket.family(), error.quoted);
  if (!error.is_icmp || !request || request->id != via.socket.id()) {
    return; // raw sockets see the errors of other programs' echoes too
  }
  // By the tag where enough was quoted, else by what last had the sequence number; the
  // destination has to fit either way.
  auto tag = use_.signer.read(request->payload);
  if (!tag && request->payload.size() < echo_tag_size) {
    tag = via.last_with(request->sequence);
  }
  probe_slot* s = tag ? use_.probes.find(tag->slot, tag->generation) : nullptr;
  if (s == nullptr || s->state != probe_slot::phase::probing ||
      !same_host(error.destination, s->address)) {
    if (!tag) {
      ++use_.counters.foreign;
    }
    return;
  }
  const auto waits = [&] { return s->is_handed() && tag->number == s->probe.next_number(); };
  // An outlet's own error queue has told of its leaving before.
  if (waits() && !via.is_outlet()) {
    s = learn_leaving(*tag);
    if (s == nullptr) {
      return;
    }
  }
  ++use_.counters.icmp_errors;
  const error_meaning meaning = explain_icmp_error(via.socket.family(), error.type, error.code);
  note_error(*s, error, meaning.text);
  if (waits() && meaning.error == probe_error::unreachable) {
    use_.events.echo_stayed(*tag);
  } else if (waits()) {
    s = assume_left(*s, *tag);
    if (s == nullptr) {
      return;
    }
  }
  if (meaning.too_big && error.mtu < packet_size(*s) && s->probe.too_big(tag->number)) {
    use_.events.moved(tag->slot, monotonic_clock::now());
    return;
  }
  if (meaning.error == probe_error::none || !s->probe.icmp_error(tag->number, meaning.error)) {
    return;
  }
  s->trouble = to_string(s->address) + ": " + std::string(meaning.text) + " (code " +
               std::to_string(error.code) + "), says " + to_string(error.offender);
  use_.events.moved(tag->slot, monotonic_clock::now());
}

std::shared_ptr<const histogram> echo_receiver::take_receive_gaps() {
  auto all = std::make_shared<const histogram>(gaps_us_);
  gaps_us_.clear();
  return all;
}

} // namespace xprober::icmp
