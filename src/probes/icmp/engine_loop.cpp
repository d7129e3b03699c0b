#include "engine_loop.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace xprober::icmp {

namespace {

/// Messages of one system call: below 64 its overhead shows, above 128 nothing is gained and the
/// stamps between its beginning and its end become coarser.
constexpr std::size_t send_batch_size = 64;
constexpr std::size_t receive_batch_size = 128;

probe_outcome blank_outcome(monotonic_time due, monotonic_time now) {
  probe_outcome outcome;
  outcome.started = wall_clock::now();
  if (due != monotonic_time{} && now > due) {
    outcome.start_lag = now - due;
  }
  return outcome;
}

bool is_allowed(const host_address& address, const icmp_config& config) {
  return config.ip_protocol_fallback || address.family == config.preferred_ip_protocol;
}

} // namespace

engine_loop::engine_loop(boost::asio::io_context& io, settings config, engine_options options)
    : io_(io), options_(std::move(options)), wheel_(monotonic_clock::now()),
      outgoing_(send_batch_size), incoming_(receive_batch_size), timer_(io), report_timer_(io) {
  make_lanes(std::move(config));
  request_pump();
  arm_report();
}

void engine_loop::begin(probe_request request, probe_completion done) {
  ++probes_.started;
  request_pump();
  if (stopping_) {
    refuse(request, done, probe_error::shutdown, "the prober is stopping");
    return;
  }
  if (probes_.in_flight >= options_.max_in_flight) {
    refuse(request, done, probe_error::local_overload,
           std::to_string(options_.max_in_flight) + " probes are running: no place for one more");
    return;
  }
  auto via = lane_of(request.target->uid.type);
  if (!via) {
    refuse(request, done, probe_error::shutdown, "the module was taken out of the configuration");
    return;
  }
  if (request.ad_hoc) {
    via = own_lane(*via, request);
  }
  parsed_target parsed = parse_target(request.target->uid.address);
  if (parsed.kind == target_kind::bad) {
    refuse(request, done, probe_error::bad_target, std::move(parsed.problem));
    return;
  }
  const std::uint32_t index = take_slot();
  probe_slot& s = slots_[index];
  s.via = std::move(via);
  s.address = parsed.address;
  s.done = std::move(done);
  s.target = std::move(request.target);
  s.begun = monotonic_clock::now();
  s.started = wall_clock::now();
  s.lag = request.due == monotonic_time{} ? nanoseconds{0}
                                          : std::max(s.begun - request.due, nanoseconds{0});
  if (wheel_.empty()) {
    wheel_.advance(s.begun, [](std::uint32_t) {});
  }
  if (parsed.kind == target_kind::address) {
    launch(index);
  } else {
    begin_named(index, parsed.host);
  }
}

void engine_loop::begin_named(std::uint32_t index, const std::string& host) {
  probe_slot& s = slots_[index];
  s.state = probe_slot::phase::resolving;
  wheel_.wake_by(index, s.begun + s.via->config.deadline);
  s.lookup =
      resolve(host, s.via->config.preferred_ip_protocol,
              [this, index, generation = s.generation](resolved_host answer) {
                boost::asio::post(io_, [this, index, generation, answer = std::move(answer)] {
                  resolved(index, generation, answer);
                });
              });
}

void engine_loop::resolved(std::uint32_t index, std::uint32_t generation,
                           const resolved_host& answer) {
  probe_slot* s = find(index, generation);
  if (s == nullptr || s->state != probe_slot::phase::resolving) {
    return;
  }
  request_pump();
  s->resolve_cached = answer.cached;
  s->resolve_lag = answer.waited;
  if (answer.error != probe_error::none) {
    end(index, answer.error, answer.detail);
    return;
  }
  // The best address that there is a socket for; without any, the best tells what is missing.
  const host_address* chosen = nullptr;
  std::vector<host_address> usable;
  usable.reserve(answer.addresses.size());
  for (const std::string& text : answer.addresses) {
    const parsed_target parsed = parse_target(text);
    if (parsed.kind == target_kind::address && is_allowed(parsed.address, s->via->config)) {
      usable.push_back(parsed.address);
    }
  }
  for (const host_address& address : usable) {
    if (chosen == nullptr && s->via->endpoints[static_cast<std::size_t>(address.family)]) {
      chosen = &address;
    }
  }
  if (usable.empty()) {
    end(index, probe_error::resolve_no_address,
        s->target->uid.address + ": the name has no address that can be probed" +
            (s->via->config.ip_protocol_fallback ? "" : ", and ip_protocol_fallback is false"));
    return;
  }
  s->address = chosen != nullptr ? *chosen : usable.front();
  launch(index);
}

