#include "xprober/web/agent_metrics.hpp"

#include "xprober/web/counters.hpp"
#include "xprober/web/metrics_common.hpp"
#include "xprober/web/target_metrics.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

/// What an engine counts of its own: "xprober_KIND_NAME".
void append_own(prometheus_text& out, const engine_report& report) {
  for (const auto& c : report.counters) {
    std::string name{"xprober_"};
    name.append(report.kind).append("_").append(c.metric.empty() ? c.name : c.metric);
    out.single(name + (c.now ? "" : "_total"), c.now ? gauge : counter, c.help,
               static_cast<double>(c.value) * c.scale);
  }
}

void append_own_faults(prometheus_text& out, const std::vector<own_fault>& faults) {
  out.family("xprober_own_fault", gauge, "1 for each reason that keeps this agent from probing.");
  for (const auto& fault : faults) {
    out.sample(1, {{"reason", fault.reason}});
  }
}

void append_gap(prometheus_text& out, const kind_stats& kind) {
  if (!kind.receive_gap_us) {
    return;
  }
  constexpr double seconds_of_us = 1e-6;
  out.family("xprober_" + std::string{kind.report.kind} + "_receive_gap_seconds", summary,
             receive_gap_help);
  append_value(out, *kind.receive_gap_us, seconds_of_us, {});
}

void append_engines(prometheus_text& out, const std::vector<kind_stats>& kinds) {
  std::vector<labelled<probe_counters>> probes;
  std::vector<labelled<dns_counters>> names;
  for (const auto& kind : kinds) {
    const std::vector<metric_label> label{{"probe_type", kind.report.kind}};
    probes.push_back({&kind.report.probes, label});
    names.push_back({&kind.report.dns, label});
  }
  append_counters(out, probe_counters::described(),
                  std::span<const labelled<probe_counters>>{probes});
  for (const auto& kind : kinds) {
    append_own(out, kind.report);
    append_gap(out, kind);
  }
  append_counters(out, dns_counters::described(), std::span<const labelled<dns_counters>>{names});
}

} // namespace

std::string agent_metrics(const stats_snapshot& stats, const agent_identity& agent,
                          const presenter_table& presenters, const target_listing* rows,
                          metric_format format) {
  prometheus_text out{format};
  append_process_metrics(out, stats);
  append_target_counts(out, stats.targets);
  append_sections(out, "agent", stats);
  append_engines(out, stats.kinds);
  append_own_faults(out, stats.own_faults);
  if (rows != nullptr) {
    append_target_metrics(out, agent, presenters, *rows);
  }
  return out.take();
}

} // namespace xprober::web
