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
  begin_story();
  if (!read_target()) {
    co_return;
  }
  for (bool more = true; more; more = follows()) {
    // Each awaited answer has a name: g++ 12 loses track of the frame where one stands in a
    // condition.
    bool ok = co_await open(asked());
    note_resolved();
    if (ok) {
      ok = co_await exchange();
    }
    if (!ok || refused_by_proxy()) {
      co_return;
    }
  }
  if (outcome_.error != probe_error::none) {
    co_return;
  }
  if (settings_->checks.take_long(reader_->body().size())) {
    co_await judge_elsewhere();
  } else {
    judged(settings_->checks.judge(answer()));
  }
}

// What stands apart from a coroutine is not in its frame, which is held as long as the probe runs.
void session::begin_story() {
  if (wishes()) {
    more_.emplace();
    if (!wishes()->hostname.empty()) {
      identity_.ask_for(wishes()->hostname);
    }
  }
}

bool session::read_target() {
  const auto& spec = *request().target;
  auto target = parse_target(spec.uid.address, spec.user_info.get());
  if (!target.url) {
    return fail(probe_error::bad_target, std::move(target.error));
  }
  first_ = std::move(*target.url);
  return true;
}

void session::note_resolved() {
  if (more_ && dialer_.answer() && dialer_.answer()->error == probe_error::none) {
    more_->resolved(dialer_.answer()->took);
  }
}

// Behind a tunnel it is the target's own answer.
bool session::refused_by_proxy() {
  if (proxy_ == nullptr || asked().tls || summary_.status != 407 ||
      accepts_status(config().valid_status_codes, summary_.status)) {
    return false;
  }
  return !fail(probe_error::proxy_failed, "proxy " + proxy_->address().text() +
                                              ": HTTP status 407: it wants other credentials");
}

// True if there is another hop. Else the answer is to be judged, or the probe has failed.
bool session::follows() {
  if (!is_redirect(summary_.status)) {
    return false;
  }
  auto decision = decide_redirect({summary_.status, reader_->location()}, config(), asked(),
                                  method(), summary_.redirects);
  if (decision.what == redirect_decision::action::fail) {
    return fail(decision.error, decision.detail + cookies_.refused());
  }
  if (decision.what == redirect_decision::action::judge) {
    return false;
  }
  follow(std::move(decision.next), std::move(decision.method));
  return true;
}

void session::follow(http_url next, std::string next_method) {
  close_hop();
  time_.give_back();
  ++summary_.redirects;
  count(own_count::redirects, 1);
  if (!next.credentials && may_share_credentials(first_, next)) {
    next.credentials = first_.credentials;
  }
  with_body_ = with_body_ && method() == next_method;
  redirected_ = std::make_unique<redirected>(redirected{std::move(next), std::move(next_method)});
}

// Cookies are of the host that the request's Host header names.
http_url session::as_named(const http_url& url) const {
  auto named = url;
  if (auto host = identity_.host_named(url, first_); !host.empty()) {
    named.host = std::move(host);
  }
  return named;
}

std::string session::request_text() const {
  const auto& url = asked();
  const bool usual = !redirected_ && proxy_ == nullptr && !url.credentials &&
                     &identity_.headers() == &config().headers;
  if (usual) {
    return settings_->usual.text(url, settings_->body);
  }
  const bool at_home = may_share_credentials(first_, url);
  const bool plain_proxy = proxy_ != nullptr && !url.tls;
  const auto cookies = cookies_.size() == 0
                           ? std::string{}
                           : cookies_.header_for(as_named(url), to_unix_seconds(wall_clock::now()));
  return http::request_text(
      {.url = url,
       .method = method(),
       .headers = identity_.headers(),
       .private_headers = at_home,
       .cookies = cookies,
       .user_agent = settings_->user_agent,
       .authorization = settings_->authorization,
       .body = with_body_ ? std::optional<std::string_view>{settings_->body} : std::nullopt,
       .through_proxy = plain_proxy,
       .proxy_authorization = plain_proxy ? proxy_->authorization() : std::string_view{}});
}

void session::begin_exchange() {
  request_ = request_text();
  if (story_.wants_lines()) {
    story_.line("Making HTTP request",
                {{"url", asked().text()}, {"method", method()}, {"address", outcome_.address}});
  }
  unsent_ = {};
  answering_ = false;
  is_long_ = request_.size() > long_request;
  reader_.reset();
}

