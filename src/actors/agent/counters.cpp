#include "xprober/actors/snapshot.hpp"

// What the agent's actors count, as /stats, /metrics and docs/counters.md have it.

namespace xprober {

namespace {

constexpr double seconds_of_ms = 1e-3;

} // namespace

std::span<const counter<sync_stats>> sync_stats::counters() noexcept {
  using s = sync_stats;
  static constexpr counter<s> all[] = {
      {"revision", count_of<s, &s::revision>, {}, "The revision of the list at hand."},
      {{},
       [](const s& section) -> counter_value { return section.ok + section.failed; },
       "syncs_total",
       "Times the server was asked for targets."},
      {"ok", count_of<s, &s::ok>, {}, "Times the server gave a target list."},
      {"failed", count_of<s, &s::failed>, "syncs_failed_total",
       "Times the server gave no target list."},
      {"unchanged", count_of<s, &s::unchanged>, "syncs_unchanged_total",
       "Times the list had not changed."},
      {"full", count_of<s, &s::full>, "sync_lists_total", "Whole lists that were applied."},
      {"differences", count_of<s, &s::differences>, "sync_differences_total",
       "Differences that were applied."},
      {"held", count_of<s, &s::held>, "syncs_held_total",
       "Lists that were not applied at once: they would have taken away too many targets."},
      {"held_removals", count_of<s, &s::held_removals>, "sync_held_removals",
       "Targets that the list being held would take away; 0: none is held.", as_gauge},
      {"mismatches", count_of<s, &s::mismatches>, "sync_mismatches_total",
       "Differences that did not lead to the list that they named."},
      {"bytes", count_of<s, &s::bytes>, "sync_bytes_total", "Size of all answers."},
      {"last_ok_unix", count_of<s, &s::last_ok_unix>, "sync_last_success_timestamp_seconds",
       "When the server last answered, as Unix time; 0: never.", as_gauge},
      {"last_apply_ms", count_of<s, &s::last_apply_ms>, "sync_last_apply_seconds",
       "How long the last list took to apply.", as_gauge, seconds_of_ms},
      {"last_bytes", count_of<s, &s::last_bytes>, "sync_last_size_bytes",
       "Size of the last answer.", as_gauge},
      {"last_error", count_of<s, &s::last_error>, {}, "Empty after a success."},
      {"kept_list", count_of<s, &s::kept_list>, "sync_kept_list",
       "1 while the list kept from before the start is probed: no server has answered since.",
       as_gauge},
  };
  return all;
}

std::span<const counter<tick_stats>> tick_stats::counters() noexcept {
  using s = tick_stats;
  static constexpr counter<s> all[] = {
      {"due", count_of<s, &s::due>, "ticks_total", "Probes that fell due."},
      {"late", count_of<s, &s::late>, "ticks_late_total", "Ticks that came more than 50 ms late."},
      {"skipped_busy", count_of<s, &s::skipped_busy>, "ticks_skipped_busy_total",
       "Ticks that found the target's last probe still running."},
      {"skipped_behind", count_of<s, &s::skipped_behind>, "ticks_skipped_behind_total",
       "Ticks left out because the wheel was a whole period late."},
      {"skipped_overload", count_of<s, &s::skipped_overload>, "ticks_skipped_overload_total",
       "Ticks left out because too many results of earlier probes waited to be taken."},
      {"repeated", count_of<s, &s::repeated>, "ticks_repeated_total",
       "Ticks whose shared measurement the target had told already: they gave no result."},
      {"lag_ms", count_of<s, &s::lag_ms>, "tick_lag_seconds",
       "How late ticks came in the last minute; quantile 1 is the latest.", as_gauge,
       seconds_of_ms},
  };
  return all;
}

std::span<const counter<probe_request_stats>> probe_request_stats::counters() noexcept {
  using s = probe_request_stats;
  static constexpr counter<s> all[] = {
      {"started", count_of<s, &s::started>, "probe_requests_total",
       "Probes begun that /probe was asked for."},
      {"refused", count_of<s, &s::refused>, "probe_requests_refused_total",
       "Requests to /probe refused because too many were running."},
      {"in_flight", count_of<s, &s::in_flight>, "probe_requests_in_flight",
       "Requests to /probe that run now.", as_gauge},
  };
  return all;
}

std::span<const counter<push_stats>> push_stats::counters() noexcept {
  using s = push_stats;
  static constexpr counter<s> all[] = {
      {{},
       [](const s& section) -> counter_value {
         return section.batches_ok + section.batches_failed;
       },
       "push_batches_total",
       "Batches pushed to the server."},
      {"batches_ok", count_of<s, &s::batches_ok>, {}, "Batches that a server took."},
      {"batches_failed", count_of<s, &s::batches_failed>, "push_batches_failed_total",
       "Batches that no server took."},
      {"results_acked", count_of<s, &s::results_acked>, "push_results_acked_total",
       "Results that the server has."},
      {"results_dropped", count_of<s, &s::results_dropped>, "push_results_dropped_total",
       "Results given up because too many were waiting."},
      {"results_forgotten", count_of<s, &s::results_forgotten>, "push_results_forgotten_total",
       "Results whose target was removed before they were pushed."},
      {"results_restored", count_of<s, &s::results_restored>, "push_results_restored_total",
       "Results of a time before the start, found in the spool."},
      {"results_rejected", count_of<s, &s::results_rejected>, "push_results_rejected_total",
       "Results that were acknowledged though the server could not use them."},
      {"pending", count_of<s, &s::pending>, "push_results_pending",
       "Results that wait to be pushed.", as_gauge},
      {"spool_batches", count_of<s, &s::spool_batches>, "push_spool_batches",
       "Batches in the spool.", as_gauge},
      {"spool_bytes", count_of<s, &s::spool_bytes>, "push_spool_bytes", "Size of the spool.",
       as_gauge},
      {"spool_in_memory", count_of<s, &s::spool_in_memory>, "push_spool_memory_results",
       "Results in the spool that are in memory alone.", as_gauge},
      {"spool_oldest_unix", count_of<s, &s::spool_oldest_unix>,
       "push_spool_oldest_timestamp_seconds",
       "When the oldest batch in the spool began to wait, as Unix time; 0: there is none.",
       as_gauge},
      {"spool_set_aside", count_of<s, &s::spool_set_aside>, "push_spool_set_aside_total",
       "Damaged spools that were moved out of the way."},
      {"spool_problem",
       count_of<s, &s::spool_problem>,
       {},
       "Why batches are not kept on disk; empty: they are, or there is no state_dir."},
      {{},
       [](const s& section) -> counter_value { return section.spool_problem.empty(); },
       "push_spool_up",
       "0 while the disk does not take batches and they are kept in memory, else 1.",
       as_gauge},
      {"last_ok_unix", count_of<s, &s::last_ok_unix>, "push_last_success_timestamp_seconds",
       "When the server last took a batch, as Unix time; 0: never.", as_gauge},
      {"last_error", count_of<s, &s::last_error>, {}, "Empty after a success."},
  };
  return all;
}

} // namespace xprober
