#include "xprober/domain/probe_result.hpp"

namespace xprober {

std::string_view to_string(probe_error error) noexcept {
  switch (error) {
  case probe_error::none: return "none";
  case probe_error::bad_target: return "bad_target";
  case probe_error::resolve_not_found: return "resolve_not_found";
  case probe_error::resolve_servfail: return "resolve_servfail";
  case probe_error::resolve_failed: return "resolve_failed";
  case probe_error::resolve_timeout: return "resolve_timeout";
  case probe_error::resolve_no_address: return "resolve_no_address";
  case probe_error::local_no_socket: return "local_no_socket";
  case probe_error::local_send: return "local_send";
  case probe_error::local_overload: return "local_overload";
  case probe_error::local_internal: return "local_internal";
  case probe_error::not_allowed: return "not_allowed";
  case probe_error::shutdown: return "shutdown";
  case probe_error::no_reply: return "no_reply";
  case probe_error::unreachable: return "unreachable";
  case probe_error::ttl_exceeded: return "ttl_exceeded";
  case probe_error::refused: return "refused";
  case probe_error::reset: return "reset";
  case probe_error::early_close: return "early_close";
  case probe_error::starttls_failed: return "starttls_failed";
  case probe_error::bad_answer: return "bad_answer";
  case probe_error::dns_malformed: return "dns_malformed";
  case probe_error::dns_truncated: return "dns_truncated";
  case probe_error::bad_rcode: return "bad_rcode";
  case probe_error::connect_timeout: return "connect_timeout";
  case probe_error::connect_failed: return "connect_failed";
  case probe_error::proxy_failed: return "proxy_failed";
  case probe_error::tls_expired: return "tls_expired";
  case probe_error::tls_not_yet_valid: return "tls_not_yet_valid";
  case probe_error::tls_unknown_issuer: return "tls_unknown_issuer";
  case probe_error::tls_wrong_name: return "tls_wrong_name";
  case probe_error::tls_verify: return "tls_verify";
  case probe_error::tls_protocol: return "tls_protocol";
  case probe_error::tls_failed: return "tls_failed";
  case probe_error::http_malformed: return "http_malformed";
  case probe_error::http_header_too_large: return "http_header_too_large";
  case probe_error::http_body_too_large: return "http_body_too_large";
  case probe_error::http_decoded_too_large: return "http_decoded_too_large";
  case probe_error::http_bad_encoding: return "http_bad_encoding";
  case probe_error::http_early_close: return "http_early_close";
  case probe_error::too_many_redirects: return "too_many_redirects";
  case probe_error::bad_redirect: return "bad_redirect";
  case probe_error::bad_status: return "bad_status";
  case probe_error::bad_http_version: return "bad_http_version";
  case probe_error::bad_header: return "bad_header";
  case probe_error::bad_body: return "bad_body";
  case probe_error::tls_unwanted: return "tls_unwanted";
  case probe_error::tls_missing: return "tls_missing";
  case probe_error::deadline: return "deadline";
  }
  return "unknown";
}

bool is_local(probe_error error) noexcept {
  switch (error) {
  case probe_error::local_no_socket:
  case probe_error::local_send:
  case probe_error::local_overload:
  case probe_error::local_internal:
  case probe_error::not_allowed:
  case probe_error::shutdown: return true;
  default: return false;
  }
}

} // namespace xprober
