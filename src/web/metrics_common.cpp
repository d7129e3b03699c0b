#include "xprober/web/metrics_common.hpp"

#include "xprober/actors/stats_sections.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/web/counters.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

void append_actor_metrics(prometheus_text& out, const stats_snapshot& stats) {
  std::vector<labelled<actor_stats>> rows;
  rows.reserve(stats.actors.size());
  for (const auto& [kind, row] : stats.actors) {
    rows.push_back({&row, {{"actor", kind}}});
  }
  append_counters(out, actor_stats::counters(), std::span<const labelled<actor_stats>>{rows});
  std::vector<labelled<actor_edge>> edges;
  edges.reserve(stats.actor_edges.size());
  for (const auto& edge : stats.actor_edges) {
    edges.push_back({&edge, {{"from", edge.from}, {"to", edge.to}}});
  }
  append_counters(out, actor_edge::counters(), std::span<const labelled<actor_edge>>{edges});
}

void append_port_metrics(prometheus_text& out, const stats_snapshot& stats) {
  std::vector<labelled<port_counters>> rows;
  rows.reserve(stats.ports.size());
  for (const auto& line : stats.ports) {
    rows.push_back({&line, {{"port", line.port}}});
  }
  append_counters(out, port_counters::counters(), std::span<const labelled<port_counters>>{rows});
}

} // namespace

std::vector<std::pair<std::string_view, std::uint64_t>>
counts_by_kind(const target_counts& counts) {
  std::vector<std::pair<std::string_view, std::uint64_t>> all;
  for (const auto& kind : builtin_kinds()) {
    const auto found = counts.by_kind.find(kind.name);
    all.emplace_back(kind.name, found == counts.by_kind.end() ? 0 : found->second);
  }
  for (const auto& [name, count] : counts.by_kind) {
    if (find_kind(name) == nullptr) {
      all.emplace_back(name, count);
    }
  }
  return all;
}

void append_target_counts(prometheus_text& out, const target_stats& targets) {
  out.family("xprober_targets", gauge, "Targets by the type of their probe.");
  for (const auto& [kind, count] : counts_by_kind(targets.count)) {
    out.sample(static_cast<double>(count), {{"probe_type", kind}});
  }
  if (targets.count.of_modules > 0) {
    out.sample(static_cast<double>(targets.count.of_modules), {{"probe_type", "module"}});
  }
}

void append_process_metrics(prometheus_text& out, const stats_snapshot& stats) {
  out.family("xprober_build_info", gauge, "Always 1; the labels tell what runs.");
  out.sample(1, {{"role", stats.role}, {"version", stats.version}});
  out.single("process_cpu_seconds_total", counter, "User and system CPU time of the process.",
             stats.cpu_seconds);
  out.single("process_resident_memory_bytes", gauge, "Resident memory of the process.",
             static_cast<double>(stats.rss_bytes));
  out.single("process_start_time_seconds", gauge, "When the process started, as Unix time.",
             static_cast<double>(stats.started_unix));
  out.single("process_open_fds", gauge, "Open file descriptors of the process.",
             static_cast<double>(stats.open_fds));
  out.family("xprober_scheduler_workers", gauge, "Threads that run actors.");
  out.sample(static_cast<double>(stats.scheduler_workers), {{"policy", stats.scheduler_policy}});
  append_actor_metrics(out, stats);
  append_port_metrics(out, stats);
  append_counters(out, memory_stats::counters(), stats.memory);
}

void append_sections(prometheus_text& out, std::string_view role, const stats_snapshot& stats) {
  for_each_section(role, stats, [&](const char*, const auto& table, const auto& section) {
    append_counters(out, table, section);
  });
}

} // namespace xprober::web
