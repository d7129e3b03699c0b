#include "xprober/web/metrics_common.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

// One family with a series for each kind of actor.
template <class Value>
void per_actor(prometheus_text& out, const stats_snapshot& stats, std::string_view name,
               metric_type type, std::string_view help, Value value) {
  out.family(name, type, help);
  for (const auto& [kind, row] : stats.actors) {
    out.sample(static_cast<double>(value(row)), {{"actor", kind}});
  }
}

void append_actor_metrics(prometheus_text& out, const stats_snapshot& stats) {
  per_actor(out, stats, "xprober_actors_running", gauge, "Actors alive now.",
            [](const actor_stats& a) { return a.running; });
  per_actor(out, stats, "xprober_actors_spawned_total", counter, "Actors spawned.",
            [](const actor_stats& a) { return a.spawned; });
  per_actor(out, stats, "xprober_actors_stopped_total", counter, "Actors that ended in order.",
            [](const actor_stats& a) { return a.stopped; });
  per_actor(out, stats, "xprober_actors_failed_total", counter, "Actors that ended of an error.",
            [](const actor_stats& a) { return a.failed; });
  per_actor(out, stats, "xprober_actor_messages_total", counter, "Messages handled.",
            [](const actor_stats& a) { return a.messages; });
  per_actor(out, stats, "xprober_actor_mailbox_messages", gauge,
            "Messages that waited when a handler last ran.",
            [](const actor_stats& a) { return a.mailbox_now; });
  per_actor(out, stats, "xprober_actor_mailbox_messages_max", gauge,
            "The most messages that ever waited.",
            [](const actor_stats& a) { return a.mailbox_max; });
  out.family("xprober_actor_handler_seconds", summary,
             "Time that handlers took in the last minute; quantile 1 is the longest.");
  for (const auto& [kind, row] : stats.actors) {
    append_quantiles(out, row.handler_us, 1e-6, {"actor", kind});
  }
}

} // namespace

void append_quantiles(prometheus_text& out, const latency_quantiles& values, double scale,
                      metric_label label) {
  const auto add = [&](std::string_view quantile, auto value) {
    const double scaled = static_cast<double>(value) * scale;
    if (label.name.empty()) {
      out.sample(scaled, {{"quantile", quantile}});
    } else {
      out.sample(scaled, {label, {"quantile", quantile}});
    }
  };
  add("0.5", values.p50);
  add("0.99", values.p99);
  add("1", values.max);
}

void append_target_counts(prometheus_text& out, const target_stats& targets) {
  out.family("xprober_targets", gauge, "Targets by the type of their probe.");
  for (std::size_t i = 0; i < probe_type_count; ++i) {
    out.sample(static_cast<double>(targets.count.by_type[i]),
               {{"probe_type", to_string(static_cast<probe_type>(i))}});
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
}

} // namespace xprober::web
