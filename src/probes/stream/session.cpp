#include "xprober/probes/stream/session.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "xprober/domain/target_text.hpp"
#include "xprober/probes/stream/handshake.hpp"
#include "xprober/probes/stream/run_on.hpp"

namespace xprober::stream {

namespace {

constexpr milliseconds close_wait{100};

} // namespace

session::session(const services& use, job&& work, milliseconds timeout)
    : use_(use), time_(use.executor, use.stalls, [this] { cut(); }),
      connection_(use.sockets, &input_,
                  {reinterpret_cast<const std::byte*>(this), sizeof(session)}),
      dialer_(use_, time_, connection_), job_(std::move(work)), target_(job_.request().target),
      timeout_(timeout) {
  if (wishes() != nullptr) {
    dialer_.limit(wishes()->limits);
  }
}

monotonic_time session::time_limit(monotonic_time now) const {
  const auto own = now + timeout_;
  if (wishes() == nullptr || wishes()->time_limit.count() == 0) {
    return own;
  }
  const auto due = request().due;
  return std::min(own, (due == monotonic_time{} ? now : due) + wishes()->time_limit);
}

task<void> session::run() {
  const auto now = monotonic_clock::now();
  time_.begin(now, time_limit(now));
  outcome_.started = wall_clock::now();
  if (const auto due = request().due; due != monotonic_time{} && due < now) {
    outcome_.start_lag = now - due;
  }
  story_.begin(wishes(), now);
  if (time_.deadline() > now) {
    co_await probe();
  } else {
    fail(probe_error::local_overload, "the probe could not begin within its time");
  }
  deliver();
  if (peer_closes_ && !aborted_ && !connection_.closed_by_peer()) {
    time_.guard(monotonic_clock::now() + close_wait, weak_from_this());
    co_await connection_.await_close();
  }
  connection_.abort();
  time_.wake();
}

void session::abort() {
  aborted_ = true;
  cut();
  dialer_.abort();
}

std::optional<job> session::give_back() {
  if (std::exchange(delivered_, true)) {
    return std::nullopt;
  }
  abort();
  story_.drop(); // it is told by the probe that begins anew
  return std::move(job_);
}

void session::fail_internally(std::string_view what) {
  cut();
  dialer_.abort();
  if (!std::exchange(delivered_, true)) {
    auto outcome = internal_fault(what);
    story_.end(outcome);
    use_.deliver(job_, std::move(outcome));
  }
}

void session::deliver() {
  if (std::exchange(delivered_, true)) {
    return;
  }
  const auto lag = dialer_.resolve_lag();
  outcome_.duration = monotonic_clock::now() - time_.begun() - lag;
  outcome_.start_lag += lag + own_wait_;
  const auto lost = time_.stalled();
  const bool starved =
      !outcome_.success && !is_local(outcome_.error) && time_.expired() && time_.starved();
  const bool wrong = starved || (outcome_.success && lost.count() > 0);
  if (wrong) {
    outcome_.success = false;
    outcome_.values = {};
    fail(probe_error::local_overload,
         "the prober's own thread stood still for " + std::to_string(lost / milliseconds{1}) +
             (starved ? " ms meanwhile: too little was left of the probe's time"
                      : " ms meanwhile: the times would be wrong"));
  }
  measured(!wrong);
  story_.end(outcome_);
  use_.deliver(job_, std::move(outcome_));
}

bool session::fail_target(std::string_view problem) {
  const auto& uid = request().target->uid;
  return fail(probe_error::bad_target, bad_target_text(uid.type, uid.address, problem));
}

bool session::fail(probe_error error, std::string detail) {
  outcome_.error = error;
  outcome_.detail = std::move(detail);
  return false;
}

bool session::fail_over(std::string_view whom, std::string_view phase, probe_error timeout) {
  if (aborted_) {
    return fail(probe_error::shutdown, std::string{whom} + ": the prober ends");
  }
  return fail(timeout, std::string{whom} + ": " + std::string{phase} +
                           " not completed within the timeout of " +
                           std::to_string(time_.limit_ms()) + " ms");
}

task<bool> session::find(std::string host, family_wish wish, std::string whom, std::size_t phase,
                         named_by who) {
  if (story_.wants_lines()) {
    story_.line("Resolving target address", {{"target", host}});
  }
  const auto fault = co_await dialer_.resolve(std::move(host), wish, who);
  if (dialer_.answer()) {
    outcome_.resolve_cached = dialer_.answer()->cached;
    story_.resolved(*dialer_.answer());
  }
  if (is_over()) {
    co_return fail_over(whom, "resolve", probe_error::resolve_timeout);
  }
  if (!fault.is_none()) {
    co_return fail(fault.error, fault.detail);
  }
  phase_done(phase, dialer_.answer()->took);
  co_return true;
}

std::optional<host_port> session::host_and_port() {
  std::string problem;
  const auto parsed = parse_host_port_target(request().target->uid.address, problem);
  if (!parsed) {
    fail_target(problem);
    return std::nullopt;
  }
  return host_port{parsed->host.whole(), parsed->port};
}

task<bool> session::open(std::string host, std::uint16_t port, family_wish wish, std::string whom,
                         std::size_t first_phase) {
  const bool found = co_await find(std::move(host), wish, whom, first_phase);
  if (!found) {
    co_return false;
  }
  const auto since = monotonic_clock::now();
  const auto fault = co_await dialer_.connect(port, weak_from_this());
  outcome_.address = dialer_.address();
  if (aborted_) {
    co_return fail_over(whom, "connect", probe_error::connect_timeout);
  }
  if (!fault.is_none()) {
    co_return fail(fault.error, whom + ": " + fault.detail);
  }
  phase_done(first_phase + 1, monotonic_clock::now() - since);
  if (story_.wants_lines()) {
    story_.line("Connected", {{"address", outcome_.address}, {"port", std::to_string(port)}});
  }
  co_return true;
}

task<bool> session::made(const tls_context& context, std::string whom) {
  if (!context.is_made()) {
    time_.pause();
    const auto since = monotonic_clock::now();
    const auto make = [&context] {
      context.make();
      return context.is_made();
    };
    // Named: g++ 12 destroys a temporary twice that lives across an await.
    run_on making{use_.worker(), use_.executor, make};
    const bool done = co_await making;
    const auto took = monotonic_clock::now() - since;
    own_wait_ += took;
    time_.go_on(took);
    if (is_over()) {
      co_return fail_over(whom, "tls", probe_error::deadline);
    }
    if (!done) {
      co_return fail(probe_error::local_overload, whom + ": no memory for TLS");
    }
  }
  co_return true;
}

task<bool> session::secure(const tls_context& context, std::string name, std::string whom,
                           std::size_t phase) {
  auto& told = fresh_report();
  const auto peer = peer_of(std::move(name));
  const auto since = monotonic_clock::now();
  const auto error = co_await connection_.handshake(context, peer, told);
  if (is_over()) {
    co_return fail_over(whom, "tls", probe_error::deadline);
  }
  if (error) {
    auto fault = judge_handshake(error, connection_, told, context.section() + ".cert_file");
    co_return fail(fault.error, whom + ": " + fault.detail);
  }
  phase_done(phase, monotonic_clock::now() - since);
  if (story_.wants_lines()) {
    story_.line("TLS handshake done", {{"version", told.summary.version},
                                       {"cipher", told.summary.cipher},
                                       {"subject", told.summary.subject}});
  }
  co_return true;
}

const tls_report& session::report() const noexcept {
  static const tls_report nothing;
  return report_ ? *report_ : nothing;
}

tls_report& session::fresh_report() {
  if (report_) {
    *report_ = {};
  } else {
    report_ = std::make_unique<tls_report>();
  }
  report_->wants_chain = story_.told();
  return *report_;
}

void session::phase_done(std::size_t column, nanoseconds took) {
  outcome_.values.set(column, static_cast<float>(to_ms(std::max(took, nanoseconds{0}))));
}

} // namespace xprober::stream
