#include "xprober/web/server_metrics.hpp"

#include <span>
#include <vector>

#include "xprober/web/counters.hpp"
#include "xprober/web/group_metrics.hpp"
#include "xprober/web/histogram_metrics.hpp"
#include "xprober/web/metrics_common.hpp"
#include "xprober/web/store_metrics.hpp"
#include "xprober/web/stored_json.hpp"

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

void append_notify(prometheus_text& out, const stats_snapshot& stats) {
  std::vector<labelled<notify_stats>> rows;
  rows.reserve(stats.notify.size());
  for (const auto& line : stats.notify) {
    rows.push_back({&line, {{"name", line.name}}});
  }
  append_counters(out, notify_stats::counters(), std::span<const labelled<notify_stats>>{rows});
}

void append_history(prometheus_text& out, const history_stats& history) {
  if (!history.enabled) {
    return;
  }
  out.family("xprober_history_rows", gauge, "Roll-ups on disk.");
  for (std::size_t level = 0; level < history_levels; ++level) {
    out.sample(static_cast<double>(history.rows[level]), {{"level", history_level_name(level)}});
  }
  out.family(
      "xprober_agent_history_omitted_results_total", metric_type::counter,
      "Results of an agent that have no history: history.max_series has no more room for it.");
  for (const auto& [agent, results] : history.omitted_of) {
    out.sample(static_cast<double>(results), {{"region", agent.region}, {"agent", agent.local_ip}});
  }
}

void append_agents_up(prometheus_text& out, const agent_listing& agents) {
  out.family("xprober_agent_up", gauge,
             "1 while an agent asks for its targets, 0 while it is lost; one that has ended in "
             "order has none.");
  for (const auto& line : agents.agents) {
    if (line.state != agent_state::left) {
      out.sample(line.state == agent_state::lost ? 0 : 1,
                 {{"region", line.agent.region}, {"agent", line.agent.local_ip}});
    }
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

/// What was wrong with what each agent sent; of one that is well there is nothing.
void append_lapses(prometheus_text& out, const agent_listing& agents) {
  const auto append = [&](std::string_view name, std::string_view help,
                          std::uint64_t agent_line::* number) {
    out.family(name, metric_type::counter, help);
    for (const auto& line : agents.agents) {
      if (line.*number > 0) {
        out.sample(static_cast<double>(line.*number),
                   {{"region", line.agent.region}, {"agent", line.agent.local_ip}});
      }
    }
  };
  append("xprober_agent_misdated_results_total",
         "Results of an agent whose time could be none; they counted when they arrived.",
         &agent_line::misdated_results);
  append("xprober_agent_refused_results_total", "Results of an agent that were not taken.",
         &agent_line::refused_results);
  out.single("xprober_mesh_refused_total", metric_type::counter,
             "Questions of agents that are not taken into the mesh.",
             static_cast<double>(agents.refused));
}

void append_incidents(prometheus_text& out, const stats_snapshot& stats) {
  out.family("xprober_incidents", gauge, "Incidents that are open.");
  for (const auto& count : stats.incidents.open) {
    out.sample(static_cast<double>(count.incidents),
               {{"kind", to_string(count.kind)}, {"severity", to_string(count.severity)}});
  }
}

} // namespace

std::string server_metrics(const stats_snapshot& stats, const store_snapshot& store,
                           const agent_listing& agents, const target_labels* labels,
                           const std::vector<histogram_series>* histograms, metric_format format) {
  prometheus_text out{format};
  append_process_metrics(out, stats);
  out.single("xprober_agents", gauge, "Agents that hold a lease.",
             static_cast<double>(stats.agents));
  append_target_counts(out, stats.targets);
  append_sections(out, "server", stats);
  append_discovery(out, stats);
  append_remote_write(out, stats);
  append_notify(out, stats);
  append_history(out, stats.history);
  append_agents_up(out, agents);
  append_clocks(out, agents);
  append_lapses(out, agents);
  append_incidents(out, stats);
  append_shared_group_metrics(out, store);
  append_never_probed(out, store);
  if (histograms != nullptr) {
    append_histogram_metrics(out, store, *histograms);
  }
  if (!store.targets.empty()) {
    append_target_states(out, store, labels, lost_of(agents));
  }
  // Behind the program's own: an agent's kind must not take their names.
  append_group_metrics(out, store);
  if (!store.targets.empty()) {
    append_stored_targets(out, store, labels);
  }
  return out.take();
}

} // namespace xprober::web