void engine_loop::launch(std::uint32_t index) {
  probe_slot& s = slots_[index];
  const auto family = static_cast<std::size_t>(s.address.family);
  if (!s.via->endpoints[family]) {
    open_missing(*s.via);
  }
  if (!s.via->endpoints[family]) {
    end(index, probe_error::local_no_socket, s.via->problems[family]);
    return;
  }
  const monotonic_time now = monotonic_clock::now();
  if (is_shared(index, now)) {
    return;
  }
  if (auto* story = s.via->story.get()) {
    story->told.first_address = to_string(s.address);
    story->told.resolve = now - story->begun - s.resolve_lag;
    story->resolved = now;
    story->add_line("Resolved target address", {{"ip", story->told.first_address}});
  }
  s.state = probe_slot::phase::probing;
  s.via->shares.began(s.address, {index, s.generation}, now);
  s.probe.start(s.via->plan, now, s.begun + s.via->config.deadline);
  advance(index, now);
}

bool engine_loop::is_shared(std::uint32_t index, monotonic_time now) {
  using kind = share_table::decision::kind;
  probe_slot& s = slots_[index];
  const auto decision = s.via->shares.ask(s.address, s.target->index, now);
  switch (decision.what) {
  case kind::probe: return false;
  case kind::copy: hand_over(index, *decision.outcome); return true;
  case kind::join:
    wheel_.cancel(index); // the other probe's end is this one's, and it has a deadline
    s.state = probe_slot::phase::waiting;
    slots_[decision.running.slot].followers.push_back({index, s.generation});
    return true;
  }
  return false;
}

void engine_loop::advance(std::uint32_t index, monotonic_time now) {
  probe_slot& s = slots_[index];
  const echo_action action = s.probe.next(now);
  switch (action.what) {
  case echo_action::kind::send:
    s.via->endpoints[static_cast<std::size_t>(s.address.family)]->queue.push({index, s.generation});
    // It may wait there for long; the deadline holds all the same.
    if (!wheel_.scheduled(index)) {
      wheel_.wake_by(index, s.probe.deadline());
    }
    request_pump();
    break;
  case echo_action::kind::wait: wheel_.wake_by(index, action.until); break;
  case echo_action::kind::finish: finish(index); break;
  }
}

