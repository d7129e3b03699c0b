#include "simnet/world.hpp"

#include <algorithm>

namespace simnet {

void world::receive(byte_view packet, time_point now) {
  const auto request = parse_request(packet);
  if (!request) {
    ++ignored_;
    return;
  }
  ++requests_;
  account& a = ledger_.of(request->to);
  ++a.requests;
  const fate what = decide(a);
  if (what == fate::dropped) {
    ++a.ended[static_cast<std::size_t>(fate::dropped)];
    return;
  }
  const rule& r = *a.how;
  const double jitter = as_fraction(mixed(a.noise + a.requests));
  const nanoseconds delay =
      a.delay +
      nanoseconds{static_cast<std::int64_t>(static_cast<double>(r.jitter.count()) * jitter)};
  if (what == fate::answered) {
    answer(a, *request, now, delay);
    return;
  }
  outgoing& out = plan(a, what, now, what == fate::late ? r.late.after : delay);
  if (what == fate::error) {
    build_error(*request, r.error, r.reply_ttl, out.packet);
  } else {
    build_reply(*request, r.reply_ttl, out.packet);
    spoil(a, what, out.packet);
  }
}

fate world::decide(account& a) const noexcept {
  if (a.how == nullptr) {
    return fate::dropped;
  }
  // All decks are drawn from each time: what one event takes away does not shift the others.
  const rule& r = *a.how;
  const unsigned size = config_.deck;
  const bool lost = a.losing.draw(a.loss, size);
  const bool failed = a.failing.draw(r.error.probability, size);
  const bool strayed = a.straying.draw(r.wrong_source.probability, size);
  const bool renamed = a.renaming.draw(r.wrong_id, size);
  const bool corrupted = a.corrupting.draw(r.corrupt.probability, size);
  const bool late = a.delaying.draw(r.late.probability, size);
  return lost        ? fate::dropped
         : failed    ? fate::error
         : strayed   ? fate::wrong_source
         : renamed   ? fate::wrong_id
         : corrupted ? fate::corrupted
         : late      ? fate::late
                     : fate::answered;
}

world::outgoing& world::plan(account& a, fate kind, time_point now, nanoseconds delay) {
  outgoing& out = waiting_.add(now + delay);
  out.whose = &a;
  out.kind = kind;
  out.copy = false;
  out.number = a.requests;
  out.asked = now;
  ++a.pending;
  return out;
}

void world::answer(account& a, const echo_request& request, time_point now, nanoseconds delay) {
  const rule& r = *a.how;
  if (a.holding.draw(r.reorder.probability, config_.deck)) {
    ++a.held_back;
    delay += r.reorder.extra;
  }
  build_reply(request, r.reply_ttl, plan(a, fate::answered, now, delay).packet);
  if (a.repeating.draw(r.duplicate.probability, config_.deck)) {
    outgoing& copy = plan(a, fate::answered, now, delay + r.duplicate.gap);
    --a.pending;
    copy.copy = true;
    build_reply(request, r.reply_ttl, copy.packet);
  }
}

void world::spoil(account& a, fate kind, bytes& reply) const {
  const rule& r = *a.how;
  if (kind == fate::wrong_source) {
    change_source(reply, r.wrong_source.from);
  } else if (kind == fate::wrong_id) {
    change_id(reply);
  } else if (kind == fate::corrupted) {
    const std::uint64_t any = mixed(~a.noise + a.requests) >> 32;
    corrupt_payload(reply, r.corrupt.offset.value_or(static_cast<std::uint32_t>(any)),
                    r.corrupt.right_checksum);
  }
}

void world::front_written(time_point at, bool taken) {
  outgoing& out = waiting_.front();
  account& a = *out.whose;
  a.pending -= out.copy ? 0U : 1U;
  if (!taken) {
    ++a.unwritten;
  } else if (out.copy) {
    ++a.duplicates;
  } else {
    ++a.ended[static_cast<std::size_t>(out.kind)];
  }
  written_ += taken ? 1U : 0U;
  if (taken && out.kind == fate::answered && !out.copy) {
    a.reordered += out.number < a.answered_up_to ? 1U : 0U;
    a.answered_up_to = std::max(a.answered_up_to, out.number);
    a.times.add(at - out.asked, config_.samples);
  }
  waiting_.pop();
}

} // namespace simnet
