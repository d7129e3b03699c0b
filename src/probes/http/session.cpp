#include "xprober/probes/http/session.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "xprober/probes/http/certificates.hpp"
#include "xprober/probes/http/faults.hpp"
#include "xprober/probes/http/redirect.hpp"
#include "xprober/probes/http/request.hpp"

namespace asio = boost::asio;

namespace xprober::http {

namespace {

constexpr milliseconds close_wait{100};

/// Runs `work` on a thread of the pool and gives its answer back on the coroutine's own.
template <class Work>
auto run_on(asio::thread_pool& pool, Work work) {
  using answer_type = decltype(work());
  constexpr asio::use_awaitable_t<io_executor> token{};
  return asio::async_initiate<const asio::use_awaitable_t<io_executor>, void(answer_type)>(
      [&pool, work](auto handler) {
        auto home = asio::make_work_guard(asio::get_associated_executor(handler));
        asio::post(pool, [handler = std::move(handler), home = std::move(home), work]() mutable {
          auto answer = work();
          const auto executor = home.get_executor();
          asio::post(executor, [handler = std::move(handler), home = std::move(home),
                                answer = std::move(answer)]() mutable {
            std::move(handler)(std::move(answer));
          });
        });
      },
      token);
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
  deadline_ = time_limit();
  stalled_before_ = services_.stalls.stalled(begun_);
  outcome_.started = wall_clock::now();
  if (const auto due = job_.request().due; due != monotonic_time{} && due < begun_) {
    outcome_.start_lag = begun_ - due;
  }
  begin_story();
  if (deadline_ > begun_) {
    co_await probe();
  } else {
    fail(probe_error::local_overload, "the probe could not begin within its time");
  }
  deliver();
  if (complete_ && !aborted_ && !connection_.closed_by_peer()) {
    guard(monotonic_clock::now() + close_wait);
    co_await connection_.await_close();
  }
  connection_.abort();
  timer_.cancel();
}

task<void> session::probe() {
  const auto& spec = *job_.request().target;
  auto target = parse_target(spec.uid.address, spec.user_info.get());
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
    if (proxy_ && summary_.status == 407) {
      fail(probe_error::proxy_failed,
           "proxy " + proxy_->address().text() + ": HTTP status 407: it wants other credentials");
      co_return;
    }
    auto decision = decide_redirect({summary_.status, reader_->location()}, config(), url, method,
                                    summary_.redirects);
    if (decision.what == redirect_decision::action::judge) {
      co_await judge(url);
      co_return;
    }
    if (decision.what == redirect_decision::action::fail) {
      fail(decision.error, std::move(decision.detail));
      co_return;
    }
    close_hop();
    give_time_back();
    ++summary_.redirects;
    ++services_.counters.redirects;
    url = std::move(decision.next);
    if (!url.credentials && may_share_credentials(first_, url)) {
      url.credentials = first_.credentials;
    }
    with_body_ = with_body_ && method == decision.method;
    method = std::move(decision.method);
  }
}

std::string session::request_to(const http_url& url, const std::string& method) const {
  const bool at_home = may_share_credentials(first_, url);
  const bool plain_proxy = proxy_ != nullptr && !url.tls;
  const auto cookies = cookies_.header_for(url, to_unix_seconds(wall_clock::now()));
  return request_text(
      {.url = url,
       .method = method,
       .headers = headers_ ? *headers_ : config().headers,
       .private_headers = at_home,
       .cookies = cookies,
       .user_agent = settings_->user_agent,
       .authorization = settings_->authorization,
       .body = with_body_ ? std::optional<std::string_view>{settings_->body} : std::nullopt,
       .through_proxy = plain_proxy,
       .proxy_authorization = plain_proxy ? proxy_->authorization() : std::string_view{}});
}

task<bool> session::exchange(const http_url& url, const std::string& method) {
  const auto text = request_to(url, method);
  if (wants_lines()) {
    tell("Making HTTP request",
         {{"url", url.text()}, {"method", method}, {"address", outcome_.address}});
  }
  const auto error = co_await connection_.write(text);
  if (interrupted(url)) {
    co_return false;
  }
  if (error) {
    co_return fail_stream(error, url.text() + ": sending the request: ");
  }
  trace_.written(monotonic_clock::now());
  const auto& checks = settings_->checks;
  reader_.emplace(read_limits{.header = 64UL * 1024, .body = config().max_body}, method == "HEAD",
                  kept_parts{.fields = checks.need_fields() || story_.has_value(),
                             .body = checks.need_body() ? response_checks::max_body_looked_at : 0});
  const bool read = co_await read_response(url);
  summary_.status = reader_->status();
  summary_.version = reader_->version();
  summary_.body_bytes = reader_->body_bytes();
  services_.counters.body_bytes += reader_->body_bytes();
  tell_answer(url);
  for (const auto& cookie : reader_->set_cookies()) {
    cookies_.set(cookie, url, to_unix_seconds(wall_clock::now()));
  }
  co_return read;
}

task<bool> session::read_response(const http_url& url) {
  for (bool first = true;; first = false) {
    const auto got = co_await connection_.read(reader_->prepare());
    if (interrupted(url)) {
      co_return false;
    }
    if (first && got.bytes > 0) {
      trace_.first_byte(monotonic_clock::now());
    }
    if (!take_bytes(url, got)) {
      co_return outcome_.error == probe_error::none;
    }
  }
}

// True while there is more to read.
bool session::take_bytes(const http_url& url, const io_result& got) {
  auto& reader = *reader_;
  if (got.error && got.error != asio::error::eof) {
    return fail_stream(got.error, url.text() + ": reading the answer: ");
  }
  const auto state = got.error ? reader.end_of_stream() : reader.commit(got.bytes);
  if (reader.header_done() && config().follow_redirects && is_redirect(reader.status()) &&
      reader.location()) {
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

task<void> session::judge(const http_url& url) {
  const auto& checks = settings_->checks;
  const auto look = [&checks, response = judged_response{.status = summary_.status,
                                                         .version = summary_.version,
                                                         .tls = url.tls,
                                                         .fields = reader_->fields(),
                                                         .body = reader_->body()}] {
    return checks.judge(response);
  };
  std::optional<response_checks::failure> wrong;
  if (checks.take_long(reader_->body().size())) {
    wrong = co_await run_on(services_.worker(), look);
  } else {
    wrong = look();
  }
  if (!wrong) {
    outcome_.success = true;
    co_return;
  }
  if (summary_.redirects > 0) {
    wrong->detail += " from " + url.text();
  }
  fail(wrong->error, std::move(wrong->detail));
}

bool session::fail(probe_error error, std::string detail) {
  outcome_.error = error;
  outcome_.detail = std::move(detail);
  return false;
}

// On a connection that stood.
bool session::fail_stream(const error_code& error, std::string what) {
  const auto& tls = connection_.tls_error().text;
  if (tls.empty()) {
    return fail(stream_fault(error), what + error.message());
  }
  // With TLS 1.3 a server says only now that it wanted a certificate.
  return fail(probe_error::tls_failed, what + tls + wanted_certificate(report_));
}

// True, with the outcome set, if the probe was ended or its time passed.
bool session::interrupted(const http_url& url) {
  if (aborted_) {
    fail(probe_error::shutdown, url.text() + ": the prober ends");
    return true;
  }
  if (expired_) {
    const auto phase = trace_.current();
    const bool of_proxy = proxy_ && &url == &proxy_->address();
    fail(of_proxy ? probe_error::proxy_failed : timeout_of(phase),
         (of_proxy ? "proxy " : "") + url.text() + ": " + std::string{to_string(phase)} +
             " not completed within the timeout of " +
             std::to_string((deadline_ - begun_) / milliseconds{1}) + " ms");
    return true;
  }
  return false;
}

// How long the engine's thread has stood still since the probe began.
nanoseconds session::stalled() const noexcept {
  return services_.stalls.stalled(monotonic_clock::now()) - stalled_before_;
}

// Moves the deadline by what the prober itself took of the probe's time; false if that was nothing.
bool session::give_time_back() {
  const auto more = stalled() - given_back_;
  given_back_ += more;
  deadline_ += more;
  return more.count() > 0;
}

// Cuts the connection at a time, unless a later guard takes over before.
void session::guard(monotonic_time until) {
  expired_ = false;
  timer_.expires_at(until);
  timer_.async_wait([weak = weak_from_this(), generation = ++guard_generation_](error_code error) {
    const auto self = weak.lock();
    if (error || !self || self->guard_generation_ != generation) {
      return;
    }
    const auto before = self->deadline_;
    if (self->give_time_back()) {
      self->guard(self->timer_.expiry() + (self->deadline_ - before));
      return;
    }
    self->expired_ = true;
    self->connection_.abort();
  });
}

void session::abort() {
  aborted_ = true;
  connection_.abort();
  timer_.cancel();
}

std::optional<job> session::give_back() {
  if (std::exchange(delivered_, true)) {
    return std::nullopt;
  }
  abort();
  story_.reset(); // it is told by the probe that begins anew
  return std::move(job_);
}

void session::deliver() {
  if (std::exchange(delivered_, true)) {
    return;
  }
  outcome_.duration = monotonic_clock::now() - begun_ - resolve_lag_;
  outcome_.start_lag += resolve_lag_;
  if (const auto lost = stalled(); outcome_.success && lost.count() > 0) {
    outcome_.success = false;
    fail(probe_error::local_overload, "the prober's own thread stood still for " +
                                          std::to_string(lost / milliseconds{1}) +
                                          " ms meanwhile: the times would be wrong");
  } else {
    trace_.fill(summary_);
  }
  end_story();
  write_summary(summary_, outcome_);
  services_.deliver(job_, std::move(outcome_));
}

void session::fail_internally(const std::string& why) {
  outcome_ = {};
  outcome_.started = wall_clock::now();
  fail(probe_error::local_overload, "the prober could not make the probe: " + why);
  deliver();
}

} // namespace xprober::http
