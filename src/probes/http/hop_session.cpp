#include "xprober/probes/http/hop_session.hpp"

#include <utility>

#include "xprober/probes/http/response_reader.hpp"
#include "xprober/probes/stream/certificates.hpp"
#include "xprober/probes/stream/faults.hpp"
#include "xprober/probes/stream/handshake.hpp"

namespace xprober::http {

namespace {

/// Which key names the certificate that a server may want.
constexpr std::string_view cert_key = "http.cert_file";

probe_error timeout_of(http_phase phase) {
  switch (phase) {
  case http_phase::resolve: return probe_error::resolve_timeout;
  case http_phase::connect: return probe_error::connect_timeout;
  default: return probe_error::deadline;
  }
}

} // namespace

hop_session::hop_session(const stream::services& use,
                         std::shared_ptr<const probe_settings> settings, stream::job&& work)
    : session(use, std::move(work), settings->config.timeout), settings_(std::move(settings)),
      identity_(settings_->config) {}

void hop_session::begin_hop(const http_url& url) {
  trace_.begin_hop();
  summary_.status = 0;
  summary_.version = 0;
  summary_.body_bytes = 0;
  if (report_) {
    fresh_report();
  }
  proxy_ = settings_->proxy ? settings_->proxy->server_for(url) : nullptr;
}

task<bool> hop_session::open(const http_url& url) {
  begin_hop(url);
  const auto& peer = proxy_ ? proxy_->address() : url;
  if (story_.wants_lines()) {
    story_.line("Resolving target address",
                {{"target", peer.dialled_host()}, {"proxy", proxy_ ? "true" : "false"}});
  }
  if (refused_behind_proxy(url)) {
    co_return false;
  }
  if (not_made_for(url, peer) != nullptr) {
    const bool ready = co_await make_tls(url, peer);
    if (!ready) {
      co_return false;
    }
  }
  const stream::family_wish wish{config().preferred_ip_protocol, config().ip_protocol_fallback};
  const auto whom = proxy_ ? stream::named_by::configuration : named(url);
  auto host = peer.dialled_host();
  auto found = dialer_.take_numeric(host, whom);
  if (!found) {
    found = co_await dialer_.resolve(std::move(host), wish, whom);
  }
  if (!take_answer(peer, *found)) {
    co_return false;
  }
  trace_.connecting(monotonic_clock::now());
  const auto fault = co_await dialer_.connect(peer.port, weak_from_this());
  bool ok = take_connection(peer, fault);
  if (ok && proxy_) {
    ok = co_await pass_proxy(url);
  }
  if (!ok) {
    co_return false;
  }
  trace_.connected(monotonic_clock::now(), url.tls);
  if (url.tls) {
    ok = co_await secure_target(url);
  }
  co_return ok;
}

/// What TLS of this hop needs and nobody has made yet; null: nothing.
const stream::tls_context* hop_session::not_made_for(const http_url& url,
                                                     const http_url& peer) const noexcept {
  if (proxy_ && peer.tls && !settings_->tls.is_made()) {
    return &settings_->tls;
  }
  const auto& own = context_for(url);
  return url.tls && !own.is_made() ? &own : nullptr;
}

task<bool> hop_session::make_tls(const http_url& url, const http_url& peer) {
  bool ok = true;
  while (const auto* context = ok ? not_made_for(url, peer) : nullptr) {
    const auto who = url.text();
    ok = co_await made(*context, who);
  }
  co_return ok;
}

/// What TLS with the target's side of a hop is spoken with.
const stream::tls_context& hop_session::context_for(const http_url& url) const noexcept {
  const bool elsewhere = settings_->tls_elsewhere && named(url) == stream::named_by::answer;
  return elsewhere ? *settings_->tls_elsewhere : settings_->tls;
}

/// Who named the host of a hop: whatever is the first host's own may go to it, or not.
stream::named_by hop_session::named(const http_url& url) const noexcept {
  return may_share_credentials(first_, url) ? stream::named_by::target : stream::named_by::answer;
}

// True, with the outcome set, if the limits do not allow the host that the proxy is to talk to.
bool hop_session::refused_behind_proxy(const http_url& url) {
  if (proxy_ == nullptr) {
    return false;
  }
  auto refused = dialer_.refusal_behind_proxy(url.dialled_host(), named(url));
  return !refused.is_none() && !fail(refused.error, std::move(refused.detail));
}

bool hop_session::take_answer(const http_url& peer, const stream::dial_fault& fault) {
  if (interrupted(peer)) {
    return false;
  }
  const auto& answer = dialer_.answer();
  if (answer) {
    outcome_.resolve_cached = outcome_.resolve_cached || answer->cached;
    if (summary_.redirects == 0) {
      story_.resolved(*answer);
    } else {
      story_.also_resolved(*answer);
    }
  }
  if (fault.is_none()) {
    trace_.resolved(answer->took);
    return true;
  }
  if (!proxy_ || is_local(fault.error)) {
    const bool led = fault.error == probe_error::not_allowed && summary_.redirects > 0;
    return fail(fault.error, (led ? "redirected to " + peer.text() + ": " : "") + fault.detail);
  }
  return fail(probe_error::proxy_failed, "proxy " + peer.text() + ": " + fault.detail);
}

bool hop_session::take_connection(const http_url& peer, const stream::dial_fault& fault) {
  outcome_.address = dialer_.address();
  if (aborted()) {
    return !interrupted(peer);
  }
  if (fault.is_none()) {
    return true;
  }
  auto reason = fault.error;
  if (proxy_ && !is_local(reason)) {
    reason = probe_error::proxy_failed;
  } else if (reason == probe_error::reset) {
    // It stood, and was reset at once: a moment later the next step would have met that.
    reason = peer.tls ? probe_error::tls_failed : probe_error::http_early_close;
  }
  return fail(reason, (proxy_ ? "proxy " : "") + peer.text() + ": " + fault.detail);
}

bool hop_session::interrupted(const http_url& url) {
  if (!is_over()) {
    return false;
  }
  const auto phase = trace_.current();
  const bool of_proxy = proxy_ && &url == &proxy_->address() && !aborted();
  fail_over((of_proxy ? "proxy " : "") + url.text(), to_string(phase),
            of_proxy ? probe_error::proxy_failed : timeout_of(phase));
  return true;
}

// True, with the outcome set, if the probe's time passed before the proxy had done its part.
bool hop_session::proxy_interrupted(const std::string& who) {
  if (is_over() && !aborted()) {
    fail(probe_error::proxy_failed, who + "no answer within the timeout of " +
                                        std::to_string(config().timeout.count()) + " ms");
    return true;
  }
  return interrupted(proxy_->address());
}

bool hop_session::fail_proxy(const error_code& error, std::string detail) {
  const auto own = stream::stream_fault(error);
  return fail(is_local(own) ? own : probe_error::proxy_failed, std::move(detail));
}

task<bool> hop_session::pass_proxy(const http_url& url) {
  bool ok = true;
  if (proxy_->address().tls) {
    ok = co_await secure_proxy();
  }
  if (ok && url.tls) {
    ok = co_await tunnel(url);
  }
  co_return ok;
}

task<bool> hop_session::secure_proxy() {
  const auto& address = proxy_->address();
  const auto who = "proxy " + address.text() + ": ";
  // Named: g++ 12 destroys a temporary twice that lives across an await.
  const stream::tls_peer peer{address.host, address.has_address()};
  proxy_report_ = std::make_unique<stream::tls_report>();
  auto& told = *proxy_report_;
  const auto error = co_await connection_.handshake(settings_->tls, peer, told);
  if (proxy_interrupted(who + "TLS handshake: ")) {
    co_return false;
  }
  if (!error) {
    co_return true;
  }
  co_return fail_proxy(error,
                       who + stream::judge_handshake(error, connection_, told, cert_key).detail);
}

task<bool> hop_session::tunnel(const http_url& url) {
  const auto who = "proxy " + proxy_->address().text() + ": CONNECT to " + url.text() + ": ";
  const auto request = proxy_->connect_request(url, settings_->user_agent);
  const auto error = co_await connection_.write(request);
  if (proxy_interrupted(who)) {
    co_return false;
  }
  if (error) {
    co_return fail_proxy(error, who + error.message());
  }
  // To a reader an answer to CONNECT is one to HEAD: what follows the header is the tunnel's.
  response_reader reader{{}, true};
  for (auto state = response_reader::state::need_more;
       state == response_reader::state::need_more;) {
    const auto got = co_await connection_.read(reader.prepare());
    if (proxy_interrupted(who)) {
      co_return false;
    }
    state = got.error ? reader.end_of_stream() : reader.commit(got.bytes);
  }
  if (reader.error() != probe_error::none) {
    co_return fail(probe_error::proxy_failed, who + reader.detail());
  }
  if (reader.status() / 100 != 2) {
    co_return fail(probe_error::proxy_failed,
                   who + "HTTP status " + std::to_string(reader.status()));
  }
  if (reader.bytes_left() > 0) {
    co_return fail(probe_error::proxy_failed, who + "the proxy sent more than its answer");
  }
  co_return true;
}

// Of the target's own certificate, not of that of where it redirects to.
void hop_session::note_certificate() {
  if (report().seen && !summary_.tls) {
    summary_.tls = std::make_shared<const tls_summary>(report().summary);
    summary_.cert_expiry_unix = report().summary.earliest_expiry_unix;
  }
}

task<bool> hop_session::secure_target(const http_url& url) {
  stream::tls_peer peer{url.host, url.has_address()};
  if (auto other = identity_.tls_name(url, first_); !other.empty()) {
    peer = stream::peer_of(std::move(other));
  }
  const auto& context = context_for(url);
  const bool elsewhere = &context != &settings_->tls;
  auto& told = fresh_report();
  const auto error = co_await connection_.handshake(context, peer, told);
  note_certificate();
  if (interrupted(url)) {
    co_return false;
  }
  if (error) {
    auto judged = told;
    judged.client_certificate_missing = judged.client_certificate_missing && !elsewhere;
    auto fault = stream::judge_handshake(error, connection_, judged, cert_key);
    if (elsewhere && told.client_certificate_missing) {
      fault.detail += certificate_hint();
      fault.error =
          fault.error == probe_error::tls_protocol ? probe_error::tls_failed : fault.error;
    }
    co_return fail(fault.error, url.text() + ": " + fault.detail);
  }
  trace_.secured(monotonic_clock::now());
  if (story_.wants_lines()) {
    story_.line("TLS handshake done", {{"version", told.summary.version},
                                       {"cipher", told.summary.cipher},
                                       {"subject", told.summary.subject}});
  }
  co_return true;
}

// With TLS 1.3 a server says only behind the handshake that it wanted a certificate, or just ends.
std::string hop_session::certificate_hint() const {
  const bool kept_back = report().client_certificate_missing && settings_->tls_elsewhere;
  return kept_back ? "; the server asked for a certificate, and that of http.cert_file goes to the "
                     "first host alone"
                   : stream::wanted_certificate(report(), cert_key);
}

bool hop_session::fail_stream(const error_code& error, const std::string& what, bool answered) {
  const auto& tls = connection_.tls_error().text;
  if (!tls.empty()) {
    return fail(probe_error::tls_failed, what + tls + certificate_hint());
  }
  if (const auto fault = stream::stream_fault(error); is_local(fault)) {
    return fail(fault, what + error.message());
  }
  return fail(probe_error::http_early_close,
              what + error.message() + (answered ? std::string{} : certificate_hint()));
}

} // namespace xprober::http
