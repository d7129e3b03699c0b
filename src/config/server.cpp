#include <algorithm>
#include <limits>

#include "xprober/config/checks.hpp"
#include "xprober/config/list_items.hpp"
#include "xprober/config/read.hpp"
#include "xprober/config/warnings.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"
#include "xprober/domain/targets/target_labels.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
  const auto most = std::numeric_limits<std::uint64_t>::max();
  return a > most - b ? most : a + b;
}

/// How many targets an entry stands for.
std::uint64_t count_targets(const target_entry& entry) {
  const prober_name type{entry.prober_type};
  std::uint64_t count = 0;
  for (const auto& text : entry.target) {
    count = saturating_sum(count, read_target(type, text).size());
  }
  return count;
}

target_entry read_entry(section item) {
  target_entry entry;
  for (const auto* needed : {"prober_type", "region", "target"}) {
    if (!item.has(needed)) {
      item.report(needed, "is missing; every entry needs prober_type, region and target");
    }
  }
  item.text("prober_type", entry.prober_type, check_prober_type);
  warn_of_near_kind(item, entry.prober_type);
  const auto& type = entry.prober_type;
  item.text("region", entry.region, check_region);
  item.texts("target", entry.target, [&](std::string_view text) {
    // Without a type nothing can be said of the target.
    return type.empty() ? std::string{} : check_target(type, text);
  });
  if (item.is_empty_list("target")) {
    item.report("target", "names nothing; allowed is a target or a list of them");
  }
  item.texts("source_regions", entry.source_regions, check_region);
  item.boolean("sharding", entry.sharding);
  read_labels(item, entry.labels);
  entry.labels = series_labels(entry.labels);
  item.finish();
  return entry;
}

void read_targets(section& top, server_config& out) {
  auto& found = top.found();
  const auto list = top.value("prober_targets");
  if (!list || list->kind == node::type::null) {
    return;
  }
  if (list->kind != node::type::list) {
    top.report("prober_targets", "is " + std::string{to_string(list->kind)} +
                                     "; allowed is a list of entries with prober_type, region "
                                     "and target");
    return;
  }
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    const auto& item = list->children[i];
    const auto name = top.full_name("prober_targets") + "[" + std::to_string(i) + "]";
    if (item->kind != node::type::map) {
      found.add(*item, name,
                "is " + std::string{to_string(item->kind)} +
                    "; allowed are entries with prober_type, region and target");
      continue;
    }
    auto entry = read_entry({item, name + ".", found});
    entry.line = item->line;
    const auto count = count_targets(entry);
    const bool fitted = total <= out.max_targets;
    total = saturating_sum(total, count);
    if (fitted && total > out.max_targets) {
      found.add(*item, name,
                "stands for " + std::to_string(count) + " targets, which makes " +
                    std::to_string(total) + "; allowed are " + std::to_string(out.max_targets) +
                    " in all (max_targets)");
    }
    out.prober_targets.push_back(std::move(entry));
  }
  warn_of_duplicates(out.prober_targets, top.full_name("prober_targets"), *list, found);
}

void read_server_rpc(section rpc, rpc_config& out) {
  rpc.file("token_file", out.token_file);
  rpc.file("cert_file", out.cert_file);
  rpc.file("key_file", out.key_file);
  rpc.file("client_ca_file", out.client_ca_file);
  if (out.cert_file.empty() != out.key_file.empty()) {
    rpc.report(out.cert_file.empty() ? "key_file" : "cert_file",
               "stands alone; TLS needs cert_file and key_file, both or none");
  }
  if (!out.client_ca_file.empty() && out.cert_file.empty()) {
    rpc.report("client_ca_file", "needs TLS; set cert_file and key_file, too");
  }
  rpc.file("join_ca_file", out.join_ca_file);
  rpc.file("join_key_file", out.join_key_file);
  rpc.duration("certificate_life", out.certificate_life, 10s, 24h * 825);
  if (out.join_ca_file.empty() != out.join_key_file.empty()) {
    rpc.report(out.join_ca_file.empty() ? "join_key_file" : "join_ca_file",
               "stands alone; agents join with join_ca_file and join_key_file, both or none");
  }
  if (!out.join_ca_file.empty() && out.cert_file.empty()) {
    rpc.report("join_ca_file", "needs TLS; set cert_file and key_file, too");
  }
  rpc.finish();
}

