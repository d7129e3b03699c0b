#include "xprober/web/agent_metrics.hpp"

#include "xprober/web/metrics_common.hpp"
#include "xprober/web/target_metrics.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

double number(std::uint64_t value) { return static_cast<double>(value); }

void append_sync(prometheus_text& out, const sync_stats& sync) {
  out.single("xprober_syncs_total", counter, "Times the server was asked for targets.",
             number(sync.ok + sync.failed));
  out.single("xprober_syncs_failed_total", counter, "Times the server gave no target list.",
             number(sync.failed));
  out.single("xprober_syncs_unchanged_total", counter, "Times the list had not changed.",
             number(sync.unchanged));
  out.single("xprober_sync_last_success_timestamp_seconds", gauge,
             "When the server last answered, as Unix time; 0: never.",
             static_cast<double>(sync.last_ok_unix));
  out.single("xprober_sync_last_apply_seconds", gauge, "How long the last list took to apply.",
             sync.last_apply_ms / 1000);
  out.single("xprober_sync_last_size_bytes", gauge, "Size of the last answer.",
             number(sync.last_bytes));
}

void append_ticks(prometheus_text& out, const tick_stats& ticks) {
  out.single("xprober_ticks_total", counter, "Probes that fell due.", number(ticks.due));
  out.single("xprober_ticks_late_total", counter, "Ticks that came more than 50 ms late.",
             number(ticks.late));
  out.single("xprober_ticks_skipped_busy_total", counter,
             "Ticks that found the target's last probe still running.", number(ticks.skipped_busy));
  out.single("xprober_ticks_skipped_behind_total", counter,
             "Ticks left out because the wheel was a whole period late.",
             number(ticks.skipped_behind));
  out.family("xprober_tick_lag_seconds", summary,
             "How late ticks came in the last minute; quantile 1 is the latest.");
  append_quantiles(out, ticks.lag_ms, 1e-3);
}

void append_probes(prometheus_text& out, const stats_snapshot& stats) {
  const auto family = [&](std::string_view name, metric_type type, std::string_view help,
                          std::uint64_t probe_counters::* member) {
    out.family(name, type, help);
    out.sample(number(stats.icmp.probes.*member), {{"probe_type", "icmp"}});
    out.sample(number(stats.http.probes.*member), {{"probe_type", "http"}});
  };
  family("xprober_probes_started_total", counter, "Probes begun.", &probe_counters::started);
  family("xprober_probes_finished_total", counter, "Probes ended.", &probe_counters::finished);
  family("xprober_probes_succeeded_total", counter, "Probes that succeeded.",
         &probe_counters::succeeded);
  family("xprober_probes_failed_total", counter, "Probes that failed.", &probe_counters::failed);
  family("xprober_probes_local_errors_total", counter,
         "Probes that ended of the prober's own fault.", &probe_counters::local_errors);
  family("xprober_probes_in_flight", gauge, "Probes running now.", &probe_counters::in_flight);
  family("xprober_probes_queued", gauge, "Probes waiting for a place.", &probe_counters::queued);
}

void append_icmp(prometheus_text& out, const icmp_counters& icmp) {
  out.single("xprober_icmp_echo_sent_total", counter, "Echo requests sent.",
             number(icmp.echo_sent));
  out.single("xprober_icmp_echo_received_total", counter, "Replies counted.",
             number(icmp.echo_received));
  out.single("xprober_icmp_echo_late_total", counter,
             "Replies after their echo's timeout or their probe's end.", number(icmp.late));
  out.single("xprober_icmp_echo_duplicate_total", counter, "Replies that came again.",
             number(icmp.duplicate));
  out.single("xprober_icmp_foreign_total", counter, "Packets that answer no echo of ours.",
             number(icmp.foreign));
  out.single("xprober_icmp_errors_total", counter,
             "ICMP errors received: unreachable, time exceeded.", number(icmp.icmp_errors));
  out.single("xprober_icmp_send_errors_total", counter, "Echoes that the kernel refused.",
             number(icmp.send_errors));
  out.single("xprober_icmp_send_blocked_total", counter,
             "Times the socket's send buffer was full and echoes waited.",
             number(icmp.send_blocked));
  out.single("xprober_icmp_receive_overflow_total", counter,
             "Packets that the kernel dropped because the receive buffer was full.",
             number(icmp.receive_overflow));
  out.single("xprober_icmp_shared_total", counter,
             "Results taken from another target's probe of the same address.", number(icmp.shared));
}

void append_http(prometheus_text& out, const http_counters& http) {
  out.single("xprober_http_connections_total", counter, "Connections opened.",
             number(http.connections));
  out.single("xprober_http_redirects_total", counter, "Redirects followed.",
             number(http.redirects));
  out.single("xprober_http_resolves_total", counter, "Names resolved.", number(http.resolves));
  out.single("xprober_http_local_errors_total", counter, "Probes that could not be made here.",
             number(http.local_errors));
  out.single("xprober_http_no_descriptor_total", counter,
             "Connections not opened because no more files may be open.",
             number(http.no_descriptor));
  out.single("xprober_http_no_port_total", counter,
             "Connections not opened because no local port was free.", number(http.no_port));
  out.single("xprober_http_no_memory_total", counter,
             "Connections not opened because the kernel had no memory for them.",
             number(http.no_memory));
  out.single("xprober_http_yielded_total", counter,
             "Probes that gave their place to quick ones and began anew.", number(http.yielded));
  out.single("xprober_http_places", gauge, "The most probes that may be in flight.",
             number(http.places));
  out.single("xprober_http_queued_slow", gauge, "Probes of slow targets that wait for a place.",
             number(http.queued_slow));
  out.single("xprober_http_body_bytes_total", counter, "Bytes of bodies read.",
             number(http.body_bytes));
}

