#include "xprober/web/server_metrics.hpp"

#include <span>
#include <vector>

#include "xprober/web/counters.hpp"
#include "xprober/web/metrics_common.hpp"
#include "xprober/web/store_metrics.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

void append_discovery(prometheus_text& out, const stats_snapshot& stats) {
  std::vector<labelled<discovery_source_stats>> rows;
  rows.reserve(stats.discovery.sources.size());
  for (const auto& source : stats.discovery.sources) {
    rows.push_back({&source, {{"source", source.source}}});
  }
  append_counters(out, discovery_source_stats::counters(),
                  std::span<const labelled<discovery_source_stats>>{rows});
}

void append_remote_write(prometheus_text& out, const stats_snapshot& stats) {
  std::vector<labelled<remote_write_stats>> rows;
  rows.reserve(stats.remote_write.size());
  for (const auto& line : stats.remote_write) {
    rows.push_back({&line, {{"name", line.queue.name}, {"url", line.receiver.url}}});
  }
  append_counters(out, remote_write_stats::counters(),
                  std::span<const labelled<remote_write_stats>>{rows});
}

void append_history(prometheus_text& out, const history_stats& history) {
  if (!history.enabled) {
    return;
  }
  append_counters(out, history_stats::counters(), history);
  out.family("xprober_history_rows", gauge, "Roll-ups on disk.");
  for (std::size_t level = 0; level < history_levels; ++level) {
    out.sample(static_cast<double>(history.rows[level]), {{"level", history_level_name(level)}});
  }
}

void append_clocks(prometheus_text& out, const agent_listing& agents) {
  out.family("xprober_agent_clock_skew_seconds", gauge,
             "How much an agent's clock is ahead of this server's.");
  for (const auto& line : agents.agents) {
    if (line.clock_skew_ms) {
      out.sample(static_cast<double>(*line.clock_skew_ms) / 1000,
                 {{"region", line.agent.region}, {"agent", line.agent.local_ip}});
    }
  }
}

} // namespace

std::string server_metrics(const stats_snapshot& stats, const store_snapshot& store,
                           const agent_listing& agents, const target_labels* labels) {
  prometheus_text out;
  append_process_metrics(out, stats);
  out.single("xprober_agents", gauge, "Agents that hold a lease.",
             static_cast<double>(stats.agents));
  append_target_counts(out, stats.targets);
  append_counters(out, target_stats::counters(), stats.targets);
  append_counters(out, target_stats::server_counters(), stats.targets);
  append_counters(out, ingest_stats::counters(), stats.ingest);
  append_counters(out, rpc_stats::counters(), stats.rpc);
  append_counters(out, journal_stats::counters(), stats.journal);
  append_discovery(out, stats);
  append_remote_write(out, stats);
  append_history(out, stats.history);
  append_clocks(out, agents);
  // Behind the program's own: an agent's kind must not take their names.
  append_group_metrics(out, store);
  if (!store.targets.empty()) {
    append_stored_targets(out, store, labels);
  }
  return out.take();
}

} // namespace xprober::web
