#include "xprober/probes/icmp/presenter.hpp"

#include <chrono>
#include <cstdio>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/summary.hpp"

namespace xprober::icmp {

namespace {

namespace column = kinds::icmp_column;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void put_errors(const std::vector<icmp_error_report>& errors, fact_sink& out) {
  out.begin_list("icmp_errors");
  for (const auto& e : errors) {
    out.begin({});
    out.whole("type", e.type);
    out.whole("code", e.code);
    out.text("text", e.text);
    out.text("router", e.router);
    out.whole("count", e.count);
    out.end();
  }
  out.end();
}

void put_times(const probe_outcome& outcome, fact_sink& out) {
  if (!outcome.values.has(column::latency)) {
    out.nothing("rtt_ms");
    return;
  }
  out.begin("rtt_ms");
  const auto put = [&](std::string_view key, std::size_t place) {
    out.number(key, shown_value(kinds::icmp(), outcome.values, place));
  };
  put("min", column::min);
  put("avg", column::latency);
  put("p50", column::p50);
  put("p90", column::p90);
  put("p99", column::p99);
  put("max", column::max);
  put("stddev", column::stddev);
  put("jitter", column::jitter);
  out.end();
}

} // namespace

presenter::presenter() : kind_presenter(kinds::icmp()) {}

void presenter::facts(const probe_outcome& outcome, fact_sink& out) const {
  const auto icmp = read_summary(outcome);
  out.whole("sent", icmp.sent);
  out.whole("received", icmp.received);
  out.number("loss_percent", shown_value(kind(), outcome.values, column::loss));
  out.whole("duplicates", icmp.duplicates);
  out.whole("late", icmp.late);
  out.whole("reordered", icmp.reordered);
  out.whole("reply_ttl", icmp.reply_ttl == 0 ? std::nullopt : std::optional{icmp.reply_ttl});
  out.flag("receive_overflow", icmp.receive_overflow);
  out.flag("rtt_inexact", icmp.rtt_inexact);
  put_errors(icmp.errors, out);
  put_times(outcome, out);
}

void presenter::gauges(const probe_outcome& outcome, const probe_story& story,
                       gauge_sink& out) const {
  const auto& values = outcome.values;
  out.family("probe_icmp_duration_seconds", "Duration of icmp request by phase");
  if (!story.first_address.empty()) {
    out.sample(seconds(story.resolve), {{"phase", "resolve"}});
  }
  if (const auto rtt = shown_value(kind(), values, column::latency)) {
    out.sample(*rtt / 1000, {{"phase", "rtt"}});
  }
  const auto* more = dynamic_cast<const icmp_story*>(story.more.get());
  if (more != nullptr && more->setup.count() != 0) {
    out.sample(seconds(more->setup), {{"phase", "setup"}});
  }
  if (const auto ttl = values.value(kind(), column::reply_ttl)) {
    out.single("probe_icmp_reply_hop_limit", "Replied packet hop limit (TTL for ipv4)", *ttl);
  }
  if (const auto percent = shown_value(kind(), values, column::loss)) {
    out.single("xprober_probe_icmp_loss_ratio", "Share of echoes that were not answered.",
               *percent / 100);
  }
  out.single("xprober_probe_icmp_echoes", "Echoes whose fate is known.",
             values.value(kind(), column::sent).value_or(0));
}

void presenter::target_gauges(const probe_outcome& outcome, gauge_sink& out) const {
  kind_presenter::target_gauges(outcome, out);
  if (const auto ttl = outcome.values.value(kind(), column::reply_ttl)) {
    out.single("probe_icmp_reply_hop_limit", "TTL or hop limit of the last reply.", *ttl);
  }
}

std::string presenter::remark(const probe_outcome& outcome) const {
  const auto icmp = read_summary(outcome);
  auto text = std::to_string(icmp.received) + "/" + std::to_string(icmp.sent) + " echoes";
  if (icmp.received > 0) {
    char times[64];
    std::snprintf(times, sizeof times, " · p99 %.3g · max %.3g ms",
                  static_cast<double>(icmp.rtt.p99), static_cast<double>(icmp.rtt.max));
    text += times;
  }
  const auto add = [&](std::uint32_t number, const char* what) {
    text += number > 0 ? " · " + std::to_string(number) + what : "";
  };
  add(icmp.duplicates, " duplicate");
  add(icmp.reordered, " reordered");
  add(icmp.late, " late");
  return text;
}

std::string presenter::summary(const probe_outcome& outcome) const {
  const auto icmp = read_summary(outcome);
  char text[96];
  std::snprintf(text, sizeof text, "rtt %.3f ms, loss %.1f %%, %u of %u answered",
                static_cast<double>(icmp.rtt.mean), icmp.loss_percent(), icmp.received, icmp.sent);
  return text;
}

} // namespace xprober::icmp
