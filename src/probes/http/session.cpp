#include "xprober/probes/http/session.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "xprober/probes/http/faults.hpp"
#include "xprober/probes/http/redirect.hpp"
#include "xprober/probes/http/request.hpp"
#include "xprober/probes/http/status.hpp"

namespace asio = boost::asio;

namespace xprober::http {

namespace {

constexpr std::size_t max_connect_attempts = 8;
constexpr milliseconds min_attempt_time{2000};
constexpr milliseconds close_wait{100};

// The time one of several addresses may take: its share of what is left, but no less than a
// connection over a long way needs.
monotonic_time attempt_limit(monotonic_time now, monotonic_time deadline, std::size_t left) {
  const auto share = (deadline - now) / static_cast<std::int64_t>(left);
  return std::min(deadline, now + std::max<monotonic_clock::duration>(share, min_attempt_time));
}

std::string endpoint_text(const endpoint& e) {
  const auto address = e.address().to_string();
  return (e.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(e.port());
}

probe_error timeout_of(http_phase phase) {
  switch (phase) {
  case http_phase::resolve: return probe_error::resolve_timeout;
  case http_phase::connect: return probe_error::connect_timeout;
  default: return probe_error::deadline;
  }
}

} // namespace

session::session(const io_executor& executor, std::shared_ptr<const probe_settings> settings,
                 session_services services, job work)
    : settings_(std::move(settings)), services_(std::move(services)), job_(std::move(work)),
      timer_(executor), connection_(executor) {}

task<void> session::run() {
  begun_ = monotonic_clock::now();
  deadline_ = begun_ + config().timeout;
  outcome_.started = wall_clock::now();
  if (const auto due = job_.request().due; due != monotonic_time{} && due < begun_) {
    outcome_.start_lag = begun_ - due;
  }
  co_await probe();
  deliver();
  if (complete_ && !aborted_) {
    guard(monotonic_clock::now() + close_wait);
    co_await connection_.await_close();
  }
  connection_.abort();
  timer_.cancel();
}

task<void> session::probe() {
  auto target = parse_target(job_.request().target->uid.address);
  if (!target.url) {
    fail(probe_error::bad_target, std::move(target.error));
    co_return;
  }
  first_ = *target.url;
  auto url = first_;
  auto method = config().method;
  for (;;) {
    // Each awaited answer has a name: g++ 12 loses track of the frame where one stands in a
    // condition.
    const bool opened = co_await open(url);
    if (!opened) {
      co_return;
    }
    const bool answered = co_await exchange(url, method);
    if (!answered) {
      co_return;
    }
    auto decision =
        decide_redirect({summary_.status, location_}, config(), url, method, summary_.redirects);
    if (decision.what == redirect_decision::action::judge) {
      judge(url);
      co_return;
    }
    if (decision.what == redirect_decision::action::fail) {
      fail(decision.error, std::move(decision.detail));
      co_return;
    }
    ++summary_.redirects;
    ++services_.counters.redirects;
    url = std::move(decision.next);
    if (!url.credentials && may_share_credentials(first_, url)) {
      url.credentials = first_.credentials;
    }
    method = std::move(decision.method);
  }
}

task<bool> session::open(const http_url& url) {
  trace_.begin_hop();
  summary_.status = 0;
  summary_.body_bytes = 0;
  bool ok = co_await resolve(url);
  if (ok) {
    ok = co_await connect(url);
  }
  if (ok && url.tls) {
    ok = co_await secure(url);
  }
  co_return ok;
}

task<bool> session::resolve(const http_url& url) {
  answer_.reset();
  error_code not_numeric;
  if (const auto address = asio::ip::make_address(url.host, not_numeric); !not_numeric) {
    answer_ = dns::resolve_answer{probe_error::none, {}, {address}, {}};
  } else {
    ++services_.counters.resolves;
    ++guard_generation_;
    timer_.expires_at(deadline_);
    services_.resolver.resolve(
        url.host, config().preferred_ip_protocol,
        [weak = weak_from_this(), ticket = ++resolve_ticket_](const dns::resolve_answer& answer) {
          if (const auto self = weak.lock(); self && self->resolve_ticket_ == ticket) {
            self->answer_ = answer;
            self->timer_.cancel();
          }
        });
    std::ignore = co_await timer_.async_wait(use_task);
    ++resolve_ticket_;
  }
  expired_ = !answer_;
  if (interrupted(url)) {
    co_return false;
  }
  if (answer_->error != probe_error::none) {
    co_return fail(answer_->error, answer_->detail);
  }
  trace_.resolved(answer_->took);
  co_return true;
}

task<bool> session::connect(const http_url& url) {
  const auto count = std::min(answer_->addresses.size(), max_connect_attempts);
  probe_error first_fault = probe_error::connect_failed;
  std::string detail = url.text();
  trace_.connecting(monotonic_clock::now());
  for (std::size_t i = 0; i < count; ++i) {
    const endpoint to{answer_->addresses[i], url.port};
    outcome_.address = to.address().to_string();
    const auto limit = attempt_limit(monotonic_clock::now(), deadline_, count - i);
    guard(limit);
    const auto error = co_await connection_.connect(to);
    const auto now = monotonic_clock::now();
    if (!error && !expired_ && !aborted_) {
      ++services_.counters.connections;
      trace_.connected(now, url.tls);
      if (limit != deadline_) {
        guard(deadline_);
      }
      co_return true;
    }
    if (aborted_) {
      co_return !interrupted(url);
    }
    const auto fault = expired_ ? probe_error::connect_timeout : connect_fault(error);
    first_fault = i == 0 ? fault : first_fault;
    detail += (i == 0 ? ": connect to " : "; to ") + endpoint_text(to) + ": " +
              (expired_ ? "no answer in time" : error.message());
    if (is_local(fault)) {
      co_return fail(fault, std::move(detail));
    }
    if (now >= deadline_) {
      break;
    }
  }
  outcome_.address = answer_->addresses.front().to_string();
  co_return fail(first_fault, std::move(detail));
}

task<bool> session::secure(const http_url& url) {
  report_ = {};
  const tls_peer peer{url.host, url.has_address()};
  const auto error = co_await connection_.handshake(settings_->tls, peer, report_);
  // The target's own certificate, not that of where it redirects to.
  if (summary_.cert_expiry_unix == 0) {
    summary_.cert_expiry_unix = report_.earliest_expiry_unix;
  }
  if (interrupted(url)) {
    co_return false;
  }
  if (!error) {
    trace_.secured(monotonic_clock::now());
    co_return true;
  }
  if (report_.rejected) {
    co_return fail(probe_error::tls_verify,
                   url.text() + ": certificate not accepted: " + report_.detail);
  }
  if (is_local(stream_fault(error))) {
    co_return fail(stream_fault(error), url.text() + ": TLS handshake: " + error.message());
  }
  const auto why = !connection_.tls_error().empty() ? connection_.tls_error()
                   : error == asio::error::eof      ? "the server closed the connection"
                                                    : error.message();
  co_return fail(probe_error::tls_failed, url.text() + ": TLS handshake: " + why);
}

task<bool> session::exchange(const http_url& url, const std::string& method) {
  const auto now_unix = to_unix_seconds(wall_clock::now());
  const auto cookies = cookies_.header_for(url, now_unix);
  const auto text = request_text({.url = url,
                                  .method = method,
                                  .headers = config().headers,
                                  .private_headers = may_share_credentials(first_, url),
                                  .cookies = cookies,
                                  .user_agent = settings_->user_agent});
  const auto error = co_await connection_.write(text);
  if (interrupted(url)) {
    co_return false;
  }
  if (error) {
    co_return fail(stream_fault(error), url.text() + ": sending the request: " + error.message());
  }
  trace_.written(monotonic_clock::now());
  response_reader reader{{.header = 64UL * 1024, .body = config().max_body}, method == "HEAD"};
  const bool read = co_await read_response(url, reader);
  summary_.status = reader.status();
  summary_.body_bytes = reader.body_bytes();
  services_.counters.body_bytes += reader.body_bytes();
  location_ = reader.location();
  for (const auto& cookie : reader.set_cookies()) {
    cookies_.set(cookie, url, now_unix);
  }
  co_return read;
}

task<bool> session::read_response(const http_url& url, response_reader& reader) {
  for (bool first = true;; first = false) {
    const auto got = co_await connection_.read(reader.prepare());
    if (interrupted(url)) {
      co_return false;
    }
    if (first && got.bytes > 0) {
      trace_.first_byte(monotonic_clock::now());
    }
    if (!take_bytes(url, reader, got)) {
      co_return outcome_.error == probe_error::none;
    }
  }
}

// True while there is more to read.
bool session::take_bytes(const http_url& url, response_reader& reader, const io_result& got) {
  if (got.error && got.error != asio::error::eof) {
    const auto& why = connection_.tls_error();
    fail(stream_fault(got.error),
         url.text() + ": reading the answer: " + (why.empty() ? got.error.message() : why));
    return false;
  }
  const auto state = got.error ? reader.end_of_stream() : reader.commit(got.bytes);
  if (reader.header_done() && config().follow_redirects && is_redirect(reader.status())) {
    return false; // its body says nothing
  }
  if (state == response_reader::state::failed) {
    fail(reader.error(), url.text() + ": " + reader.detail());
    return false;
  }
  if (state == response_reader::state::done) {
    trace_.finished(monotonic_clock::now());
    complete_ = true;
    return false;
  }
  return true;
}

void session::judge(const http_url& url) {
  if (accepts_status(config().valid_status_codes, summary_.status)) {
    outcome_.success = true;
    return;
  }
  auto detail = "HTTP status " + std::to_string(summary_.status);
  if (summary_.redirects > 0) {
    detail += " from " + url.text();
  }
  fail(probe_error::bad_status, std::move(detail));
}

bool session::fail(probe_error error, std::string detail) {
  outcome_.error = error;
  outcome_.detail = std::move(detail);
  return false;
}

// True, with the outcome set, if the probe was ended or its time passed.
bool session::interrupted(const http_url& url) {
  if (aborted_) {
    fail(probe_error::shutdown, url.text() + ": the prober ends");
    return true;
  }
  if (expired_) {
    const auto phase = trace_.current();
    fail(timeout_of(phase), url.text() + ": " + std::string{to_string(phase)} +
                                " not completed within the timeout of " +
                                std::to_string(config().timeout.count()) + " ms");
    return true;
  }
  return false;
}

// Cuts the connection at a time, unless a later guard takes over before.
void session::guard(monotonic_time until) {
  expired_ = false;
  timer_.expires_at(until);
  timer_.async_wait([weak = weak_from_this(), generation = ++guard_generation_](error_code error) {
    const auto self = weak.lock();
    if (!error && self && self->guard_generation_ == generation) {
      self->expired_ = true;
      self->connection_.abort();
    }
  });
}

void session::abort() {
  aborted_ = true;
  connection_.abort();
  timer_.cancel();
}

void session::deliver() {
  if (std::exchange(delivered_, true)) {
    return;
  }
  outcome_.duration = monotonic_clock::now() - begun_;
  trace_.fill(summary_);
  outcome_.data = summary_;
  services_.deliver(job_, std::move(outcome_));
}

void session::fail_internally(const std::string& why) {
  outcome_ = {};
  outcome_.started = wall_clock::now();
  fail(probe_error::local_overload, "the prober could not make the probe: " + why);
  deliver();
}

} // namespace xprober::http
