#pragma once

// What the files of agents and servers say of the kinds of probes.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/target.hpp"

namespace xprober {

using std::chrono::milliseconds;

enum class icmp_mode : std::uint8_t {
  adaptive, ///< the next echo goes out when the last is answered, or after `interval`
  fixed,    ///< one echo every `interval`
};
enum class icmp_socket : std::uint8_t { automatic, raw, dgram };
enum class ip_family : std::uint8_t { ip4, ip6 };
inline constexpr std::array both_families{ip_family::ip4, ip_family::ip6};

/// `icmp:` of the agent's file. The defaults are Go agents' `ping -A -f -s 100 -W 1000 -c 50`.
struct icmp_config {
  std::uint32_t count = 50;   ///< echoes of one probe, 1 to 65535
  std::uint32_t size = 100;   ///< payload bytes of an echo, 24 to 65507 (24: token and check)
  milliseconds timeout{1000}; ///< after it an echo is lost
  milliseconds interval{10};
  milliseconds deadline{15000}; ///< the whole probe
  icmp_mode mode = icmp_mode::adaptive;
  icmp_socket socket = icmp_socket::automatic;
  int dscp = 0;       ///< 0 to 63
  int ttl = 64;       ///< 1 to 255
  std::string source; ///< numeric source address; empty: the kernel chooses
  ip_family preferred_ip_protocol = ip_family::ip4;
  bool ip_protocol_fallback = true; ///< a name without an address of it is probed at another
  bool share_results = true;        ///< an address of several targets is probed once in a period

  bool operator==(const icmp_config&) const = default;
};

enum class tls_version : std::uint8_t { tls10, tls11, tls12, tls13 };

/// `http.basic_auth:`; one of the two places of the password.
struct basic_auth_config {
  std::string username;
  std::string password;
  std::string password_file; ///< read with the configuration; a final line end does not count

  bool operator==(const basic_auth_config&) const = default;
};

/// One of `fail_if_header_matches` and `fail_if_header_not_matches`.
struct header_matcher {
  std::string header;
  std::string regexp;         ///< RE2; looked for anywhere in a value
  bool allow_missing = false; ///< an answer without the header passes

  bool operator==(const header_matcher&) const = default;
};

/// `http:` of the agent's file.
struct http_config {
  milliseconds timeout{10000}; ///< one deadline over the whole probe
  std::string method = "GET";
  bool follow_redirects = true;
  std::uint32_t max_redirects = 10;
  std::vector<std::uint16_t> valid_status_codes;    ///< empty: 200 to 299
  std::uint64_t max_body = std::uint64_t{10} << 20; ///< bytes
  std::uint32_t max_in_flight = 1000;
  ip_family preferred_ip_protocol = ip_family::ip4;
  std::string ca_file;
  bool insecure_skip_verify = false;
  std::map<std::string, std::string> headers;
  // Of the request
  std::string body;
  std::string body_file; ///< read with the configuration
  basic_auth_config basic_auth;
  std::string bearer_token_file; ///< read with the configuration
  std::string server_name;       ///< in place of the first host's name: SNI, and what is certified
  tls_version min_tls_version = tls_version::tls12;
  tls_version max_tls_version = tls_version::tls13;
  std::string cert_file; ///< of the client, with `key_file`
  std::string key_file;
  std::string proxy_url;
  bool proxy_from_environment = false; ///< $HTTP_PROXY, $HTTPS_PROXY and $NO_PROXY instead
  std::vector<std::string> no_proxy;   ///< names with what is below them, addresses, blocks, "*"
  bool ip_protocol_fallback = true;    ///< the other family's addresses are tried, too
  // Of the response
  std::vector<std::string> valid_http_versions;         ///< e.g. "HTTP/1.1"; empty: all
  std::vector<std::string> fail_if_body_matches_regexp; ///< RE2
  std::vector<std::string> fail_if_body_not_matches_regexp;
  std::vector<header_matcher> fail_if_header_matches;
  std::vector<header_matcher> fail_if_header_not_matches;
  bool fail_if_ssl = false;
  bool fail_if_not_ssl = false;

  bool operator==(const http_config&) const = default;
};

/// `tls_config:` of a kind that can speak TLS, as blackbox_exporter has it.
struct tls_client_config {
  std::string ca_file;   ///< empty: the system's store
  std::string cert_file; ///< of the client, with `key_file`
  std::string key_file;
  std::string server_name; ///< in place of the target's host: SNI, and what is certified
  bool insecure_skip_verify = false;
  tls_version min_version = tls_version::tls12;
  tls_version max_version = tls_version::tls13;

  bool operator==(const tls_client_config&) const = default;
};

/// One of `query_response` of `tcp:`. Within a step: what is expected, what is sent, TLS.
struct tcp_step {
  std::string expect; ///< RE2 that a line must match, others are read over; empty: nothing
  std::string send; ///< a line; $1 or ${1}, ${name}: what `expect` captured; empty: nothing is sent
  bool starttls = false; ///< a TLS handshake

