#include "xprober/web/stats_json.hpp"

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

json targets_json(const target_stats& targets) {
  json out = json::object();
  for (const auto& [kind, count] : counts_by_kind(targets.count)) {
    out[std::string{kind}] = count;
  }
  out["of_modules"] = targets.count.of_modules;
  add_counters(out, targets, target_stats::counters());
  out["bad_first"] = targets.bad.first;
  return out;
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

json history_json(const history_stats& history) {
  auto out = counters_json(history);
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
  return out;
}

json incidents_json(const incident_stats& incidents) {
  auto out = counters_json(incidents);
  std::uint64_t total = 0;
  for (const auto& count : incidents.open) {
    total += count.incidents;
  }
  out["open"] = total;
  return out;
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
  if (stats.role == "server") {
    out["agents"] = stats.agents;
    out["targets"] = targets_json(stats.targets);
    add_counters(out["targets"], stats.targets, target_stats::server_counters());
    out["results"] = counters_json(stats.ingest);
    out["rpc"] = counters_json(stats.rpc);
    out["journal"] = counters_json(stats.journal);
    out["discovery"] = list_json(stats.discovery.sources);
    out["remote_write"] = list_json(stats.remote_write);
    out["notify"] = list_json(stats.notify);
    out["history"] = history_json(stats.history);
    out["incidents"] = incidents_json(stats.incidents);
    out["chains"] = counters_json(stats.chains);
    return json_text(out);
  }
  out["targets"] = targets_json(stats.targets);
  out["sync"] = counters_json(stats.sync);
  out["ticks"] = counters_json(stats.ticks);
  add_engines(out, stats.kinds);
  out["probe_requests"] = counters_json(stats.probe_requests);
  out["push"] = counters_json(stats.push);
  out["own_faults"] = own_faults_json(stats.own_faults);
  return json_text(out);
}

} // namespace xprober::web
