#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
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

/// The module that the name of a kind stands for at `/probe`: the section of the kind, but with a
/// single echo that may take as long as the whole probe, as blackbox_exporter's users know it.
module_config ad_hoc_module(const probe_kind& kind, const kind_settings& settings);

/// `rpc:` of both files; `client_ca_file` is the server's alone.
struct rpc_config {
  std::string token_file;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;

  bool operator==(const rpc_config&) const = default;
};

struct agent_config : kind_settings {
  std::string region;
  std::vector<std::string> rpc_server_addr{"127.0.0.1:6001"};
  std::string http_addr = "127.0.0.1:8087";
  std::string log_level = "info"; ///< trace, debug, info, warn, error, critical, off
  std::string local_ip;
  std::string metadata_url = "http://169.254.169.254";
  std::string state_dir = "/var/lib/xprober"; ///< empty: everything stays in memory
  milliseconds sync_interval{5000};
  milliseconds probe_interval{15000};
  milliseconds push_interval{5000};
  milliseconds shutdown_timeout{10000};
  std::uint32_t threads = 1;                     ///< actor workers
  std::uint64_t max_pending_results = 2'000'000; ///< results in memory that no server has taken
  std::uint64_t spool_max_bytes = std::uint64_t{1} << 30U; ///< batches that no server has taken
  std::uint32_t max_probe_requests = 500; ///< at `/probe` at the same time; 0: there is no `/probe`
  std::uint32_t max_removal_percent = 50; ///< of the targets at once without being asked twice
  bool metrics_per_target = false;
  resolver_config resolver;
  std::map<std::string, module_config> modules; ///< by name
  rpc_config rpc;

  bool operator==(const agent_config&) const = default;
};

/// Labels by name.
using label_map = std::map<std::string, std::string>;

/// One entry of `prober_targets`, or a group of a discovered list, as written: blocks and names are
/// not expanded here.
struct target_entry {
  std::string prober_type;
  std::string region;
  std::vector<std::string> target;
  std::vector<std::string> source_regions; ///< empty: as the kind says
  int line = 0;                            ///< where it stands in its file, 1-based; 0: unknown
  bool sharding = false; ///< the agents of a region share the targets instead of all probing all
  label_map labels{};    ///< that its series carry, see `series_labels`
  std::string origin{};  ///< the discovered list that it is from; empty: the configuration

  bool operator==(const target_entry&) const = default;
};

/// What a discovered group has where its own labels say nothing.
struct discovery_defaults {
  std::string prober_type; ///< empty: the target's form decides
  std::string region;
  std::vector<std::string> source_regions;
  label_map labels;
  bool sharding = false; ///< as in target_entry; no label says it

  bool operator==(const discovery_defaults&) const = default;
};

/// One entry of `target_files`: lists on disk (Prometheus file_sd).
struct target_file_source {
  std::vector<std::string> files; ///< paths, the last part of which may hold a '*'
  discovery_defaults defaults;
  milliseconds refresh_interval{300000}; ///< looked at this often beside being watched

  bool operator==(const target_file_source&) const = default;
};

/// One entry of `target_urls`: a list behind a URL (Prometheus http_sd).
struct target_url_source {
  std::string url;
  discovery_defaults defaults;
  milliseconds refresh_interval{60000};
  milliseconds timeout{10000};                      ///< of the whole request
  std::uint64_t max_body = std::uint64_t{64} << 20; ///< bytes
  std::string bearer_token_file;                    ///< read for each request
  basic_auth_config basic_auth;                     ///< its file is read for each request
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool insecure_skip_verify = false;

  bool operator==(const target_url_source&) const = default;
};

/// One of `remote_write:` of the server's file.
struct remote_write_config {
  std::string url;
  std::string name; ///< of its queue; empty: the URL without its user
  std::map<std::string, std::string> headers;
  std::string bearer_token_file; ///< read before each request
  basic_auth_config basic_auth;
  std::string ca_file;
  bool insecure_skip_verify = false;
  milliseconds timeout{30000};               ///< of one request
  std::map<std::string, std::string> labels; ///< added to every series
  bool conventional_names = true;            ///< beside the old ones
  std::uint32_t max_samples_per_send = 10'000;
  std::uint64_t queue_max_bytes = std::uint64_t{1} << 30U; ///< of compressed batches

  bool operator==(const remote_write_config&) const = default;
};

/// `history:` of the server's file.
struct history_config {
  bool enabled = true;
  milliseconds retention_15s{std::chrono::hours{6}}; ///< of the roll-ups of 15 s, and so on
  milliseconds retention_1m{std::chrono::hours{7 * 24}};
  milliseconds retention_10m{std::chrono::hours{90 * 24}};
  std::uint64_t max_series = 20'000; ///< region pairs and URLs; those beyond are left out

  bool operator==(const history_config&) const = default;
};

struct server_config {
  std::string rpc_listen_addr = "127.0.0.1:6001";
  std::string metrics_listen_addr = "127.0.0.1:6002";
  std::string log_level = "info";
  std::vector<target_entry> prober_targets;
  std::vector<target_file_source> target_files;
  std::vector<target_url_source> target_urls;
  std::uint64_t max_targets = 2'000'000; ///< in all; a block counts as its addresses
  bool mesh = true;
  milliseconds mesh_lease{60000};
  milliseconds result_ttl{300000};
  history_config history;
  std::string state_dir = "/var/lib/xprober-server";
  milliseconds shutdown_timeout{10000};
  std::uint32_t threads = 1;
  bool metrics_per_target = false;
  std::vector<remote_write_config> remote_write;
  rpc_config rpc;

  bool operator==(const server_config&) const = default;
};

} // namespace xprober
