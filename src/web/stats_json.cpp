#include "xprober/web/stats_json.hpp"

#include "xprober/web/json.hpp"

namespace xprober::web {

namespace {

json quantiles_json(const latency_quantiles& values) {
  return {{"p50", json_number(values.p50)},
          {"p99", json_number(values.p99)},
          {"max", json_number(values.max)}};
}

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
    out[kind] = {{"running", row.running},
                 {"spawned", row.spawned},
                 {"stopped", row.stopped},
                 {"failed", row.failed},
                 {"messages", row.messages},
                 {"mailbox", {{"now", row.mailbox_now}, {"max", row.mailbox_max}}},
                 {"handler_us", quantiles_json(row.handler_us)}};
  }
  return out;
}

json targets_json(const target_stats& targets) {
  json out = json::object();
  for (std::size_t i = 0; i < probe_type_count; ++i) {
    out[std::string(to_string(static_cast<probe_type>(i)))] = targets.count.by_type[i];
  }
  out["of_modules"] = targets.count.of_modules;
  out["unknown_type"] = targets.unknown_type;
  out["duplicates"] = targets.duplicates;
  return out;
}

json sync_json(const sync_stats& sync) {
  return {{"revision", sync.revision},
          {"ok", sync.ok},
          {"failed", sync.failed},
          {"unchanged", sync.unchanged},
          {"full", sync.full},
          {"differences", sync.differences},
          {"held", sync.held},
          {"held_removals", sync.held_removals},
          {"mismatches", sync.mismatches},
          {"bytes", sync.bytes},
          {"last_ok_unix", sync.last_ok_unix},
          {"last_apply_ms", json_number(sync.last_apply_ms)},
          {"last_bytes", sync.last_bytes},
          {"last_error", sync.last_error},
          {"kept_list", sync.kept_list}};
}

json ticks_json(const tick_stats& ticks) {
  return {{"due", ticks.due},
          {"late", ticks.late},
          {"skipped_busy", ticks.skipped_busy},
          {"skipped_behind", ticks.skipped_behind},
          {"repeated", ticks.repeated},
          {"lag_ms", quantiles_json(ticks.lag_ms)}};
}

json probes_json(const probe_counters& probes) {
  return {{"started", probes.started},
          {"finished", probes.finished},
          {"succeeded", probes.succeeded},
          {"failed", probes.failed},
          {"local_errors", probes.local_errors},
          {"in_flight", probes.in_flight},
          {"queued", probes.queued}};
}

json icmp_json(const icmp_counters& icmp, const latency_quantiles& receive_gap_us) {
  return {{"echo_sent", icmp.echo_sent},
          {"echo_received", icmp.echo_received},
          {"late", icmp.late},
          {"duplicate", icmp.duplicate},
          {"foreign", icmp.foreign},
          {"icmp_errors", icmp.icmp_errors},
          {"send_errors", icmp.send_errors},
          {"send_blocked", icmp.send_blocked},
          {"receive_overflow", icmp.receive_overflow},
          {"sent_inexact", icmp.sent_inexact},
          {"shared", icmp.shared},
          {"receive_gap_us", quantiles_json(receive_gap_us)}};
}

json http_json(const http_counters& http) {
  return {{"connections", http.connections}, {"redirects", http.redirects},
          {"resolves", http.resolves},       {"local_errors", http.local_errors},
          {"body_bytes", http.body_bytes},   {"no_descriptor", http.no_descriptor},
          {"no_port", http.no_port},         {"no_memory", http.no_memory},
          {"yielded", http.yielded},         {"places", http.places},
          {"queued_slow", http.queued_slow}};
}

json dns_json(const stats_snapshot& stats) {
  auto dns = stats.icmp.dns;
  dns += stats.http.dns;
  return {{"queries", dns.queries},           {"joined", dns.joined},
          {"cache_hits", dns.cache_hits},     {"negative_hits", dns.negative_hits},
          {"failures", dns.failures},         {"timeouts", dns.timeouts},
          {"cached_names", dns.cached_names}, {"queued", dns.queued},
          {"queued_slow", dns.queued_slow},   {"yielded", dns.yielded},
          {"cancelled", dns.cancelled}};
}

json probe_requests_json(const probe_request_stats& requests) {
  return {{"started", requests.started},
          {"refused", requests.refused},
          {"in_flight", requests.in_flight}};
}

