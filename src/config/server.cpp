#include <limits>

#include "xprober/config/checks.hpp"
#include "xprober/config/read.hpp"
#include "xprober/config/warnings.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/target_text.hpp"
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
                "stands for " + std::to_string(count) + " targets, with which there are " +
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
  top.number("max_targets", out.max_targets, 1, 100'000'000);
  read_targets(top, out);
  read_target_files(top, out.target_files);
  read_target_urls(top, out.target_urls);
  read_remote_write(top, out.remote_write);
  top.boolean("mesh", out.mesh);
  top.duration("mesh_lease", out.mesh_lease, 100ms, 24h);
  top.duration("result_ttl", out.result_ttl, 100ms, 720h);
  read_history(top.below("history"), out.history);
  top.text("state_dir", out.state_dir);
  top.duration("shutdown_timeout", out.shutdown_timeout, 1ms, 1h);
  top.number("threads", out.threads, 1, 256);
  top.boolean("metrics_per_target", out.metrics_per_target);
  read_server_rpc(top.below("rpc"), out.rpc);
  top.finish();
}

} // namespace xprober::config