void append_dns(prometheus_text& out, const stats_snapshot& stats) {
  const auto family = [&](std::string_view name, metric_type type, std::string_view help,
                          std::uint64_t dns_counters::* member) {
    out.family(name, type, help);
    out.sample(number(stats.icmp.dns.*member), {{"probe_type", "icmp"}});
    out.sample(number(stats.http.dns.*member), {{"probe_type", "http"}});
  };
  family("xprober_dns_queries_total", counter, "Names that a DNS server was asked for.",
         &dns_counters::queries);
  family("xprober_dns_joined_total", counter,
         "Times a name was needed while another probe's query for it ran.", &dns_counters::joined);
  family("xprober_dns_cache_hits_total", counter, "Times addresses came from the cache.",
         &dns_counters::cache_hits);
  family("xprober_dns_negative_hits_total", counter,
         "Times the cache knew that a name does not exist or has no address.",
         &dns_counters::negative_hits);
  family("xprober_dns_failures_total", counter, "Queries that gave no address.",
         &dns_counters::failures);
  family("xprober_dns_timeouts_total", counter, "Queries that no server answered in time.",
         &dns_counters::timeouts);
  family("xprober_dns_cached_names", gauge, "Names in the cache.", &dns_counters::cached_names);
  family("xprober_dns_queued", gauge, "Names that wait for their turn to be asked for.",
         &dns_counters::queued);
  family("xprober_dns_queued_slow", gauge,
         "Names that wait for their turn and lately were not answered in time.",
         &dns_counters::queued_slow);
  family("xprober_dns_yielded_total", counter,
         "Queries that took long and made room for another name's.", &dns_counters::yielded);
  family("xprober_dns_cancelled_total", counter,
         "Names that nobody needed any more before their turn came.", &dns_counters::cancelled);
}

void append_probe_requests(prometheus_text& out, const probe_request_stats& requests) {
  out.single("xprober_probe_requests_total", counter, "Probes begun that /probe was asked for.",
             number(requests.started));
  out.single("xprober_probe_requests_refused_total", counter,
             "Requests to /probe refused because too many were running.", number(requests.refused));
  out.single("xprober_probe_requests_in_flight", gauge, "Requests to /probe that run now.",
             number(requests.in_flight));
}

void append_push(prometheus_text& out, const push_stats& push) {
  out.single("xprober_push_batches_total", counter, "Batches pushed to the server.",
             number(push.batches_ok + push.batches_failed));
  out.single("xprober_push_batches_failed_total", counter, "Batches that no server took.",
             number(push.batches_failed));
  out.single("xprober_push_results_acked_total", counter, "Results that the server has.",
             number(push.results_acked));
  out.single("xprober_push_results_dropped_total", counter,
             "Results given up because too many were waiting.", number(push.results_dropped));
  out.single("xprober_push_results_forgotten_total", counter,
             "Results whose target was removed before they were pushed.",
             number(push.results_forgotten));
  out.single("xprober_push_results_restored_total", counter,
             "Results of a time before the start, found in the spool.",
             number(push.results_restored));
  out.single("xprober_push_results_pending", gauge, "Results that wait to be pushed.",
             number(push.pending));
  out.single("xprober_push_spool_batches", gauge, "Batches in the spool.",
             number(push.spool_batches));
  out.single("xprober_push_spool_bytes", gauge, "Size of the spool.", number(push.spool_bytes));
  out.single("xprober_push_last_success_timestamp_seconds", gauge,
             "When the server last took a batch, as Unix time; 0: never.",
             static_cast<double>(push.last_ok_unix));
}

} // namespace

std::string agent_metrics(const stats_snapshot& stats, const agent_identity& agent,
                          const target_listing* rows) {
  prometheus_text out;
  append_process_metrics(out, stats);
  append_target_counts(out, stats.targets);
  out.single("xprober_targets_unknown_type", gauge,
             "Targets of the last list that this agent cannot probe.",
             number(stats.targets.unknown_type));
  out.single("xprober_targets_duplicate", gauge, "Targets that the last list named again.",
             number(stats.targets.duplicates));
  append_sync(out, stats.sync);
  append_ticks(out, stats.ticks);
  append_probes(out, stats);
  append_icmp(out, stats.icmp);
  append_http(out, stats.http);
  append_dns(out, stats);
  append_probe_requests(out, stats.probe_requests);
  append_push(out, stats.push);
  if (rows != nullptr) {
    append_target_metrics(out, agent, *rows);
  }
  return out.take();
}

} // namespace xprober::web
