#pragma once

// What the file of an agent and that of a server say.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "xprober/domain/connection_limits.hpp"
#include "xprober/domain/kind_config.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

/// `probe_endpoint:` of the agent's file: who may make the agent probe what at `/probe`.
struct probe_endpoint_config {
  std::optional<bool> enabled;              ///< nothing ("auto"): where `http_addr` is loopback
  std::vector<std::string> allowed_targets; ///< beside the agent's own; empty: all that it may

  bool operator==(const probe_endpoint_config&) const = default;
};

/// `rpc:` of both files.
struct rpc_config {
  std::string token_file;
  std::string ca_file; ///< an agent's
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;                                 ///< a server's
  std::string join_ca_file{};                                 ///< a server's, of agents that join
  std::string join_key_file{};                                ///< a server's: the key of these
  milliseconds certificate_life{std::chrono::hours{30 * 24}}; ///< a server's: of those it gives
  bool renew = false; ///< an agent's: its server gives it the next certificate

  bool operator==(const rpc_config&) const = default;
};

/// `web:` of both files.
struct web_config {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;                 ///< whose client certificates are an operator's
  std::string token_file;                     ///< an operator's
  std::string read_token_file;                ///< of those who only look
  std::vector<std::string> allowed_hosts;     ///< of browsers' requests, see net::browser_guard
  std::string proxy_header{};                 ///< in which a proxy names its user; empty: none does
  std::vector<std::string> proxy_networks{};  ///< of proxies: CIDR blocks and addresses
  std::vector<std::string> proxy_operators{}; ///< users who are operators; "*": all of them

  bool operator==(const web_config&) const = default;
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
  // Whom it may be made to probe, see `target_limits`; empty `allowed_targets`: all but the denied.
  probe_endpoint_config probe_endpoint;
  std::vector<std::string> allowed_targets;
  std::vector<std::string> denied_targets{"unspecified", "link_local", "broadcast", "multicast"};
  web_config web;
  connection_limits connections{.connections = 1024}; ///< of `limits`
  bool insecure = false; ///< may listen beyond loopback without TLS and a credential

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
  bool native_histograms = false;            ///< of region pairs and addresses; needs the history
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

/// How a receiver of alerts is reached: one of `alerts.alertmanagers`, or where a webhook goes.
struct alert_receiver_config {
  std::string url; ///< of an Alertmanager: what stands before /api/v2/alerts
  std::map<std::string, std::string> headers;
  std::string bearer_token_file; ///< read before each request
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool insecure_skip_verify = false;

  bool operator==(const alert_receiver_config&) const = default;
};

/// One of `alerts.webhooks:`.
struct webhook_config {
  std::string name; ///< of its queue; empty: see `receiver_name`
  alert_receiver_config to;
  std::string secret_file; ///< signs the bodies; read before each request
  std::string body;        ///< a `text_template`; empty: the whole incident
  std::string content_type = "application/json";

  bool operator==(const webhook_config&) const = default;
};

/// `alerts:` of the server's file: when there is an incident, and who is told.
struct alerts_config {
  std::uint32_t results = 3; ///< `for`: failures in a row, 1 to 20
  std::vector<alert_receiver_config> alertmanagers;
  std::vector<webhook_config> webhooks;
  std::string external_url;                  ///< of this server's pages; empty: no links
  std::map<std::string, std::string> labels; ///< added to every incident

  bool operator==(const alerts_config&) const = default;
};

/// What agents may cause, each and all together.
struct limits_config {
  std::uint64_t series = 8'000'000;       ///< what one agent measures of one target is one
  std::uint64_t agent_series = 2'000'000; ///< of one agent
  /// Rows of batches, or values of the older form, of one agent.
  std::uint64_t agent_rows_per_second = 200'000;
  std::uint64_t agent_bytes_per_second = std::uint64_t{4} << 20; ///< of batches, as they come
  std::uint64_t journal_bytes = std::uint64_t{4} << 30;          ///< of records in the journal
  bool listed_targets_only = true; ///< results of targets that nobody was given are refused
  std::uint64_t new_agents_per_minute = 6000; ///< that may enter the mesh

  bool operator==(const limits_config&) const = default;
};

/// One entry of `access:` of the server's file. It has a token or the name of a certificate.
struct access_entry {
  std::string token_file;
  std::string certificate;           ///< the common name of a client certificate's subject
  std::vector<std::string> regions;  ///< that its holder speaks for; empty: every one
  std::vector<std::string> networks; ///< of the addresses of their agents; empty: every one

  bool operator==(const access_entry&) const = default;
};

/// One of `status.groups:`: the targets that fit all of its matchers.
struct status_group {
  std::string name{};
  /// `region`, `source_region`, `probe_type`, `target` or `label.NAME`; `*` in a value stands for
  /// any characters.
  std::map<std::string, std::string> match{};

  bool operator==(const status_group&) const = default;
};

/// `status:` of the server's file: a page for everybody.
struct status_config {
  bool enabled = false;
  std::string title{};
  bool show_targets = false; ///< the names of what fails may be read by everybody
  std::vector<status_group> groups{};

  bool operator==(const status_config&) const = default;
};

/// What `max_targets` of a server can be.
inline constexpr std::uint64_t most_max_targets = 100'000'000;

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
  milliseconds mesh_forget{std::chrono::hours{24}}; ///< a lost agent stays in the mesh so long
  milliseconds result_ttl{300000};
  history_config history;
  std::string state_dir = "/var/lib/xprober-server";
  milliseconds shutdown_timeout{10000};
  std::uint32_t threads = 1;
  bool metrics_per_target = false;
  std::vector<remote_write_config> remote_write;
  alerts_config alerts;
  rpc_config rpc;
  web_config web;
  connection_limits connections;           ///< of `limits`
  std::vector<std::string> mesh_networks;  ///< CIDR blocks and addresses; empty: see `mesh_gate`
  std::vector<std::string> retired_agents; ///< "region/address" and "region/*"
  limits_config limits;
  status_config status;
  std::map<std::string, label_map> region_labels; ///< by the region's name
  std::vector<access_entry> access;               ///< empty: who may call speaks for everybody
  bool insecure = false; ///< may listen beyond loopback without TLS and a credential

  bool operator==(const server_config&) const = default;
};

} // namespace xprober