/// Whether one process cannot listen on both. "" is every address of both families.
bool share_a_port(const std::string& a, const std::string& b) {
  std::string ignored;
  const auto left = parse_host_port(a, ignored);
  const auto right = parse_host_port(b, ignored);
  if (!left || !right || left->port != right->port || left->port == 0) {
    return false;
  }
  const auto covers = [](const std::string& all, const std::string& one) {
    const auto address = parse_ip(one);
    return all.empty() || all == one || (all == "0.0.0.0" && address && !address->v6) ||
           (all == "::" && address && address->v6);
  };
  return covers(left->host, right->host) || covers(right->host, left->host);
}

void read_history(section history, history_config& out) {
  constexpr auto longest = std::chrono::hours{24 * 3660};
  history.boolean("enabled", out.enabled);
  history.duration("retention_15s", out.retention_15s, 15s, longest);
  history.duration("retention_1m", out.retention_1m, 15s, longest);
  history.duration("retention_10m", out.retention_10m, 15s, longest);
  if (out.retention_1m < out.retention_15s) {
    history.report("retention_1m", "is shorter than retention_15s; a coarser level is kept at "
                                   "least as long as a finer one");
  }
  if (out.retention_10m < out.retention_1m) {
    history.report("retention_10m", "is shorter than retention_1m; a coarser level is kept at "
                                    "least as long as a finer one");
  }
  history.number("max_series", out.max_series, 1, 10'000'000);
  history.finish();
}

void read_access_entry(section entry, std::vector<access_entry>& out) {
  access_entry one;
  entry.file("token_file", one.token_file);
  entry.text("certificate", one.certificate);
  entry.texts("regions", one.regions, check_region);
  entry.texts("networks", one.networks, check_network);
  if (one.token_file.empty() == one.certificate.empty()) {
    entry.report("certificate", one.token_file.empty()
                                    ? "is missing; an entry needs it or token_file"
                                    : "stands beside token_file; allowed is one of them");
  }
  if (one.regions.empty() && one.networks.empty()) {
    entry.report("regions", "is missing, and so is networks; an entry says for whom its credential "
                            "speaks");
  }
  entry.finish();
  out.push_back(std::move(one));
}

void read_access(section& top, server_config& out) {
  constexpr std::string_view allowed = "entries with token_file or certificate, and regions or "
                                       "networks";
  for_each_item(top, "access", allowed, [&](const node_ptr& item, const std::string& name) {
    if (item->kind == node::type::map) {
      read_access_entry({item, name + ".", top.found()}, out.access);
    } else {
      top.found().add(*item, name, "is a single value; allowed are " + std::string{allowed});
    }
  });
  const bool certified = std::ranges::any_of(
      out.access, [](const access_entry& entry) { return !entry.certificate.empty(); });
  if (certified && out.rpc.client_ca_file.empty() && out.rpc.join_ca_file.empty()) {
    top.report("access", "names certificates, and nobody is asked for one; set rpc.client_ca_file");
  }
  if (out.access.empty() && !out.rpc.join_ca_file.empty() && !out.rpc.client_ca_file.empty()) {
    top.report("access", "is empty, and the certificates of rpc.client_ca_file speak for nobody "
                         "beside rpc.join_ca_file; name them with their regions or networks");
  }
}

std::string check_retired(std::string_view text) {
  std::string error;
  return parse_retired(text, error) ? std::string{}
                                    : in_quotes(text) + " is not an agent: " + error +
                                          "; allowed are REGION/ADDRESS, as /api/v1/agents has "
                                          "them, and REGION/*";
}

