#include "xprober/probes/icmp/running_probes.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/post.hpp>

#include "xprober/base/exception_text.hpp"
#include "xprober/domain/host_name.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/probes/ad_hoc.hpp"
#include "xprober/probes/icmp/address_choice.hpp"
#include "xprober/probes/icmp/address_limits.hpp"
#include "xprober/probes/icmp/failure_text.hpp"

namespace xprober::icmp {

running_probes::running_probes(services use)
    : use_(std::move(use)), wheel_(monotonic_clock::now()), waiting_(use_.nearby) {}

/// The lane of a probe that may begin; null where it was refused.
std::shared_ptr<lane> running_probes::admit(const probe_request& request,
                                            const probe_completion& done, parsed_target& parsed) {
  const auto& uid = request.target->uid;
  if (ending_) {
    told_.refuse(request, done, probe_error::shutdown, "the prober is stopping");
    return nullptr;
  }
  if (use_.table.taken() >= use_.max_in_flight) {
    told_.refuse(request, done, probe_error::local_overload,
                 std::to_string(use_.max_in_flight) + " probes are running: no place for one more");
    return nullptr;
  }
  auto via = use_.ways.of(uid.type);
  if (!via) {
    told_.refuse(request, done, probe_error::shutdown,
                 "the module was taken out of the configuration");
    return nullptr;
  }
  parsed = parse_target(uid.address);
  if (parsed.kind == target_kind::bad) {
    told_.refuse(request, done, probe_error::bad_target,
                 bad_target_text(uid.type, uid.address, parsed.problem));
    return nullptr;
  }
  const address_limits limits{limits_.get(),
                              request.ad_hoc ? request.ad_hoc->limits.get() : nullptr};
  if (auto refused = limits.refusal_of(parsed); !refused.empty()) {
    told_.refuse(request, done, probe_error::not_allowed, std::move(refused));
    return nullptr;
  }
  return request.ad_hoc ? use_.ways.own_lane(*via, request) : via;
}

/// The place of a probe that may begin; nothing where `done` was told why it may not.
std::optional<std::uint32_t> running_probes::take_slot(const probe_request& request,
                                                       const probe_completion& done,
                                                       parsed_target& parsed) {
  try {
    use_.pump();
    auto via = admit(request, done, parsed);
    if (!via) {
      return std::nullopt;
    }
    const std::uint32_t index = use_.table.take();
    use_.table[index].via = std::move(via);
    return index;
  } catch (...) {
    const auto thrown = std::current_exception();
    told_.note(request.target->uid.address, thrown);
    told_.refuse(request, done, probe_error::local_internal,
                 internal_fault(exception_text(thrown)).detail);
    return std::nullopt;
  }
}

void running_probes::begin(probe_request request, probe_completion done) {
  told_.began();
  parsed_target parsed;
  const auto taken = take_slot(request, done, parsed);
  if (!taken) {
    return;
  }
  const std::uint32_t index = *taken;
  probe_slot& s = use_.table[index];
  s.state = probe_slot::phase::resolving; // from here on whatever goes wrong ends it
  s.address = parsed.address;
  s.done = std::move(done);
  s.target = std::move(request.target);
  s.answer_place = request.answer_place;
  s.begun = monotonic_clock::now();
  s.started = wall_clock::now();
  s.lag = request.due == monotonic_time{} ? nanoseconds{0}
                                          : std::max(s.begun - request.due, nanoseconds{0});
  if (wheel_.empty()) {
    wheel_.advance(s.begun, [](std::uint32_t) {});
  }
  guarded(index, [&] {
    if (parsed.kind == target_kind::address) {
      launch(index);
    } else {
      begin_named(index, parsed.host);
    }
  });
}

// Does a step of a probe, which ends where the step does so in an exception.
template <class Work>
void running_probes::guarded(std::uint32_t index, Work work) {
  const auto generation = use_.table[index].generation;
  try {
    work();
  } catch (...) {
    const auto thrown = std::current_exception();
    const probe_slot* s = use_.table.find(index, generation);
    told_.note(s == nullptr ? "" : s->target->uid.address, thrown);
    if (s != nullptr) {
      end(index, probe_error::local_internal, internal_fault(exception_text(thrown)).detail);
    }
  }
}

void running_probes::not_taken(std::span<const std::uint8_t> packet,
                               const std::exception_ptr& thrown) {
  input_digest input;
  input.add(std::as_bytes(packet));
  told_.note("a packet", thrown, input);
}

void running_probes::begin_named(std::uint32_t index, const std::string& host) {
  probe_slot& s = use_.table[index];
  wheel_.wake_by(index, s.begun + s.via->config.deadline);
  s.lookup = use_.names.resolve(
      host, s.via->config.preferred_ip_protocol,
      [this, index, generation = s.generation](resolved_host answer) {
        boost::asio::post(use_.io, [this, index, generation, answer = std::move(answer)] {
          if (use_.table.find(index, generation) != nullptr) {
            guarded(index, [&] { resolved(index, generation, answer); });
          }
        });
      });
}

void running_probes::resolved(std::uint32_t index, std::uint32_t generation,
                              const resolved_host& answer) {
  probe_slot* s = use_.table.find(index, generation);
  if (s == nullptr || s->state != probe_slot::phase::resolving) {
    return;
  }
  use_.pump();
  s->resolve_cached = answer.cached;
  s->resolve_lag = answer.waited;
  if (answer.error != probe_error::none) {
    end(index, answer.error, answer.detail);
    return;
  }
  auto addresses = answer.addresses;
  const auto& written = s->target->uid.address;
  const auto named = ascii_host_name(written).value_or(written);
  const address_limits limits{limits_.get(), s->via->limits.get()};
  if (auto refused = limits.keep_allowed(named, addresses); !refused.empty()) {
    end(index, probe_error::not_allowed, std::move(refused));
    return;
  }
  std::string problem;
  const auto chosen = choose_address(
      addresses, *s->via, [this](const host_address& to) { return ways_.lead_to(to); }, problem);
  if (!chosen) {
    end(index, probe_error::resolve_no_address,
        s->target->uid.address + ": the name has no address that can be probed" + problem +
            (s->via->config.ip_protocol_fallback ? "" : ", and ip_protocol_fallback is false"));
    return;
  }
  s->address = *chosen;
  launch(index);
}

void running_probes::launch(std::uint32_t index) {
  probe_slot& s = use_.table[index];
  if (!s.via->endpoint_for(s.address)) {
    use_.ways.open_missing(*s.via);
  }
  if (!s.via->endpoint_for(s.address)) {
    end(index, probe_error::local_no_socket, s.via->problem_of(s.address));
    return;
  }
  const monotonic_time now = monotonic_clock::now();
  if (is_shared(index, now)) {
    return;
  }
  if (auto* story = s.via->story.get()) {
    story->resolved(to_string(s.address), now - story->begun() - s.resolve_lag, now);
  }
  s.state = probe_slot::phase::probing;
  s.way = waiting_.way_of(s);
  s.via->shares.began(s.record, {index, s.generation}, now);
  s.probe.start(s.via->plan, now, s.begun + s.via->config.deadline);
  moved(index, now);
}

bool running_probes::is_shared(std::uint32_t index, monotonic_time now) {
  using kind = share_table::decision::kind;
  probe_slot& s = use_.table[index];
  const auto decision = s.via->shares.ask(s.address, s.target->index, now);
  switch (decision.what) {
  case kind::probe: s.record = decision.record; return false;
  case kind::copy: hand_over(index, *decision.outcome); return true;
  case kind::join:
    wheel_.cancel(index); // the other probe's end is this one's, and it has a deadline
    s.state = probe_slot::phase::waiting;
    use_.table[decision.running.slot].followers.push_back({index, s.generation});
    return true;
  }
  return false;
}

void running_probes::moved(std::uint32_t index, monotonic_time now) {
  probe_slot& s = use_.table[index];
  const echo_action action = s.probe.next(now);
  switch (action.what) {
  case echo_action::kind::send:
    queue_echo(s, {index, s.generation});
    // It may wait there for long; the deadline holds all the same.
    if (waiting_echoes::waits(s)) {
      wheel_.wake_by(index, waiting_echoes::due(s));
    } else if (!wheel_.scheduled(index)) {
      wheel_.wake_by(index, s.probe.deadline());
    }
    use_.pump();
    break;
  case echo_action::kind::wait:
    wheel_.wake_by(index, waiting_echoes::waits(s) ? waiting_echoes::due(s) : action.until);
    break;
  case echo_action::kind::finish: finish(index); break;
  }
}

void running_probes::queue_echo(probe_slot& slot, const queued_echo& item) {
  auto& queue = slot.out().queue;
  if (waiting_echoes::waits(slot)) {
    queue.put_back(&item, &item + 1); // it has its place: nobody waits for it to have one
  } else {
    queue.push(item);
  }
}

void running_probes::wake(std::uint32_t index, monotonic_time now) {
  probe_slot& s = use_.table[index];
  if (s.state == probe_slot::phase::probing) {
    if (s.is_handed() && now >= waiting_echoes::due(s) && !s.main().may_wait()) {
      // Nobody tells when it left, and it has.
      const echo_tag tag{index, s.generation, s.probe.next_number()};
      waiting_.left(s, tag, s.handed_at, false);
    } else if (waiting_echoes::waits(s)) {
      waiting_.expire(s, now);
    }
    s.probe.expire(now, s.main().overflow);
    moved(index, now);
    return;
  }
  const monotonic_time deadline = s.begun + s.via->config.deadline;
  if (now < deadline) {
    wheel_.wake_by(index, deadline);
    return;
  }
  s.resolve_lag = s.lookup.waited(now);
  if (auto fault = s.lookup.own_fault(now); !fault.empty()) {
    end(index, probe_error::local_overload, std::move(fault));
    return;
  }
  end(index, probe_error::resolve_timeout,
      s.target->uid.address + ": the name was not resolved within the probe's deadline of " +
          std::to_string(s.via->config.deadline.count()) + " ms");
}

/// What the slot knows beside its probe.
void running_probes::add_notes(probe_slot& slot, icmp_summary& summary) {
  summary.reply_ttl = slot.reply_ttl;
  summary.receive_overflow = slot.main().overflow >= slot.begun;
  summary.errors = std::move(slot.errors);
}

void running_probes::finish(std::uint32_t index) {
  probe_slot& s = use_.table[index];
  probe_verdict verdict = s.probe.verdict(scratch_);
  add_notes(s, verdict.summary);
  std::string detail;
  if (!verdict.success) {
    detail = failure_text(s, verdict.error);
  }
  end(index, verdict.error, std::move(detail), &verdict.summary);
}

void running_probes::end(std::uint32_t index, probe_error error, std::string detail,
                         const icmp_summary* summary) {
  probe_slot& s = use_.table[index];
  probe_outcome outcome;
  outcome.success = error == probe_error::none;
  outcome.error = error;
  outcome.detail = std::move(detail);
  outcome.started = s.started;
  outcome.duration = monotonic_clock::now() - s.begun - s.resolve_lag;
  outcome.start_lag = s.lag + s.resolve_lag;
  outcome.resolve_cached = s.resolve_cached;
  if (summary != nullptr) {
    write_summary(*summary, outcome);
  }
  if (s.state == probe_slot::phase::probing) {
    waiting_.ended(s, error);
    outcome.address = to_string(s.address);
    s.via->shares.ended(s.record, {index, s.generation}, outcome);
  }
  for (const probe_key& follower : std::exchange(s.followers, {})) {
    if (use_.table.find(follower.slot, follower.generation) != nullptr) {
      guarded(follower.slot, [&] { hand_over(follower.slot, outcome); });
    }
  }
  close(index, std::move(outcome));
}

void running_probes::hand_over(std::uint32_t index, probe_outcome outcome) {
  ++use_.counters.shared;
  outcome.shared = true;
  outcome.start_lag = use_.table[index].lag + use_.table[index].resolve_lag;
  outcome.resolve_cached = use_.table[index].resolve_cached;
  close(index, std::move(outcome));
}

void running_probes::close(std::uint32_t index, probe_outcome&& outcome) {
  probe_slot& s = use_.table[index];
  wheel_.cancel(index);
  const auto via = std::move(s.via);
  const probe_completion done = std::move(s.done);
  use_.table.release(index);
  told_.tell(done, std::move(outcome), via->story.get());
  if (use_.table.taken() == 0) {
    told_.drained();
  }
}

void running_probes::drain(std::function<void()> done) {
  if (use_.table.taken() == 0) {
    done();
  } else {
    told_.when_drained(std::move(done));
  }
}

void running_probes::wake_due(monotonic_time now) {
  wheel_.advance(now, [&](std::uint32_t index) { guarded(index, [&] { wake(index, now); }); });
}

void running_probes::echo_sent(const queued_echo& item, monotonic_time at, bool exact) {
  if (probe_slot* s = use_.table.find(item.slot, item.generation)) {
    if (auto* story = s->via->story.get()) {
      story->sent(s->probe.next_number(), at);
    }
    waiting_.settled(*s);
    s->probe.sent(at, exact);
    moved(item.slot, at);
  }
}

void running_probes::echo_handed(const queued_echo& item, monotonic_time at) {
  if (probe_slot* s = use_.table.find(item.slot, item.generation)) {
    waiting_.handed(*s, at);
    wheel_.wake_by(item.slot, waiting_echoes::due(*s));
  }
}

void running_probes::echo_left(const echo_tag& tag, monotonic_time at, bool exact) {
  probe_slot* s = use_.table.find(tag.slot, tag.generation);
  if (s != nullptr && waiting_.left(*s, tag, at, exact)) {
    moved(tag.slot, at);
  }
}

void running_probes::echo_stayed(const echo_tag& tag) {
  if (probe_slot* s = use_.table.find(tag.slot, tag.generation)) {
    waiting_.stayed(*s);
  }
}

void running_probes::echo_refused(const queued_echo& item, int error) {
  if (probe_slot* s = use_.table.find(item.slot, item.generation)) {
    // Without SO_BROADCAST the kernel says so of a broadcast address as of a way that is
    // prohibited.
    ways_.lost(s->address);
    const bool broadcast = error == EACCES && is_own_broadcast(s->address);
    s->trouble = "cannot send to " + to_string(s->address) + ": " +
                 (broadcast ? "it is the broadcast address of a network that this machine is in"
                            : std::generic_category().message(error));
    s->probe.send_failed(broadcast ? probe_error::not_allowed : probe_error::local_send);
    moved(item.slot, monotonic_clock::now());
  }
}

void running_probes::gave_up_waiting(std::uint32_t slot) {
  const probe_slot& s = use_.table[slot];
  const auto now = monotonic_clock::now();
  const auto waited = std::chrono::duration_cast<milliseconds>(now - s.probe.begun());
  const bool no_neighbour = s.out().lacked_neighbours >= s.begun;
  if (no_neighbour) {
    ++use_.counters.neighbours_full;
    use_.nearby.gave_up(s.address.family);
  }
  end(slot, probe_error::local_overload,
      "no echo to " + to_string(s.address) + " could be sent for " +
          std::to_string(waited.count()) + " ms: " +
          (no_neighbour ? use_.nearby.shortage(s.address.family)
                        : "there is more to send than this machine or its network device can"));
}

void running_probes::end_all() {
  ending_ = true;
  for (std::uint32_t i = 0; i < use_.table.size(); ++i) {
    if (use_.table[i].state != probe_slot::phase::free) {
      guarded(i, [&] { interrupt(i); });
    }
  }
}

/// What was answered or lost until now stays true; what is in flight might still be answered.
void running_probes::interrupt(std::uint32_t index) {
  constexpr auto* why = "the prober stopped while the probe ran";
  probe_slot& s = use_.table[index];
  if (s.state != probe_slot::phase::probing) {
    end(index, probe_error::shutdown, why);
    return;
  }
  auto summary = s.probe.counted(scratch_);
  add_notes(s, summary);
  end(index, probe_error::shutdown, why, &summary);
}

} // namespace xprober::icmp
