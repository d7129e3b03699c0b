#include "xprober/config/checks.hpp"
#include "xprober/config/read.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

constexpr std::pair<std::string_view, ip_family> families[] = {{"ip4", ip_family::ip4},
                                                               {"ip6", ip_family::ip6}};
constexpr std::pair<std::string_view, icmp_mode> modes[] = {{"adaptive", icmp_mode::adaptive},
                                                            {"fixed", icmp_mode::fixed}};
constexpr std::pair<std::string_view, icmp_socket> sockets[] = {
    {"auto", icmp_socket::automatic}, {"raw", icmp_socket::raw}, {"dgram", icmp_socket::dgram}};
// Methods whose request is complete without a body of its own.
constexpr std::pair<std::string_view, std::string_view> methods[] = {
    {"GET", "GET"},     {"HEAD", "HEAD"},     {"POST", "POST"},      {"PUT", "PUT"},
    {"PATCH", "PATCH"}, {"DELETE", "DELETE"}, {"OPTIONS", "OPTIONS"}};

/// `is_wrong` for texts that are not empty.
check unless_empty(std::string (*is_wrong)(std::string_view)) {
  return
      [is_wrong](std::string_view text) { return text.empty() ? std::string{} : is_wrong(text); };
}

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
  icmp.boolean("share_results", out.share_results);
  icmp.finish();
}

void read_http(section http, http_config& out) {
  http.duration("timeout", out.timeout, 1ms, 1h);
  std::string_view method = out.method;
  http.choice("method", method, methods);
  out.method = std::string{method};
  http.boolean("follow_redirects", out.follow_redirects);
  http.number("max_redirects", out.max_redirects, 0, 100);
  http.numbers("valid_status_codes", out.valid_status_codes, 100, 599);
  http.size("max_body", out.max_body, 1, std::uint64_t{1} << 30);
  http.number("max_in_flight", out.max_in_flight, 1, 1'000'000);
  http.choice("preferred_ip_protocol", out.preferred_ip_protocol, families);
  http.text("ca_file", out.ca_file);
  http.boolean("insecure_skip_verify", out.insecure_skip_verify);
  http.text_map("headers", out.headers, check_header_name, check_header_value);
  http.finish();
}

void read_rpc(section rpc, rpc_config& out) {
  rpc.text("token_file", out.token_file);
  rpc.text("ca_file", out.ca_file);
  rpc.text("cert_file", out.cert_file);
  rpc.text("key_file", out.key_file);
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
  top.boolean("metrics_per_target", out.metrics_per_target);
  read_icmp(top.below("icmp"), out.icmp);
  read_http(top.below("http"), out.http);
  read_rpc(top.below("rpc"), out.rpc);
  top.finish();
}

} // namespace xprober::config