void read_agent_limits(section& limits, limits_config& out) {
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
  constexpr std::int64_t most = 1'000'000'000;
  limits.number("series", out.series, 1, most);
  limits.number("agent_series", out.agent_series, 1, most);
  limits.number("agent_rows_per_second", out.agent_rows_per_second, 1, most);
  limits.size("agent_bytes_per_second", out.agent_bytes_per_second, 1024, mebibyte << 20);
  limits.size("journal_bytes", out.journal_bytes, 16 * mebibyte, mebibyte << 30);
  limits.number("new_agents_per_minute", out.new_agents_per_minute, 1, most);
  limits.boolean("listed_targets_only", out.listed_targets_only);
  if (out.agent_series > out.series) {
    limits.report("agent_series", "is above series; one agent has at most what all may have");
  }
}

} // namespace

void read_server(section& top, server_config& out) {
  top.text("rpc_listen_addr", out.rpc_listen_addr, check_listen_address);
  top.text("metrics_listen_addr", out.metrics_listen_addr, check_listen_address);
  if (share_a_port(out.rpc_listen_addr, out.metrics_listen_addr)) {
    top.report("metrics_listen_addr",
               in_quotes(out.metrics_listen_addr) + " is taken by rpc_listen_addr, " +
                   in_quotes(out.rpc_listen_addr) + "; allowed is another port");
  }
  top.text("log_level", out.log_level, check_log_level);
  top.number("max_targets", out.max_targets, 1, most_max_targets);
  read_targets(top, out);
  read_target_files(top, out.target_files);
  read_target_urls(top, out.target_urls);
  read_remote_write(top, out.remote_write);
  read_alerts(top.below("alerts"), out.alerts);
  read_region_labels(top, out.region_labels);
  read_status(top.below("status"), out.status);
  top.boolean("mesh", out.mesh);
  top.duration("mesh_lease", out.mesh_lease, 100ms, 24h);
  top.duration("mesh_forget", out.mesh_forget, 100ms, 24h * 366);
  top.texts("mesh_networks", out.mesh_networks, check_network);
  top.texts("retired_agents", out.retired_agents, check_retired);
  top.duration("result_ttl", out.result_ttl, 100ms, 720h);
  read_history(top.below("history"), out.history);
  const bool histograms =
      std::ranges::any_of(out.remote_write, &remote_write_config::native_histograms);
  if (histograms && !out.history.enabled) {
    top.report("remote_write", "has native_histograms, which the history counts; allowed are they "
                               "with history.enabled: true");
  }
  top.text("state_dir", out.state_dir);
  top.duration("shutdown_timeout", out.shutdown_timeout, 1ms, 1h);
  top.number("threads", out.threads, 1, 256);
  top.boolean("metrics_per_target", out.metrics_per_target);
  read_server_rpc(top.below("rpc"), out.rpc);
  if (!out.rpc.join_ca_file.empty() && out.state_dir.empty()) {
    top.report("state_dir", "is empty, and it is kept there which agents have joined "
                            "(rpc.join_ca_file); allowed is a directory");
  }
  read_web(top.below("web"), out.web);
  if (!out.web.client_ca_file.empty() && out.web.client_ca_file == out.rpc.join_ca_file) {
    top.report("web",
               "has rpc.join_ca_file as client_ca_file: each agent that has joined would be an "
               "operator of these pages; allowed is another authority");
  }
  auto limits = top.below("limits");
  read_connection_limits(limits, out.connections);
  read_agent_limits(limits, out.limits);
  limits.finish();
  read_access(top, out);
  auto agents_port = protection_of(out.rpc);
  agents_port.credential = agents_port.credential || !out.access.empty();
  read_insecure(top,
                {{"rpc_listen_addr", "rpc", out.rpc_listen_addr, agents_port},
                 {"metrics_listen_addr", "web", out.metrics_listen_addr, protection_of(out.web)}},
                out.insecure);
  top.finish();
}

} // namespace xprober::config
