#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/counted.hpp"
#include "xprober/domain/kind.hpp"
#include "xprober/domain/recycler.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

/// Why a probe did not succeed. `local_*` and `not_allowed` are the prober's own: they never count
/// as loss or as a failure of the target's network.
enum class probe_error : std::uint8_t {
  none,
  // before anything is sent
  bad_target,        ///< the address or URL cannot be used
  resolve_not_found, ///< the name does not exist (NXDOMAIN, no entry)
  resolve_servfail,  ///< the name server answered SERVFAIL
  resolve_failed,    ///< refused, malformed answer
  resolve_timeout,
  resolve_no_address, ///< the name exists and has no address of a usable family
  local_no_socket,    ///< neither capability nor ping group, descriptors or ports used up
  local_send,         ///< the kernel refused to send (no route from here, EPERM, ...)
  local_overload,     ///< could not be started in its slot, or receive buffers overflowed
  local_internal,     ///< an exception in the prober; `detail` says which
  not_allowed, ///< the configuration forbids it, or it is a broadcast address of a network here
  shutdown,    ///< the prober ended while the probe ran
  // network
  no_reply,     ///< no echo answered
  unreachable,  ///< ICMP destination unreachable or EHOSTUNREACH / ENETUNREACH
  ttl_exceeded, ///< ICMP time exceeded
  // connections
  refused,
  reset, ///< the target ended the connection with a reset
  connect_timeout,
  connect_failed,
  proxy_failed, ///< the proxy made no tunnel
  tls_expired,  ///< a certificate's time is over
  tls_not_yet_valid,
  tls_unknown_issuer, ///< no way from the certificate to an accepted authority
  tls_wrong_name,     ///< the certificate is for other names
  tls_verify,         ///< certificate not accepted for another reason; `detail` says why
  tls_protocol,       ///< no version of TLS or no cipher that both sides take
  tls_failed,         ///< handshake failed otherwise
  early_close,        ///< the target closed the connection before the probe was through
  starttls_failed,    ///< the server does not change to TLS
  bad_answer,         ///< not what is expected; `detail` says what was
  // http
  http_malformed,
  http_header_too_large,
  http_body_too_large,
  http_decoded_too_large, ///< after its Content-Encoding was undone
  http_bad_encoding,      ///< the body is not what its Content-Encoding says
  http_early_close,
  too_many_redirects,
  bad_redirect,
  bad_status,
  bad_http_version, ///< not one of `valid_http_versions`
  bad_header,       ///< `fail_if_header_matches`, `fail_if_header_not_matches`
  bad_body,         ///< `fail_if_body_matches_regexp`, `fail_if_body_not_matches_regexp`
  tls_unwanted,     ///< `fail_if_ssl`
  tls_missing,      ///< `fail_if_not_ssl`
  // dns
  dns_malformed, ///< what came is no answer that can be read
  dns_truncated, ///< the answer did not fit, also where there is no shorter way
  bad_rcode,     ///< not one of `valid_rcodes`
  deadline,      ///< the deadline over everything passed; `detail` names the phase
};

/// Short lower-case name, e.g. "no_reply".
std::string_view to_string(probe_error error) noexcept;

/// True for errors of the prober itself (`local_*`, `not_allowed`, `shutdown`): they say nothing of
/// the target.
bool is_local(probe_error error) noexcept;

/// What an engine knows of a probe beside its columns, for the agent's own pages, `/probe` and the
/// commands. Only the kind's own parts look into it.
struct probe_details {
  probe_details() = default;
  probe_details(const probe_details&) = default;
  probe_details& operator=(const probe_details&) = default;
  virtual ~probe_details() = default;
};

/// What an engine says of one probe.
struct probe_outcome {
  bool success = false;
  probe_error error = probe_error::none;
  std::string detail;       ///< for people: what was tried, on what; empty on success
  std::string address;      ///< the numeric address that was probed; empty if none was reached
  wall_time started{};      ///< when the probe began
  nanoseconds duration{0};  ///< from the beginning to the end of the probe
  nanoseconds start_lag{0}; ///< how late the engine began it, measured from its due time
  /// Measured for another target with the same address in the same period.
  bool shared = false;
  /// A name's addresses, or that it has none, were known from an earlier query: what resolving
  /// took is that query's time.
  bool resolve_cached = false;
  /// The numbers, by the columns of the target's kind.
  column_values values{};
  std::shared_ptr<const probe_details> details{}; ///< null: the columns say all

  probe_state state() const noexcept {
    if (success) {
      return probe_state::ok;
    }
    return is_local(error) ? probe_state::own_fault : probe_state::failed;
  }
};

/// An outcome and the target it is of: what `results` holds.
struct probe_result {
  target_ref target;
  probe_outcome outcome;
  reference_count references = {};

  /// One comes for each that goes, on the thread of the actors.
  static void* operator new(std::size_t bytes) { return take_block(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept { give_block(block, bytes); }
};

using probe_result_ptr = counted_ptr<const probe_result>;

} // namespace xprober
