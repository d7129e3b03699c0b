#include "xprober/config/checks.hpp"
#include "xprober/config/kind_section.hpp"
#include "xprober/config/read.hpp"
#include "xprober/config/values.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/target_limits.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

void read_resolver(section resolver, resolver_config& out) {
  resolver.texts("servers", out.servers, check_dns_server);
  resolver.duration("timeout", out.timeout, 1ms, 5min);
  resolver.number("attempts", out.attempts, 1, 10);
  resolver.duration("cache_max_ttl", out.cache_max_ttl, 0ms, 24h);
  resolver.duration("cache_max_negative_ttl", out.cache_max_negative_ttl, 0ms, 24h);
  resolver.number("max_cached_names", out.max_cached_names, 0, 100'000'000);
  resolver.number("max_in_flight", out.max_in_flight, 1, 10'000);
  resolver.finish();
}

/// What all probes of a kind share cannot be a module's.
void refuse_shared(section& part, std::span<const std::string_view> keys) {
  for (const auto key : keys) {
    if (part.has(key)) {
      part.report(key, "is for all probes together; allowed is only the section at the top");
      part.value(key);
    }
  }
}

/// The kind that a module is built on; null, after saying why, where none is given.
const probe_kind* read_prober(section& module) {
  const auto allowed = "one of " + std::string{kind_names()};
  if (!module.has("prober")) {
    module.report("prober", "is missing; allowed is " + allowed);
  }
  const probe_kind* kind = nullptr;
  std::string ignored;
  module.text("prober", ignored, [&](std::string_view text) {
    kind = find_kind(text);
    return kind != nullptr ? std::string{}
                           : in_quotes(text) + " is not allowed; allowed is " + allowed;
  });
  return kind;
}

void read_module(section module, module_config& out) {
  out.prober = read_prober(module);
  // Where it is not known what the module is built on, its timeout is of any kind.
  const auto sections = kind_sections();
  const auto* own = out.prober == nullptr ? &sections.front() : find_section(*out.prober);
  module.texts("secret_hosts", out.secret_hosts, host_patterns::problem_of);
  milliseconds ignored{0};
  module.duration("timeout", own == nullptr ? ignored : own->timeout(out), 1ms, 1h);
  for (const auto& each : sections) {
    const auto& name = each.kind->name;
    if (out.prober != nullptr && each.kind != out.prober && module.has(name)) {
      module.report(name,
                    "is of no use to a module whose prober is " + out.prober->name + "; remove it");
    }
    auto part = module.below(name);
    refuse_shared(part, each.shared_keys);
    each.read(std::move(part), out);
  }
  module.finish();
}

void read_probe_endpoint(section endpoint, probe_endpoint_config& out) {
  constexpr std::string_view by_address = "auto";
  std::string enabled;
  endpoint.text("enabled", enabled, [&](std::string_view text) {
    return text == by_address || parse_bool(text).has_value()
               ? std::string{}
               : in_quotes(text) + " is not allowed; allowed are auto, true and false";
  });
  out.enabled = parse_bool(enabled);
  endpoint.texts("allowed_targets", out.allowed_targets, host_patterns::problem_of);
  endpoint.finish();
}

void read_agent_rpc(section rpc, rpc_config& out) {
  rpc.file("token_file", out.token_file);
  rpc.file("ca_file", out.ca_file);
  rpc.file("cert_file", out.cert_file);
  rpc.file("key_file", out.key_file);
  if (out.cert_file.empty() != out.key_file.empty()) {
    rpc.report(out.cert_file.empty() ? "key_file" : "cert_file",
               "stands alone; a certificate needs cert_file and key_file, both or none");
  }
  rpc.boolean("renew", out.renew);
  if (out.renew && (out.cert_file.empty() || out.cert_file != out.key_file)) {
    rpc.report("renew", "is true, and a certificate that is renewed is in one file with its key, "
                        "so that both are replaced at once; allowed is the same cert_file and "
                        "key_file, as 'xprober agent join' writes them");
  }
  rpc.finish();
}

} // namespace

void read_agent(section& top, agent_config& out) {
  top.text("region", out.region, unless_empty(check_region));
  top.texts("rpc_server_addr", out.rpc_server_addr, check_server_address);
  if (top.is_empty_list("rpc_server_addr")) {
    top.report("rpc_server_addr", "names no server; allowed is an address or a list of them");
  }
  top.text("http_addr", out.http_addr, check_listen_address);
  top.text("log_level", out.log_level, check_log_level);
  top.text("local_ip", out.local_ip, unless_empty(check_own_ip));
  top.text("metadata_url", out.metadata_url, unless_empty(check_metadata_url));
  top.text("state_dir", out.state_dir);
  top.duration("sync_interval", out.sync_interval, 10ms, 24h);
  top.duration("probe_interval", out.probe_interval, 10ms, 24h);
  top.duration("push_interval", out.push_interval, 10ms, 24h);
  top.duration("shutdown_timeout", out.shutdown_timeout, 1ms, 1h);
  top.number("threads", out.threads, 1, 256);
  top.number("max_pending_results", out.max_pending_results, 1, 1'000'000'000);
  top.size("spool_max_bytes", out.spool_max_bytes, 1024, std::uint64_t{1} << 50U);
  top.number("max_probe_requests", out.max_probe_requests, 0, 100'000);
  top.number("max_removal_percent", out.max_removal_percent, 0, 100);
  top.boolean("metrics_per_target", out.metrics_per_target);
  top.texts("allowed_targets", out.allowed_targets, host_patterns::problem_of);
  top.texts("denied_targets", out.denied_targets, host_patterns::problem_of);
  top.texts("secret_hosts", out.secret_hosts, host_patterns::problem_of);
  read_probe_endpoint(top.below("probe_endpoint"), out.probe_endpoint);
  for (const auto& each : kind_sections()) {
    each.read(top.below(each.kind->name), out);
  }
  read_resolver(top.below("resolver"), out.resolver);
  for (auto& [name, module] : top.named_below("modules", check_module_name)) {
    module_config inherited{mesh_kind(), static_cast<const kind_settings&>(out)};
    read_module(std::move(module), inherited);
    out.modules.emplace(name, std::move(inherited));
  }
  read_agent_rpc(top.below("rpc"), out.rpc);
  read_web(top.below("web"), out.web);
  auto limits = top.below("limits");
  read_connection_limits(limits, out.connections);
  limits.finish();
  read_insecure(top, {{"http_addr", "web", out.http_addr, protection_of(out.web)}}, out.insecure);
  top.finish();
}

} // namespace xprober::config
