#include "xprober/config/checks.hpp"
#include "xprober/config/read.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

constexpr std::pair<std::string_view, probe_type> probers[] = {{"icmp", probe_type::icmp},
                                                               {"http", probe_type::http}};
constexpr std::pair<std::string_view, ip_family> families[] = {{"ip4", ip_family::ip4},
                                                               {"ip6", ip_family::ip6}};
constexpr std::pair<std::string_view, icmp_mode> modes[] = {{"adaptive", icmp_mode::adaptive},
                                                            {"fixed", icmp_mode::fixed}};
constexpr std::pair<std::string_view, icmp_socket> sockets[] = {
    {"auto", icmp_socket::automatic}, {"raw", icmp_socket::raw}, {"dgram", icmp_socket::dgram}};

void read_icmp(section icmp, icmp_config& out) {
  icmp.number("count", out.count, 1, 65535);
  // Token and check need 24 bytes; 65507 is what an IPv4 packet holds beside its two headers.
  icmp.number("size", out.size, 24, 65507);
  icmp.duration("timeout", out.timeout, 1ms, 10min);
  icmp.duration("interval", out.interval, 1ms, 10min);
  icmp.duration("deadline", out.deadline, 1ms, 1h);
  icmp.choice("mode", out.mode, modes);
  icmp.choice("socket", out.socket, sockets);
  icmp.number("dscp", out.dscp, 0, 63);
  icmp.number("ttl", out.ttl, 1, 255);
  icmp.text("source", out.source, unless_empty(check_ip));
  icmp.choice("preferred_ip_protocol", out.preferred_ip_protocol, families);
  icmp.boolean("ip_protocol_fallback", out.ip_protocol_fallback);
  icmp.boolean("share_results", out.share_results);
  icmp.finish();
}

void read_dns(section dns, resolver_config& out) {
  dns.texts("servers", out.servers, check_dns_server);
  dns.duration("timeout", out.timeout, 1ms, 5min);
  dns.number("attempts", out.attempts, 1, 10);
  dns.duration("cache_max_ttl", out.cache_max_ttl, 0ms, 24h);
  dns.duration("cache_max_negative_ttl", out.cache_max_negative_ttl, 0ms, 24h);
  dns.number("max_cached_names", out.max_cached_names, 0, 100'000'000);
  dns.number("max_in_flight", out.max_in_flight, 1, 10'000);
  dns.finish();
}

/// What all probes of an engine share cannot be a module's.
void refuse_in_module(section& part, std::string_view name) {
  if (part.has(name)) {
    part.report(name, "is for all probes together; allowed is only the section at the top");
    part.value(name);
  }
}

void read_module(section module, module_config& out) {
  if (!module.has("prober")) {
    module.report("prober", "is missing; allowed is one of icmp, http");
  }
  module.choice("prober", out.prober, probers);
  const bool icmp = out.prober == probe_type::icmp;
  module.duration("timeout", icmp ? out.icmp.deadline : out.http.timeout, 1ms, 1h);
  if (const auto* other = icmp ? "http" : "icmp"; module.has("prober") && module.has(other)) {
    module.report(other, "is of no use to a module whose prober is " +
                             std::string{to_string(out.prober)} + "; remove it");
  }
  auto http = module.below("http");
  refuse_in_module(http, "max_in_flight");
  read_icmp(module.below("icmp"), out.icmp);
  read_http(std::move(http), out.http);
  module.finish();
}

void read_rpc(section rpc, rpc_config& out) {
  rpc.file("token_file", out.token_file);
  rpc.file("ca_file", out.ca_file);
  rpc.file("cert_file", out.cert_file);
  rpc.file("key_file", out.key_file);
  if (out.cert_file.empty() != out.key_file.empty()) {
    rpc.report(out.cert_file.empty() ? "key_file" : "cert_file",
               "stands alone; a certificate needs cert_file and key_file, both or none");
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
  top.text("local_ip", out.local_ip, unless_empty(check_ip));
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
  read_icmp(top.below("icmp"), out.icmp);
  read_http(top.below("http"), out.http);
  read_dns(top.below("dns"), out.resolver);
  for (auto& [name, module] : top.named_below("modules", check_module_name)) {
    module_config inherited{probe_type::http, out.icmp, out.http};
    read_module(std::move(module), inherited);
    out.modules.emplace(name, std::move(inherited));
  }
  read_rpc(top.below("rpc"), out.rpc);
  top.finish();
}

} // namespace xprober::config
