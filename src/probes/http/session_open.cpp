#include <algorithm>
#include <tuple>
#include <utility>

#include "xprober/probes/http/certificates.hpp"
#include "xprober/probes/http/faults.hpp"
#include "xprober/probes/http/session.hpp"

// A session's way to a host: name, address, proxy, TLS.

namespace asio = boost::asio;

namespace xprober::http {

namespace {

constexpr std::size_t max_connect_attempts = 8;
constexpr milliseconds min_attempt_time{2000};

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

} // namespace

task<bool> session::open(const http_url& url) {
  trace_.begin_hop();
  summary_.status = 0;
  summary_.version = 0;
  summary_.body_bytes = 0;
  proxy_ = settings_->proxy ? settings_->proxy->server_for(url) : nullptr;
  const auto& peer = proxy_ ? proxy_->address() : url;
  if (wants_lines()) {
    tell("Resolving target address", {{"target", peer.host}, {"proxy", proxy_ ? "true" : "false"}});
  }
  bool ok = co_await resolve(peer);
  if (ok) {
    ok = co_await connect(peer);
  }
  if (ok && proxy_ && peer.tls) {
    ok = co_await secure_proxy();
  }
  if (ok && proxy_ && url.tls) {
    ok = co_await tunnel(url);
  }
  if (!ok) {
    co_return false;
  }
  trace_.connected(monotonic_clock::now(), url.tls);
  if (url.tls) {
    ok = co_await secure(url);
  }
  co_return ok;
}

task<bool> session::resolve(const http_url& peer) {
  answer_.reset();
  error_code not_numeric;
  const auto address = asio::ip::make_address(peer.host, not_numeric);
  if (!not_numeric) {
    answer_ = dns::resolve_answer{probe_error::none, {}, {address}};
  } else {
    ++services_.counters.resolves;
    ++guard_generation_;
    const auto ticket = services_.resolver.resolve(peer.host, config().preferred_ip_protocol,
                                                   [this](const dns::resolve_answer& answer) {
                                                     answer_ = answer;
                                                     timer_.cancel();
                                                   });
    bool waiting = true;
    while (waiting) {
      timer_.expires_at(deadline_);
      std::ignore = co_await timer_.async_wait(use_task);
      waiting = !answer_ && !aborted_ && give_time_back();
    }
    const auto now = monotonic_clock::now();
    resolve_lag_ += answer_ ? answer_->waited : ticket.waited(now);
    if (auto fault = ticket.own_fault(now); !answer_ && !aborted_ && !fault.empty()) {
      co_return fail(probe_error::local_overload, std::move(fault));
    }
  }
  expired_ = !answer_;
  co_return !interrupted(peer) && take_answer(peer);
}

bool session::take_answer(const http_url& peer) {
  auto& addresses = answer_->addresses;
  outcome_.resolve_cached = outcome_.resolve_cached || answer_->cached;
  if (answer_->error != probe_error::none) {
    tell_resolved();
    return proxy_ && !is_local(answer_->error)
               ? fail(probe_error::proxy_failed, "proxy " + peer.text() + ": " + answer_->detail)
               : fail(answer_->error, answer_->detail);
  }
  if (!config().ip_protocol_fallback && !peer.has_address()) {
    const bool wanted_v6 = config().preferred_ip_protocol == ip_family::ip6;
    std::erase_if(addresses, [&](const auto& address) { return address.is_v6() != wanted_v6; });
    if (addresses.empty()) {
      tell_resolved();
      return fail(proxy_ ? probe_error::proxy_failed : probe_error::resolve_no_address,
                  (proxy_ ? "proxy " : "") + peer.host + ": the name has no " +
                      (wanted_v6 ? "IPv6" : "IPv4") +
                      " address, and ip_protocol_fallback is false");
    }
  }
  trace_.resolved(answer_->took);
  tell_resolved();
  return true;
}

session::connect_verdict session::judge_connect(const error_code& error, const endpoint& to) {
  connect_verdict found{expired_ ? probe_error::connect_timeout : connect_fault(error),
                        to.address().to_string()};
  if (is_local(found.fault) && error == boost::system::errc::address_not_available &&
      !has_source_for(to.address())) {
    found.fault = probe_error::unreachable;
  }
  if (is_local(found.fault)) {
    count_shortage(error, services_.counters);
  }
  found.weight = is_local(found.fault) ? 3 : found.fault != probe_error::unreachable ? 2 : 1;
  return found;
}

task<bool> session::connect(const http_url& peer) {
  const auto count = std::min(answer_->addresses.size(), max_connect_attempts);
  // Of several addresses: what was lacking here before what a peer did, as the address that could
  // not be tried might have been the one that works; last of all that there is no way to it.
  connect_verdict verdict;
  std::string detail = (proxy_ ? "proxy " : "") + peer.text();
  trace_.connecting(monotonic_clock::now());
  for (std::size_t i = 0; i < count; ++i) {
    const endpoint to{answer_->addresses[i], peer.port};
    outcome_.address = to.address().to_string();
    const auto limit = attempt_limit(monotonic_clock::now(), deadline_, count - i);
    guard(limit);
    const auto error = co_await connection_.connect(to);
    if (!error && !expired_ && !aborted_) {
      ++services_.counters.connections;
      if (limit != deadline_) {
        guard(deadline_);
      }
      co_return true;
    }
    if (aborted_) {
      co_return !interrupted(peer);
    }
    auto found = judge_connect(error, to);
    if (found.weight > verdict.weight) {
      verdict = std::move(found);
    }
    detail += (i == 0 ? ": connect to " : "; to ") + endpoint_text(to) + ": " +
              (expired_ ? "no answer in time" : error.message());
    if (monotonic_clock::now() >= deadline_) {
      break;
    }
  }
  outcome_.address = verdict.address;
  const bool of_proxy = proxy_ && !is_local(verdict.fault);
  co_return fail(of_proxy ? probe_error::proxy_failed : verdict.fault, std::move(detail));
}

// True, with the outcome set, if the probe's time passed before the proxy had done its part.
bool session::proxy_interrupted(const std::string& who) {
  if (expired_ && !aborted_) {
    fail(probe_error::proxy_failed, who + "no answer within the timeout of " +
                                        std::to_string(config().timeout.count()) + " ms");
    return true;
  }
  return interrupted(proxy_->address());
}

task<bool> session::secure_proxy() {
  const auto& address = proxy_->address();
  const auto who = "proxy " + address.text() + ": TLS handshake: ";
  // Named: g++ 12 destroys a temporary twice that lives across an await.
  const tls_peer peer{address.host, address.has_address()};
  proxy_report_ = {};
  const auto error = co_await connection_.handshake(settings_->tls, peer, proxy_report_);
  if (proxy_interrupted(who)) {
    co_return false;
  }
  if (!error) {
    co_return true;
  }
  if (proxy_report_.rejected != probe_error::none) {
    co_return fail(probe_error::proxy_failed,
                   who + "certificate not accepted: " + proxy_report_.detail);
  }
  const auto& failed = connection_.tls_error().text;
  co_return fail(is_local(stream_fault(error)) ? stream_fault(error) : probe_error::proxy_failed,
                 who + (failed.empty() ? error.message() : failed) +
                     wanted_certificate(proxy_report_));
}

task<bool> session::tunnel(const http_url& url) {
  const auto who = "proxy " + proxy_->address().text() + ": CONNECT to " + url.text() + ": ";
  const auto request = proxy_->connect_request(url, settings_->user_agent);
  const auto error = co_await connection_.write(request);
  if (proxy_interrupted(who)) {
    co_return false;
  }
  if (error) {
    co_return fail(is_local(stream_fault(error)) ? stream_fault(error) : probe_error::proxy_failed,
                   who + error.message());
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
void session::note_certificate() {
  if (report_.seen && !summary_.tls) {
    summary_.tls = std::make_shared<const tls_summary>(report_.summary);
    summary_.cert_expiry_unix = report_.summary.earliest_expiry_unix;
  }
}

task<bool> session::secure(const http_url& url) {
  report_ = {};
  tls_peer peer{url.host, url.has_address()};
  if (const auto other = name_of(url); !other.empty()) {
    error_code is_name;
    asio::ip::make_address(other, is_name);
    peer = {other, !is_name};
  }
  const auto error = co_await connection_.handshake(settings_->tls, peer, report_);
  note_certificate();
  if (interrupted(url)) {
    co_return false;
  }
  if (!error) {
    trace_.secured(monotonic_clock::now());
    if (wants_lines()) {
      tell("TLS handshake done", {{"version", report_.summary.version},
                                  {"cipher", report_.summary.cipher},
                                  {"subject", report_.summary.subject}});
    }
    co_return true;
  }
  if (report_.rejected != probe_error::none) {
    co_return fail(report_.rejected, url.text() + ": certificate not accepted: " + report_.detail);
  }
  if (is_local(stream_fault(error))) {
    co_return fail(stream_fault(error), url.text() + ": TLS handshake: " + error.message());
  }
  const auto& failed = connection_.tls_error();
  const auto why = !failed.text.empty()        ? failed.text
                   : error == asio::error::eof ? "the server closed the connection"
                                               : error.message();
  // Without the certificate that it wants a server says no more than "handshake failure".
  const bool protocol = failed.is_protocol && !report_.client_certificate_missing;
  co_return fail(protocol ? probe_error::tls_protocol : probe_error::tls_failed,
                 url.text() + ": TLS handshake: " + why + wanted_certificate(report_));
}

} // namespace xprober::http