void engine_loop::wake(std::uint32_t index, monotonic_time now) {
  probe_slot& s = slots_[index];
  if (s.state == probe_slot::phase::probing) {
    const auto& via = s.via->endpoints[static_cast<std::size_t>(s.address.family)];
    s.probe.expire(now, via->overflow);
    advance(index, now);
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

std::string engine_loop::failure_text(const probe_slot& slot, probe_error error) const {
  const std::string address = to_string(slot.address);
  const icmp_config& config = slot.via->config;
  switch (error) {
  case probe_error::no_reply:
    return "no reply from " + address + " to " + std::to_string(slot.probe.next_number()) +
           " echoes within " + std::to_string(config.timeout.count()) + " ms each";
  case probe_error::local_overload:
    if (slot.probe.next_number() == 0) {
      return "no echo to " + address + " could be sent within " +
             std::to_string(config.deadline.count()) +
             " ms: the socket's send buffer or the network device's queue stayed full";
    }
    if (slot.via->endpoints[static_cast<std::size_t>(slot.address.family)]->overflow < slot.begun) {
      return "the first echo to " + address + " left too late to be answered within " +
             std::to_string(config.deadline.count()) + " ms";
    }
    return "the fate of all echoes to " + address +
           " is unknown: the socket's receive buffer overflowed meanwhile";
  default: return slot.trouble;
  }
}

void engine_loop::finish(std::uint32_t index) {
  probe_slot& s = slots_[index];
  probe_verdict verdict = s.probe.verdict(scratch_);
  const auto& via = s.via->endpoints[static_cast<std::size_t>(s.address.family)];
  verdict.summary.reply_ttl = s.reply_ttl;
  verdict.summary.receive_overflow = via->overflow >= s.begun;
  verdict.summary.errors = std::move(s.errors);
  std::string detail;
  if (!verdict.success) {
    detail = failure_text(s, verdict.error);
  }
  end(index, verdict.error, std::move(detail), &verdict.summary);
}

void engine_loop::end(std::uint32_t index, probe_error error, std::string detail,
                      const icmp_summary* summary) {
  probe_slot& s = slots_[index];
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
    outcome.address = to_string(s.address);
    s.via->shares.ended(s.address, {index, s.generation}, outcome);
  }
  for (const probe_key& follower : std::exchange(s.followers, {})) {
    if (find(follower.slot, follower.generation) != nullptr) {
      hand_over(follower.slot, outcome);
    }
  }
  close(index, std::move(outcome));
}

void engine_loop::hand_over(std::uint32_t index, probe_outcome outcome) {
  ++counters_.shared;
  outcome.shared = true;
  outcome.start_lag = slots_[index].lag + slots_[index].resolve_lag;
  outcome.resolve_cached = slots_[index].resolve_cached;
  close(index, std::move(outcome));
}

void engine_loop::close(std::uint32_t index, probe_outcome outcome) {
  probe_slot& s = slots_[index];
  wheel_.cancel(index);
  ++s.generation;
  s.state = probe_slot::phase::free;
  const auto via = std::exchange(s.via, nullptr);
  s.target.reset();
  s.trouble.clear();
  s.errors.clear();
  s.reply_ttl = 0;
  s.resolve_cached = false;
  s.resolve_lag = nanoseconds{0};
  s.lookup.cancel();
  const probe_completion done = std::exchange(s.done, nullptr);
  free_slots_.push_back(index);
  --probes_.in_flight;
  count_end(outcome);
  if (via->story && via->story->request->tell) {
    if (outcome.error != probe_error::none) {
      via->story->add_line(outcome.detail, {{"error", std::string{to_string(outcome.error)}}});
    }
    via->story->told.more = std::move(via->story->more);
    via->story->request->tell(std::move(via->story->told));
  }
  done(std::move(outcome));
  if (probes_.in_flight == 0) {
    for (const auto& waiting : std::exchange(drained_, {})) {
      waiting();
    }
  }
}

void engine_loop::drain(std::function<void()> done) {
  if (probes_.in_flight == 0) {
    done();
  } else {
    drained_.push_back(std::move(done));
  }
}

void engine_loop::refuse(const probe_request& request, const probe_completion& done,
                         probe_error error, std::string detail) {
  probe_outcome outcome = blank_outcome(request.due, monotonic_clock::now());
  outcome.error = error;
  outcome.detail = std::move(detail);
  count_end(outcome);
  done(std::move(outcome));
}

void engine_loop::count_end(const probe_outcome& outcome) noexcept {
  auto& probes = probes_;
  ++probes.finished;
  if (outcome.success) {
    ++probes.succeeded;
  } else {
    ++(is_local(outcome.error) ? probes.local_errors : probes.failed);
  }
}

std::uint32_t engine_loop::take_slot() {
  ++probes_.in_flight;
  if (free_slots_.empty()) {
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  return index;
}

probe_slot* engine_loop::find(std::uint32_t slot, std::uint32_t generation) noexcept {
  if (slot >= slots_.size() || slots_[slot].generation != generation ||
      slots_[slot].state == probe_slot::phase::free) {
    return nullptr;
  }
  return &slots_[slot];
}

void engine_loop::shutdown() {
  stopping_ = true;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    const probe_slot& s = slots_[i];
    if (s.state != probe_slot::phase::free) {
      end(i, probe_error::shutdown, "the prober stopped while the probe ran");
    }
  }
  if (resolver_) {
    resolver_->stop();
  }
  timer_.cancel();
  report_timer_.cancel();
  current_.reset();
  modules_.clear();
  for (const auto& via : endpoints_) {
    via->retry.cancel();
    via->descriptor.cancel();
  }
  endpoints_.clear();
  report();
}

} // namespace xprober::icmp
