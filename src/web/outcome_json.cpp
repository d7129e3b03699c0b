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

} // namespace xprober::web