json push_json(const push_stats& push) {
  return {{"batches_ok", push.batches_ok},
          {"batches_failed", push.batches_failed},
          {"results_acked", push.results_acked},
          {"results_dropped", push.results_dropped},
          {"results_forgotten", push.results_forgotten},
          {"results_restored", push.results_restored},
          {"results_rejected", push.results_rejected},
          {"pending", push.pending},
          {"spool_batches", push.spool_batches},
          {"spool_bytes", push.spool_bytes},
          {"last_ok_unix", push.last_ok_unix},
          {"last_error", push.last_error}};
}

json ingest_json(const ingest_stats& ingest) {
  return {{"received", ingest.received},
          {"accepted", ingest.accepted},
          {"duplicate_batches", ingest.duplicate_batches},
          {"rejected", ingest.rejected},
          {"stored_series", ingest.stored_series}};
}

json remote_write_json(const std::vector<remote_write_stats>& receivers) {
  json out = json::array();
  for (const auto& [receiver, queue] : receivers) {
    out.push_back({{"url", receiver.url},
                   {"name", queue.name},
                   {"sent", queue.sent},
                   {"failed", queue.failed},
                   {"dropped", queue.dropped},
                   {"pending", queue.pending},
                   {"pending_bytes", queue.pending_bytes},
                   {"requests", receiver.requests},
                   {"retries", receiver.retries},
                   {"bytes", receiver.bytes},
                   {"last_ok_unix", receiver.last_ok_unix},
                   {"last_error", receiver.last_error}});
  }
  return out;
}

json journal_json(const journal_stats& journal) {
  return {{"on_disk", journal.on_disk},
          {"batches", journal.batches},
          {"results", journal.results},
          {"duplicate_batches", journal.duplicate_batches},
          {"missing_batches", journal.missing_batches},
          {"refused_batches", journal.refused_batches},
          {"replayed_batches", journal.replayed_batches},
          {"instances", journal.agents},
          {"skewed_agents", journal.skewed_agents},
          {"worst_skew_ms", json_number(journal.worst_skew_ms)},
          {"total",
           {{"batches", journal.total_batches},
            {"results", journal.total_results},
            {"missing_batches", journal.total_missing}}}};
}

json discovery_json(const discovery_stats& discovery) {
  json out = json::array();
  for (const auto& source : discovery.sources) {
    out.push_back({{"source", source.source},
                   {"targets", source.targets},
                   {"ok", source.ok},
                   {"failed", source.failed},
                   {"last_ok_unix", source.last_ok_unix},
                   {"last_error", source.last_error},
                   {"kept_list", source.kept}});
  }
  return out;
}

json history_json(const history_stats& history) {
  json rows = json::object();
  std::uint64_t total = 0;
  for (std::size_t level = 0; level < history_levels; ++level) {
    rows[std::string(history_level_name(level))] = history.rows[level];
    total += history.rows[level];
  }
  return {{"enabled", history.enabled},      {"on_disk", history.on_disk},
          {"series", history.series},        {"rows", total},
          {"levels", std::move(rows)},       {"pending", history.pending},
          {"bytes", history.bytes},          {"results", history.results},
          {"too_old", history.too_old},      {"moved", history.moved},
          {"omitted", history.omitted},      {"waiting", history.waiting},
          {"dropped", history.dropped},      {"flushes", history.flushes},
          {"failed", history.failed},        {"last_flush_ms", json_number(history.last_flush_ms)},
          {"last_error", history.last_error}};
}

} // namespace

std::string stats_json(const stats_snapshot& stats) {
  json out = {
      {"process", process_json(stats)},
      {"scheduler", {{"policy", stats.scheduler_policy}, {"workers", stats.scheduler_workers}}},
      {"actors", actors_json(stats.actors)}};
  if (stats.role == "server") {
    out["agents"] = stats.agents;
    out["targets"] = targets_json(stats.targets);
    out["results"] = ingest_json(stats.ingest);
    out["targets"]["label_conflicts"] = stats.targets.label_conflicts;
    out["journal"] = journal_json(stats.journal);
    out["discovery"] = discovery_json(stats.discovery);
    out["remote_write"] = remote_write_json(stats.remote_write);
    out["history"] = history_json(stats.history);
    return json_text(out);
  }
  out["targets"] = targets_json(stats.targets);
  out["sync"] = sync_json(stats.sync);
  out["ticks"] = ticks_json(stats.ticks);
  out["probes"] = {{"icmp", probes_json(stats.icmp.probes)},
                   {"http", probes_json(stats.http.probes)}};
  out["icmp"] = icmp_json(stats.icmp, stats.receive_gap_us);
  out["http"] = http_json(stats.http);
  out["dns"] = dns_json(stats);
  out["probe_requests"] = probe_requests_json(stats.probe_requests);
  out["push"] = push_json(stats.push);
  return json_text(out);
}

} // namespace xprober::web