task<bool> session::exchange() {
  begin_exchange();
  if (is_long_) {
    send_meanwhile();
  } else {
    unsent_ = co_await connection_.write(request_);
    sent();
  }
  auto into = first_bytes_of_thread();
  for (bool more = true; more;) {
    const auto got = co_await connection_.read(into);
    more = take(got);
    if (more) {
      into = reader_->prepare();
    }
  }
  if (sending_) {
    co_await end_sending();
  }
  take_head();
  co_return outcome_.error == probe_error::none;
}

task<void> session::send() {
  unsent_ = co_await connection_.write(request_);
  sent();
}

void session::sent() {
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
void session::begin_reading(std::string_view begin) {
  const auto& checks = settings_->checks;
  reader_.emplace(read_limits{.header = 64UL * 1024, .body = config().max_body}, method() == "HEAD",
                  kept_parts{.fields = checks.need_fields() || story_.told(),
                             .body = checks.need_body() ? response_checks::max_body_looked_at : 0});
  std::copy_n(begin.data(), begin.size(), reader_->prepare().data());
}

// True while there is more to read.
bool session::take(const io_result& got) {
  const bool first = !reader_;
  if (first) {
    begin_reading({first_bytes_of_thread().data(), got.bytes});
  }
  if (thrown_) {
    std::rethrow_exception(thrown_);
  }
  if (interrupted(asked())) {
    return false;
  }
  if (got.error && is_local(stream::stream_fault(unsent_))) {
    return fail_stream(unsent_, asked().text() + ": sending the request: ", answering_);
  }
  return (!first || take_first(got)) && take_bytes(got);
}

bool session::take_first(const io_result& got) {
  if (got.bytes > 0) {
    answering_ = true;
    const auto now = monotonic_clock::now();
    if (sending_) {
      trace_.written(now);
    }
    trace_.first_byte(now);
  } else if (unsent_ && connection_.tls_error().text.empty()) {
    return fail_stream(unsent_, asked().text() + ": sending the request: ", answering_);
  }
  return true;
}

// Who refuses a request without having read it resets the connection: that can be seen before the
// end of the answer, and is nothing else.
bool session::is_end_of_refusal(const error_code& error) const {
  return error == asio::error::connection_reset && reader_->status() >= 400 &&
         (unsent_ || is_long_);
}

bool session::take_bytes(const io_result& got) {
  auto& reader = *reader_;
  if (got.error && got.error != asio::error::eof && !is_end_of_refusal(got.error)) {
    return fail_stream(got.error, asked().text() + ": reading the answer: ", answering_);
  }
  const auto state =
      got.error ? reader.end_of_stream(connection_.ended_in_record()) : reader.commit(got.bytes);
  if (reader.header_done() && config().follow_redirects && is_redirect(reader.status()) &&
      reader.location()) {
    return false; // its body says nothing
  }
  if (state == response_reader::state::failed) {
    fail(reader.error(), asked().text() + ": " + reader.detail() +
                             (answering_ ? std::string{} : certificate_hint()));
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
void session::take_head() {
  summary_.status = reader_->status();
  summary_.version = reader_->version();
  summary_.body_bytes = reader_->body_bytes();
  count(own_count::body_bytes, reader_->body_bytes());
  if (!reader_->set_cookies().empty()) {
    const auto from = as_named(asked());
    for (const auto& cookie : reader_->set_cookies()) {
      cookies_.set(cookie, from, to_unix_seconds(wall_clock::now()));
    }
  }
  if (!more_ || reader_->status() == 0) {
    return;
  }
  more_->answered(*reader_, asked().tls);
  if (story_.wants_lines()) {
    auto location = shown_url(reader_->location().value_or(""));
    story_.line("Received HTTP response", {{"url", asked().text()},
                                           {"status_code", std::to_string(reader_->status())},
                                           {"location", std::move(location)},
                                           {"body_bytes", std::to_string(reader_->body_bytes())}});
  }
}

judged_response session::answer() const {
  return {.status = summary_.status,
          .version = summary_.version,
          .tls = asked().tls,
          .fields = reader_->fields(),
          .body = reader_->body()};
}

task<void> session::judge_elsewhere() {
  stream::run_on looking{
      use_.worker(), use_.executor,
      [&checks = settings_->checks, response = answer()] { return checks.judge(response); }};
  auto wrong = co_await looking;
  judged(std::move(wrong));
}

void session::judged(std::optional<response_checks::failure> wrong) {
  if (!wrong) {
    outcome_.success = true;
    return;
  }
  if (summary_.redirects > 0) {
    wrong->detail += " from " + asked().text() + cookies_.refused();
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
