#include "xprober/web/stats_json.hpp"

#include "xprober/actors/stats_sections.hpp"
#include "xprober/web/counters.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/metrics_common.hpp"
#include "xprober/web/own_fault_json.hpp"

namespace xprober::web {

namespace {

json process_json(const stats_snapshot& stats) {
  return {
      {"version", stats.version},           {"role", stats.role},
      {"started_unix", stats.started_unix}, {"uptime_seconds", json_number(stats.uptime_seconds)},
      {"rss_bytes", stats.rss_bytes},       {"cpu_seconds", json_number(stats.cpu_seconds)},
      {"open_fds", stats.open_fds}};
}

json actors_json(const std::map<std::string, actor_stats>& actors) {
  json out = json::object();
  for (const auto& [kind, row] : actors) {
    out[kind] = counters_json(row);
  }
  return out;
}

void add_targets(json& out, const target_stats& targets) {
  for (const auto& [kind, count] : counts_by_kind(targets.count)) {
    out[std::string{kind}] = count;
  }
  out["of_modules"] = targets.count.of_modules;
}

/// What an engine's own counters say, below the name of its kind.
void add_engine(json& out, const kind_stats& kind) {
  for (const auto& counter : kind.report.counters) {
    out[std::string{counter.name}] = counter.value;
  }
  if (kind.receive_gap_us) {
    out["receive_gap_us"] = counter_json(*kind.receive_gap_us);
  }
}

void add_engines(json& out, const std::vector<kind_stats>& kinds) {
  json probes = json::object();
  for (const auto& kind : kinds) {
    add_counters(probes[std::string{kind.report.kind}], kind.report.probes,
                 probe_counters::described());
  }
  out["probes"] = std::move(probes);
  // What resolving names counts stands in one place for all engines.
  dns_counters names;
  for (const auto& kind : kinds) {
    names += kind.report.dns;
    add_engine(out[std::string{kind.report.kind}] = json::object(), kind);
  }
  add_counters(out["dns"], names, dns_counters::described());
}

template <class Line>
json list_json(const std::vector<Line>& lines) {
  json out = json::array();
  for (const auto& line : lines) {
    out.push_back(counters_json(line));
  }
  return out;
}

void add_history(json& out, const history_stats& history) {
  std::uint64_t total = 0;
  for (std::size_t level = 0; level < history_levels; ++level) {
    out["levels"][std::string(history_level_name(level))] = history.rows[level];
    total += history.rows[level];
  }
  out["rows"] = total;
  out["omitted_of"] = json::array();
  for (const auto& [agent, results] : history.omitted_of) {
    out["omitted_of"].push_back(
        {{"region", agent.region}, {"local_ip", agent.local_ip}, {"results", results}});
  }
}

void add_incidents(json& out, const incident_stats& incidents) {
  std::uint64_t total = 0;
  for (const auto& count : incidents.open) {
    total += count.incidents;
  }
  out["open"] = total;
}

} // namespace

std::string stats_json(const stats_snapshot& stats) {
  json out = {
      {"process", process_json(stats)},
      {"scheduler", {{"policy", stats.scheduler_policy}, {"workers", stats.scheduler_workers}}},
      {"actors", actors_json(stats.actors)},
      {"actor_edges", list_json(stats.actor_edges)},
      {"ports", list_json(stats.ports)},
      {"memory", counters_json(stats.memory)},
      {"warnings", stats.warnings}};
  add_targets(out["targets"], stats.targets);
  for_each_section(stats.role, stats,
                   [&](const char* name, const auto& table, const auto& section) {
                     add_counters(out[name], section, table);
                   });
  out["targets"]["bad_first"] = stats.targets.bad.first;
  if (stats.role == "server") {
    out["agents"] = stats.agents;
    out["discovery"] = list_json(stats.discovery.sources);
    out["remote_write"] = list_json(stats.remote_write);
    out["notify"] = list_json(stats.notify);
    add_history(out["history"], stats.history);
    add_incidents(out["incidents"], stats.incidents);
    return json_text(out);
  }
  add_engines(out, stats.kinds);
  out["own_faults"] = own_faults_json(stats.own_faults);
  return json_text(out);
}

} // namespace xprober::web
