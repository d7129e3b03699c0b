#include "xprober/probes/http/session.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <string_view>
#include <utility>

#include <boost/asio/error.hpp>

#include "xprober/domain/url_secrets.hpp"
#include "xprober/probes/http/redirect.hpp"
#include "xprober/probes/http/request.hpp"
#include "xprober/probes/http/status.hpp"
#include "xprober/probes/stream/faults.hpp"
#include "xprober/probes/stream/run_on.hpp"

namespace asio = boost::asio;

namespace xprober::http {

namespace {

// A server answers one before it has taken it all; what is smaller is sent at once.
constexpr std::size_t long_request = 16UL * 1024;

/// Where an answer begins: as much as the first segment over Ethernet has. Nobody else of the
/// thread runs between a read and its end, so those who wait need none of their own.
std::span<char> first_bytes_of_thread() {
  thread_local std::array<char, 1460> bytes;
  return bytes;
}

} // namespace

void session::count(own_count what, std::uint64_t more) const {
  use_.counters.own[static_cast<std::size_t>(what)].value += more;
}

task<void> session::probe() {
  if (wishes()) {
    more_.emplace();
    if (!wishes()->hostname.empty()) {
      identity_.ask_for(wishes()->hostname);
    }
  }
  if (!read_target()) {
    co_return;
  }
  auto url = first_;
  auto method = config().method;
  for (;;) {
    const bool answered = co_await hop(url, method);
    if (!answered) {
      co_return;
    }
    auto decision = decide_redirect({summary_.status, reader_->location()}, config(), url, method,
                                    summary_.redirects);
    if (decision.what == redirect_decision::action::judge) {
      co_await judge(url);
      co_return;
    }
    if (decision.what == redirect_decision::action::fail) {
      fail(decision.error, decision.detail + cookies_.refused());
      co_return;
    }
    follow(url, method, std::move(decision.next), std::move(decision.method));
  }
}

// Apart from the coroutine, whose frame would else hold what is read here as long as the probe
// runs.
bool session::read_target() {
  const auto& spec = *request().target;
  auto target = parse_target(spec.uid.address, spec.user_info.get());
  if (!target.url) {
    return fail(probe_error::bad_target, std::move(target.error));
  }
  first_ = std::move(*target.url);
  return true;
}

task<bool> session::hop(const http_url& url, const std::string& method) {
  // Each awaited answer has a name: g++ 12 loses track of the frame where one stands in a
  // condition.
  const bool opened = co_await open(url);
  if (more_ && dialer_.answer() && dialer_.answer()->error == probe_error::none) {
    more_->resolved(dialer_.answer()->took);
  }
  if (!opened) {
    co_return false;
  }
  const bool answered = co_await exchange(url, method);
  // Behind a tunnel it is the target's own answer.
  if (answered && proxy_ && !url.tls && summary_.status == 407 &&
      !accepts_status(config().valid_status_codes, summary_.status)) {
    co_return fail(probe_error::proxy_failed, "proxy " + proxy_->address().text() +
                                                  ": HTTP status 407: it wants other credentials");
  }
  co_return answered;
}

void session::follow(http_url& url, std::string& method, http_url next, std::string next_method) {
  close_hop();
  time_.give_back();
  ++summary_.redirects;
  count(own_count::redirects, 1);
  url = std::move(next);
  if (!url.credentials && may_share_credentials(first_, url)) {
    url.credentials = first_.credentials;
  }
  with_body_ = with_body_ && method == next_method;
  method = std::move(next_method);
}

// Cookies are of the host that the request's Host header names.
http_url session::as_named(const http_url& url) const {
  auto named = url;
  if (auto host = identity_.host_named(url, first_); !host.empty()) {
    named.host = std::move(host);
  }
  return named;
}

std::string session::request_to(const http_url& url, const std::string& method) const {
  const bool at_home = may_share_credentials(first_, url);
  const bool plain_proxy = proxy_ != nullptr && !url.tls;
  const auto cookies = cookies_.size() == 0
                           ? std::string{}
                           : cookies_.header_for(as_named(url), to_unix_seconds(wall_clock::now()));
  return request_text(
      {.url = url,
       .method = method,
       .headers = identity_.headers(),
       .private_headers = at_home,
       .cookies = cookies,
       .user_agent = settings_->user_agent,
       .authorization = settings_->authorization,
       .body = with_body_ ? std::optional<std::string_view>{settings_->body} : std::nullopt,
       .through_proxy = plain_proxy,
       .proxy_authorization = plain_proxy ? proxy_->authorization() : std::string_view{}});
}

task<bool> session::exchange(const http_url& url, const std::string& method) {
  request_ = request_to(url, method);
  if (story_.wants_lines()) {
    story_.line("Making HTTP request",
                {{"url", url.text()}, {"method", method}, {"address", outcome_.address}});
  }
  unsent_ = {};
  answering_ = false;
  is_long_ = request_.size() > long_request;
  if (is_long_) {
    send_meanwhile();
  } else {
    co_await send();
  }
  const bool read = co_await read_response(url, method);
  if (sending_) {
    co_await end_sending();
  }
  take_head(url);
  co_return read;
}

task<void> session::send() {
  unsent_ = co_await connection_.write(request_);
  std::string{}.swap(request_); // the next probe's will be where this one was
  if (is_local(stream::stream_fault(unsent_))) {
    connection_.abort(); // nothing will be answered
  } else if (!answering_) {
    trace_.written(monotonic_clock::now());
  }
}

// An answer that comes first is read while the request is on its way: servers refuse what is too
// large, and some of them read none of it.
void session::send_meanwhile() {
  sending_ = true;
  stream::spawn(
      use_.executor, [this] { return send(); },
      [this, held = shared_from_this()](const std::exception_ptr& thrown) {
        sending_ = false;
        if (thrown) {
          thrown_ = thrown;
          connection_.abort(); // who reads tells of it
        }
      });
}

task<void> session::end_sending() {
  co_await connection_.yield(); // it may be through just now
  if (sending_) {
    connection_.abort();
    peer_closes_ = false;
  }
  while (sending_) {
    co_await connection_.yield();
  }
}

// Whoever waits for an answer holds little: what reads it is made when it comes.
void session::begin_reading(bool bodiless, std::string_view begin) {
  const auto& checks = settings_->checks;
  reader_.emplace(read_limits{.header = 64UL * 1024, .body = config().max_body}, bodiless,
                  kept_parts{.fields = checks.need_fields() || story_.told(),
                             .body = checks.need_body() ? response_checks::max_body_looked_at : 0});
  std::copy_n(begin.data(), begin.size(), reader_->prepare().data());
}

task<bool> session::read_response(const http_url& url, const std::string& method) {
  const auto begin = first_bytes_of_thread();
  auto got = co_await connection_.read(begin);
  begin_reading(method == "HEAD", {begin.data(), got.bytes});
  for (bool first = true;; first = false) {
    if (!first) {
      got = co_await connection_.read(reader_->prepare());
    }
    if (thrown_) {
      std::rethrow_exception(thrown_);
    }
    if (interrupted(url)) {
      co_return false;
    }
    if (got.error && is_local(stream::stream_fault(unsent_))) {
      co_return fail_stream(unsent_, url.text() + ": sending the request: ", answering_);
    }
    if (first && got.bytes > 0) {
      answering_ = true;
      if (sending_) {
        trace_.written(monotonic_clock::now());
      }
      trace_.first_byte(monotonic_clock::now());
    }
    if (first && got.bytes == 0 && unsent_ && connection_.tls_error().text.empty()) {
      co_return fail_stream(unsent_, url.text() + ": sending the request: ", answering_);
    }
    if (!take_bytes(url, got)) {
      co_return outcome_.error == probe_error::none;
    }
  }
}

// Who refuses a request without having read it resets the connection: that can be seen before the
// end of the answer, and is nothing else.
bool session::is_end_of_refusal(const error_code& error) const {
  return error == asio::error::connection_reset && reader_->status() >= 400 &&
         (unsent_ || is_long_);
}

// True while there is more to read.
bool session::take_bytes(const http_url& url, const io_result& got) {
  auto& reader = *reader_;
  if (got.error && got.error != asio::error::eof && !is_end_of_refusal(got.error)) {
    return fail_stream(got.error, url.text() + ": reading the answer: ", answering_);
  }
  const auto state =
      got.error ? reader.end_of_stream(connection_.ended_in_record()) : reader.commit(got.bytes);
  if (reader.header_done() && config().follow_redirects && is_redirect(reader.status()) &&
      reader.location()) {
    return false; // its body says nothing
  }
  if (state == response_reader::state::failed) {
    fail(reader.error(),
         url.text() + ": " + reader.detail() + (answering_ ? std::string{} : certificate_hint()));
    return false;
  }
  if (state == response_reader::state::done) {
    trace_.finished(monotonic_clock::now());
    peer_closes_ = true;
    return false;
  }
  return true;
}

// What was read of an answer, however far it came.
void session::take_head(const http_url& url) {
  summary_.status = reader_->status();
  summary_.version = reader_->version();
  summary_.body_bytes = reader_->body_bytes();
  count(own_count::body_bytes, reader_->body_bytes());
  if (!reader_->set_cookies().empty()) {
    const auto from = as_named(url);
    for (const auto& cookie : reader_->set_cookies()) {
      cookies_.set(cookie, from, to_unix_seconds(wall_clock::now()));
    }
  }
  if (!more_ || reader_->status() == 0) {
    return;
  }
  more_->answered(*reader_, url.tls);
  if (story_.wants_lines()) {
    auto location = shown_url(reader_->location().value_or(""));
    story_.line("Received HTTP response", {{"url", url.text()},
                                           {"status_code", std::to_string(reader_->status())},
                                           {"location", std::move(location)},
                                           {"body_bytes", std::to_string(reader_->body_bytes())}});
  }
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
    stream::run_on looking{use_.worker(), use_.executor, look};
    wrong = co_await looking;
  } else {
    wrong = look();
  }
  if (!wrong) {
    outcome_.success = true;
    co_return;
  }
  if (summary_.redirects > 0) {
    wrong->detail += " from " + url.text() + cookies_.refused();
  }
  fail(wrong->error, std::move(wrong->detail));
}

void session::close_hop() {
  if (more_) {
    story_.line("Times of the round trip", more_->hop_done(trace_, summary_.redirects));
  }
}

void session::measured(bool ok) {
  if (ok) {
    trace_.fill(summary_);
  }
  if (more_) {
    close_hop();
    story_.set_more(more_->take());
  }
  write_summary(summary_, outcome_);
  reader_.reset();
}

} // namespace xprober::http
