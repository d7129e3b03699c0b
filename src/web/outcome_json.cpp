#include "xprober/web/outcome_json.hpp"

#include "xprober/web/outcome.hpp"

namespace xprober::web {

namespace {

json rtt_json(const icmp_summary& icmp) {
  if (icmp.received == 0) {
    return nullptr;
  }
  const auto& rtt = icmp.rtt;
  return {{"min", json_number(rtt.min)},       {"avg", json_number(rtt.mean)},
          {"p50", json_number(rtt.p50)},       {"p90", json_number(rtt.p90)},
          {"p99", json_number(rtt.p99)},       {"max", json_number(rtt.max)},
          {"stddev", json_number(rtt.stddev)}, {"jitter", json_number(rtt.jitter)}};
}

json errors_json(const std::vector<icmp_error_report>& errors) {
  json out = json::array();
  for (const auto& e : errors) {
    out.push_back({{"type", e.type},
                   {"code", e.code},
                   {"text", e.text},
                   {"router", e.router},
                   {"count", e.count}});
  }
  return out;
}

} // namespace

json icmp_json(const probe_outcome& outcome, const icmp_summary& icmp) {
  return {{"sent", icmp.sent},
          {"received", icmp.received},
          {"loss_percent", json_number(loss_percent(outcome))},
          {"duplicates", icmp.duplicates},
          {"late", icmp.late},
          {"reordered", icmp.reordered},
          {"reply_ttl", icmp.reply_ttl == 0 ? json(nullptr) : json(icmp.reply_ttl)},
          {"receive_overflow", icmp.receive_overflow},
          {"rtt_inexact", icmp.rtt_inexact},
          {"icmp_errors", errors_json(icmp.errors)},
          {"rtt_ms", rtt_json(icmp)}};
}

namespace {

json unless_zero(std::int64_t value) { return value == 0 ? json(nullptr) : json(value); }

json unless_empty(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json tls_json(const tls_summary& tls) {
  return {{"version", unless_empty(tls.version)},
          {"cipher", unless_empty(tls.cipher)},
          {"subject", tls.subject},
          {"issuer", tls.issuer},
          {"dns_names", tls.dns_names},
          {"expiry_unix", unless_zero(tls.expiry_unix)},
          {"earliest_expiry_unix", unless_zero(tls.earliest_expiry_unix)},
          {"chain_expiry_unix", unless_zero(tls.chain_expiry_unix)},
          {"fingerprint_sha256", unless_empty(tls.fingerprint_sha256)}};
}

} // namespace

json http_json(const probe_outcome& outcome, const http_summary& http) {
  json phases = json::object();
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    phases[std::string(to_string(static_cast<http_phase>(i)))] = json_number(http.phases_ms[i]);
  }
  const auto failed = failed_phase(outcome);
  return {{"failed_phase", failed ? json(to_string(*failed)) : json(nullptr)},
          {"status", unless_zero(http.status)},
          {"version", http.version == 0 ? json(nullptr)
                                        : json("HTTP/" + std::to_string(http.version / 10) + "." +
                                               std::to_string(http.version % 10))},
          {"redirects", http.redirects},
          {"body_bytes", http.body_bytes},
          {"cert_expiry_unix", unless_zero(http.cert_expiry_unix)},
          {"tls", http.tls ? tls_json(*http.tls) : json(nullptr)},
          {"phases_ms", std::move(phases)}};
}

} // namespace xprober::web
