#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

/// Why a probe did not succeed. `local_*` are the prober's own faults: they never count as loss
/// or as a failure of the target's network.
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
  shutdown,           ///< the prober ended while the probe ran
  // network
  no_reply,     ///< no echo answered
  unreachable,  ///< ICMP destination unreachable or EHOSTUNREACH / ENETUNREACH
  ttl_exceeded, ///< ICMP time exceeded
  // http
  refused,
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
  deadline,         ///< the deadline over everything passed; `detail` names the phase
};

/// Short lower-case name, e.g. "no_reply".
std::string_view to_string(probe_error error) noexcept;

/// True for errors of the prober itself (`local_*`, `shutdown`): they say nothing of the target.
bool is_local(probe_error error) noexcept;

/// Round-trip times of one ICMP probe in milliseconds. All zero where nothing was received; what
/// a shortened record did not keep is not a number.
struct rtt_stats {
  float min = 0;
  float mean = 0;
  float max = 0;
  float stddev = 0;
  float p50 = 0; ///< nearest rank, like the other two
  float p99 = 0;
  float p90 = 0;
  /// RFC 3550, section 6.4.1, over the answered echoes in the order of their numbers:
  /// J += (|difference of two neighbours' times| - J) / 16, from 0 on.
  float jitter = 0;

  bool operator==(const rtt_stats&) const = default;
};

/// A kind of ICMP error that came back for a probe's echoes.
struct icmp_error_report {
  std::uint8_t type = 0; ///< RFC 792, RFC 4443
  std::uint8_t code = 0;
  std::uint32_t count = 0; ///< such errors from this sender
  std::string_view text;   ///< what type and code mean, e.g. "host unreachable"; a literal
  std::string router;      ///< the numeric address that reported it

  bool operator==(const icmp_error_report&) const = default;
};

/// What an ICMP probe counted. `sent` holds only echoes whose fate is known: answered, or lost
/// because their timeout passed. Echoes in flight at the deadline are in neither.
struct icmp_summary {
  std::uint32_t sent = 0;
  std::uint32_t received = 0; ///< distinct echoes answered in time; never above `sent`
  std::uint32_t duplicates = 0;
  std::uint32_t late = 0;      ///< answers after their echo's timeout, seen before the probe's end
  std::uint32_t reordered = 0; ///< echoes that were answered after a later one
  rtt_stats rtt;
  std::uint8_t reply_ttl = 0; ///< TTL or hop limit of the last reply as it arrived; 0: not known
  /// The prober was interrupted while it sent every echo that was answered: the times can be off by
  /// as long as that took.
  bool rtt_inexact = false;
  /// The receive buffer overflowed while the probe ran: echoes without an answer were not counted.
  bool receive_overflow = false;
  std::vector<icmp_error_report> errors; ///< in the order they first came

  /// Percent of `sent` that was not answered: 0 to 100; 100 when `sent` is 0.
  double loss_percent() const noexcept;
};

/// Phases of an HTTP probe, in the order they happen.
enum class http_phase : std::uint8_t { resolve, connect, tls, processing, transfer };
inline constexpr std::size_t http_phase_count = 5;
/// "resolve", "connect", "tls", "processing", "transfer".
std::string_view to_string(http_phase phase) noexcept;

/// What was learnt of TLS with the first host of a probe, also where its certificate was refused.
struct tls_summary {
  std::int64_t expiry_unix = 0;          ///< of the host's own certificate
  std::int64_t earliest_expiry_unix = 0; ///< over all certificates that the host sent
  /// When the chain up to an accepted authority, which it includes, first breaks; 0: not accepted,
  /// or not to be verified.
  std::int64_t chain_expiry_unix = 0;
  std::string fingerprint_sha256; ///< of the host's own certificate, in hexadecimal digits
  std::string subject;            ///< RFC 2253
  std::string issuer;
  std::vector<std::string> dns_names; ///< the first of them, and addresses likewise
  std::string version;                ///< e.g. "TLSv1.3"; empty: the handshake did not get there
  std::string cipher;

  bool operator==(const tls_summary&) const = default;
};

/// What an HTTP probe measured. A phase that was not completed has no value. For a plain
/// http:// URL `tls` is 0 once connected. `resolve` sums over redirects, the others are of the last
/// hop.
struct http_summary {
  std::array<std::optional<float>, http_phase_count> phases_ms;
  std::uint16_t status = 0; ///< 0: no status line was read
  std::uint16_t redirects = 0;
  std::uint64_t body_bytes = 0;
  std::int64_t cert_expiry_unix = 0;      ///< earliest in the chain; 0: no certificate seen
  std::uint8_t version = 0;               ///< of HTTP: 10 or 11; 0: no status line was read
  std::shared_ptr<const tls_summary> tls; ///< null: no certificate seen

  std::optional<float>& phase(http_phase p) { return phases_ms[static_cast<std::size_t>(p)]; }
  const std::optional<float>& phase(http_phase p) const {
    return phases_ms[static_cast<std::size_t>(p)];
  }
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
  std::variant<icmp_summary, http_summary> data;
};

/// An outcome and the target it is of: what `results` holds.
struct probe_result {
  target_ref target;
  probe_outcome outcome;
};

using probe_result_ptr = std::shared_ptr<const probe_result>;

} // namespace xprober