  bool operator==(const tcp_step&) const = default;
};

/// `tcp:` of the agent's file.
struct tcp_probe_config {
  milliseconds timeout{10000}; ///< one deadline over the whole probe
  std::vector<tcp_step> query_response;
  bool tls = false; ///< from the beginning
  tls_client_config tls_config;
  std::uint32_t max_in_flight = 1000;
  ip_family preferred_ip_protocol = ip_family::ip4;
  bool ip_protocol_fallback = true;

  bool operator==(const tcp_probe_config&) const = default;
};

/// How a connection without TLS becomes one with it.
enum class starttls_protocol : std::uint8_t { none, smtp, imap, pop3, ftp, postgres, ldap };
/// As configuration, command and messages say them, each at the place of its number.
inline constexpr std::pair<std::string_view, starttls_protocol> starttls_names[] = {
    {"none", starttls_protocol::none}, {"smtp", starttls_protocol::smtp},
    {"imap", starttls_protocol::imap}, {"pop3", starttls_protocol::pop3},
    {"ftp", starttls_protocol::ftp},   {"postgres", starttls_protocol::postgres},
    {"ldap", starttls_protocol::ldap}};

/// `tls:` of the agent's file.
struct tls_probe_config {
  milliseconds timeout{10000}; ///< one deadline over the whole probe
  starttls_protocol starttls = starttls_protocol::none;
  tls_client_config tls_config;
  std::uint32_t max_in_flight = 1000;
  ip_family preferred_ip_protocol = ip_family::ip4;
  bool ip_protocol_fallback = true;

  bool operator==(const tls_probe_config&) const = default;
};

enum class dns_transport : std::uint8_t { udp, tcp };

/// One of `validate_answer_rrs` and its like of `dns:`. The expressions are RE2 and are looked for
/// in each record as text: "name TTL class type data".
struct dns_rr_checks {
  std::vector<std::string> fail_if_matches_regexp;      ///< one record matches one of them
  std::vector<std::string> fail_if_all_match_regexp;    ///< every record matches each of them
  std::vector<std::string> fail_if_not_matches_regexp;  ///< one record does not match one of them
  std::vector<std::string> fail_if_none_matches_regexp; ///< no record matches one of them

  bool operator==(const dns_rr_checks&) const = default;
};

/// `dns:` of the agent's file.
struct dns_probe_config {
  milliseconds timeout{10000};    ///< one deadline over the whole probe
  std::string query_type = "A";   ///< a name, or a number from 1 to 65535
  std::string query_class = "IN"; ///< IN, CH, HS, ANY, or a number
  bool recursion_desired = true;
  dns_transport transport_protocol = dns_transport::udp;
  bool tcp_fallback = true;  ///< an answer that was cut over UDP is asked for over TCP
  bool dns_over_tls = false; ///< over TCP with TLS, port 853 unless the target names one
  tls_client_config tls_config;
  std::vector<std::string> valid_rcodes; ///< e.g. "NXDOMAIN"; empty: NOERROR alone
  dns_rr_checks validate_answer_rrs;
  dns_rr_checks validate_authority_rrs;
  dns_rr_checks validate_additional_rrs;
  std::uint32_t max_in_flight = 1000;
  ip_family preferred_ip_protocol = ip_family::ip4;
  bool ip_protocol_fallback = true;

  bool operator==(const dns_probe_config&) const = default;
};

/// `resolver:` of the agent's file: how names of targets are resolved.
struct resolver_config {
  /// "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"; empty: those of resolv.conf.
  std::vector<std::string> servers;
  milliseconds timeout{5000}; ///< of one name, over all servers and attempts
  std::uint32_t attempts = 2; ///< at each server
  /// An answer is shared for its TTL, at most this long; 0: every resolve asks.
  milliseconds cache_max_ttl{60000};
  /// The same for "no such name" and "no address" (RFC 2308). Other failures are never kept.
  milliseconds cache_max_negative_ttl{60000};
  std::uint32_t max_cached_names = 100'000;
  std::uint32_t max_in_flight = 256; ///< names asked for at the same time; more wait their turn

  bool operator==(const resolver_config&) const = default;
};

/// The settings of all kinds of probes that have any: the sections of their names. How each is read
/// and shown is in src/config/kind_NAME.cpp.
struct kind_settings {
  icmp_config icmp;
  http_config http;
  tcp_probe_config tcp;
  tls_probe_config tls;
  dns_probe_config dns;
  /// Who may be sent the secrets of these, see `has_secrets`, as `host_patterns` has it; empty:
  /// whoever is the target.
  std::vector<std::string> secret_hosts;

  bool operator==(const kind_settings&) const = default;
};

/// One of `modules:` of the agent's file: what targets with its name as `prober_type` are probed
/// with. What it leaves out is as in the section of its kind. Of its settings only those of the
/// kind that it is built on count.
struct module_config : kind_settings {
  module_config() = default;
  module_config(const probe_kind& built_on, kind_settings settings)
      : kind_settings(std::move(settings)), prober(&built_on) {}

  const probe_kind* prober = nullptr; ///< what it is built on; outlives everything

  bool operator==(const module_config&) const = default;
};

} // namespace xprober
