#include "xprober/actors/snapshot.hpp"

// What the server's actors count, as /stats, /metrics and docs/counters.md have it.

namespace xprober {

std::span<const counter<ingest_stats>> ingest_stats::counters() noexcept {
  using s = ingest_stats;
  static constexpr counter<s> all[] = {
      {"received", count_of<s, &s::received>, "results_received_total",
       "Values that agents pushed."},
      {"accepted", count_of<s, &s::accepted>, "results_accepted_total",
       "Values taken into the store."},
      {"duplicate_batches", count_of<s, &s::duplicate_batches>, "duplicate_batches_total",
       "Batches received again."},
      {"rejected", count_of<s, &s::rejected>, "results_rejected_total",
       "Values that could not be used."},
      {"stored_series", count_of<s, &s::stored_series>, "stored_series", "Series in the store.",
       as_gauge},
  };
  return all;
}

std::span<const counter<incident_stats>> incident_stats::counters() noexcept {
  using s = incident_stats;
  static constexpr counter<s> all[] = {
      {"opened", count_of<s, &s::opened>, "incidents_opened_total", "Incidents that were opened."},
      {"closed", count_of<s, &s::closed>, "incidents_closed_total", "Incidents that were closed."},
      {"left_out", count_of<s, &s::left_out>, "incidents_left_out",
       "Causes that are no incident because too many are open.", as_gauge},
      {"queued", count_of<s, &s::queued>, "incident_notices_queued",
       "Notices that receivers are still to be told.", as_gauge},
      {"dropped", count_of<s, &s::dropped>, "incident_notices_dropped_total",
       "Notices given up because the queue was full."},
      {"looks", count_of<s, &s::looks>, "verdicts_total", "Verdicts that were made."},
      {"last_look_ms", count_of<s, &s::last_look_ms>, "verdict_duration_seconds",
       "How long the last verdict took.", as_gauge, 1e-3},
      {{},
       [](const s& section) -> counter_value { return section.problem.empty(); },
       "incidents_up",
       "1 while incidents are kept; 0: the disk does not let it.",
       as_gauge},
      {"problem", count_of<s, &s::problem>, {}, "Why incidents cannot be kept; empty: they are."},
  };
  return all;
}

std::span<const counter<chain_counts>> chain_counts::counters() noexcept {
  using s = chain_counts;
  static constexpr counter<s> all[] = {
      {"certificates", count_of<s, &s::certificates>, "certificates",
       "Certificates that targets show, those of their chains included.", as_gauge},
      {"chains", count_of<s, &s::chains>, "certificate_chains",
       "Chains in which they are sent, each once.", as_gauge},
      {"sightings", count_of<s, &s::sightings>, "certificate_sightings",
       "Targets of agents whose certificates are known.", as_gauge},
      {"agents", count_of<s, &s::agents>, "certificate_agents", "Agents that tell of certificates.",
       as_gauge},
      {"left_out", count_of<s, &s::left_out>, "certificate_sightings_left_out_total",
       "Sightings that had no place, or were of a target that no agent of the region was given."},
      {"refused", count_of<s, &s::refused>, "certificates_refused_total",
       "Certificates that cannot be read or that nobody shows."},
      {"paced", count_of<s, &s::paced>, "certificate_requests_paced_total",
       "Requests that came too fast; their agents come again with them."},
  };
  return all;
}

std::span<const counter<journal_stats>> journal_stats::counters() noexcept {
  using s = journal_stats;
  static constexpr counter<s> all[] = {
      {"on_disk", count_of<s, &s::on_disk>, {}, "False: batches are in memory alone."},
      {{},
       [](const s& section) -> counter_value { return section.problem.empty(); },
       "journal_up",
       "1 while batches are taken; 0: the disk does not let it.",
       as_gauge},
      {"problem", count_of<s, &s::problem>, {}, "Why batches are refused; empty: they are taken."},
      {"set_aside", count_of<s, &s::set_aside>, "journal_set_aside_total",
       "Damaged journals that were moved out of the way."},
      {"batches", count_of<s, &s::batches>, "batches_total", "Batches taken over, each once."},
      {"results", count_of<s, &s::results>, "batch_results_total",
       "Accepted rows of the batches taken over."},
      {"duplicate_batches", count_of<s, &s::duplicate_batches>, {}, "Batches received again."},
      {"missing_batches", count_of<s, &s::missing_batches>, "missing_batches_total",
       "Gaps in the numbers of agents' batches."},
      {"refused_batches", count_of<s, &s::refused_batches>, "refused_batches_total",
       "Batches that could not be kept; their agents keep them."},
      {"paced_batches", count_of<s, &s::paced_batches>, "paced_batches_total",
       "Batches that came too fast; their agents come again with them."},
      {"impossible_batches", count_of<s, &s::impossible_batches>, "impossible_batches_total",
       "Batches whose numbers cannot be; nothing of them is taken."},
      {"misdated_results", count_of<s, &s::misdated_results>, "misdated_results_total",
       "Results whose time can be none; they count when they arrived."},
      {"unlisted_results", count_of<s, &s::unlisted_results>, "unlisted_results_total",
       "Results refused because no agent of their region was given the target."},
      {"above_agent_series", count_of<s, &s::above_agent_series>, "above_agent_series_total",
       "Results refused because their agent has too many series (limits.agent_series)."},
      {"above_series", count_of<s, &s::above_series>, "above_series_total",
       "Results refused because there are too many series (limits.series)."},
      {"too_fast_values", count_of<s, &s::too_fast_values>, "too_fast_values_total",
       "Values of the older form refused because their agent sends too many."},
      {"series", count_of<s, &s::series>, "limited_series",
       "Series that count against limits.series.", as_gauge},
      {"bytes", count_of<s, &s::bytes>, "journal_bytes", "Size of the journal's records.",
       as_gauge},
      {"replayed_batches", count_of<s, &s::replayed_batches>, "replayed_batches_total",
       "Batches of the time before the start that were put into the store."},
      {"instances", count_of<s, &s::agents>, "journal_instances",
       "Instances of agents whose last number is known.", as_gauge},
      {"skewed_agents", count_of<s, &s::skewed_agents>, "skewed_agents",
       "Agents whose clock is off by a second or more.", as_gauge},
      {"worst_skew_ms", count_of<s, &s::worst_skew_ms>, "worst_skew_seconds",
       "The skew of the agents' clock that is the farthest off; positive: it is ahead.", as_gauge,
       1e-3},
      {"total.batches", count_of<s, &s::total_batches>, {}, "Over all runs."},
      {"total.results", count_of<s, &s::total_results>, {}, "Over all runs."},
      {"total.missing_batches", count_of<s, &s::total_missing>, {}, "Over all runs."},
  };
  return all;
}

std::span<const counter<discovery_source_stats>> discovery_source_stats::counters() noexcept {
  using s = discovery_source_stats;
  static constexpr counter<s> all[] = {
      {"source", count_of<s, &s::source>, {}, "The path or the URL."},
      {"targets", count_of<s, &s::targets>, "discovery_targets",
       "Targets of the source's last good list.", as_gauge},
      {"ok", count_of<s, &s::ok>, "discovery_refreshes_total", "Lists that could be used."},
      {"failed", count_of<s, &s::failed>, "discovery_failures_total",
       "Attempts that gave no list for use."},
      {{},
       [](const s& source) -> counter_value { return source.last_error.empty(); },
       "discovery_up",
       "1 unless the last attempt failed, then 0.",
       as_gauge},
      {"last_ok_unix", count_of<s, &s::last_ok_unix>, "discovery_last_success_timestamp_seconds",
       "When the last list came, as Unix time; 0: not since the start.", as_gauge},
      {"last_error", count_of<s, &s::last_error>, {}, "Empty after a success."},
      {"kept_list", count_of<s, &s::kept>, {}, "The list is the one kept from before the start."},
      {"left_out", count_of<s, &s::left_out>, "discovery_left_out",
       "Labels and groups of the source's last good list that cannot be used.", as_gauge},
      {"first_left_out",
       count_of<s, &s::first_left_out>,
       {},
       "The first of them and what is wrong with it."},
  };
  return all;
}

std::span<const counter<remote_write_stats>> remote_write_stats::counters() noexcept {
  using s = remote_write_stats;
  using r = receiver_stats;
  using q = journal_stats::reader;
  static constexpr counter<s> all[] = {
      {"url", count_of<s, &s::receiver, &r::url>, {}, "Of the receiver, without credentials."},
      {"name", count_of<s, &s::queue, &q::name>, {}, "Of the queue."},
      {"sent", count_of<s, &s::queue, &q::sent>, "remote_write_values_sent_total",
       "Values that a receiver has taken."},
      {"failed", count_of<s, &s::queue, &q::failed>, "remote_write_values_failed_total",
       "Values that a receiver has refused for good."},
      {"dropped", count_of<s, &s::queue, &q::dropped>, "remote_write_values_dropped_total",
       "Values dropped because the queue was full or because they came too late."},
      {"pending", count_of<s, &s::queue, &q::pending>, "remote_write_values_pending",
       "Values that wait for a receiver.", as_gauge},
      {"pending_bytes", count_of<s, &s::queue, &q::pending_bytes>, "remote_write_pending_bytes",
       "Bytes of the journal that wait for a receiver.", as_gauge},
      {"requests", count_of<s, &s::receiver, &r::requests>, "remote_write_requests_total",
       "Requests that a receiver has taken."},
      {"retries", count_of<s, &s::receiver, &r::retries>, "remote_write_retries_total",
       "Attempts that failed and were repeated."},
      {"bytes", count_of<s, &s::receiver, &r::bytes>, "remote_write_sent_bytes_total",
       "Bytes sent, compressed."},
      {"last_ok_unix", count_of<s, &s::receiver, &r::last_ok_unix>,
       "remote_write_last_success_timestamp_seconds", "When a receiver last took a request.",
       as_gauge},
      {"last_error", count_of<s, &s::receiver, &r::last_error>, {}, "Empty after a success."},
      {"histograms", count_of<s, &s::receiver, &r::histograms>,
       "remote_write_histograms_sent_total", "Native histograms that a receiver has taken."},
      {"histograms_failed", count_of<s, &s::receiver, &r::histograms_failed>,
       "remote_write_histograms_failed_total",
       "Native histograms that a receiver has not taken; the next have all that was in them."},
      {"histograms_error",
       count_of<s, &s::receiver, &r::histograms_error>,
       {},
       "Why the last were not taken; empty after a success."},
  };
  return all;
}

std::span<const counter<notify_stats>> notify_stats::counters() noexcept {
  using s = notify_stats;
  static constexpr counter<s> all[] = {
      {"name", count_of<s, &s::name>, {}, "Of the receiver's queue, without credentials."},
      {"told", count_of<s, &s::told>, "notify_told_total", "Notices that a receiver has taken."},
      {"failed", count_of<s, &s::failed>, "notify_failed_total",
       "Notices that a receiver has refused for good."},
      {"retried", count_of<s, &s::retried>, "notify_retries_total",
       "Attempts that failed and were repeated."},
      {"pending", count_of<s, &s::pending>, "notify_pending",
       "Notices that wait for a receiver; those beyond 100 are not counted.", as_gauge},
      {"last_ok_unix", count_of<s, &s::last_ok_unix>, "notify_last_success_timestamp_seconds",
       "When a receiver last took something.", as_gauge},
      {"last_error", count_of<s, &s::last_error>, {}, "Empty after a success."},
  };
  return all;
}

std::span<const counter<rpc_stats>> rpc_stats::counters() noexcept {
  using s = rpc_stats;
  static constexpr counter<s> all[] = {
      {"sessions", count_of<s, &s::sessions>, "rpc_sessions_total",
       "Connections of agents whose protocol was recognised."},
      {"requests", count_of<s, &s::requests>, "rpc_requests_total", "Requests of agents."},
      {"malformed", count_of<s, &s::malformed>, "rpc_malformed_total",
       "Messages and connections that are not of the protocol, TLS on a plain port and the "
       "reverse among them."},
      {"unauthorized", count_of<s, &s::unauthorized>, "rpc_unauthorized_total",
       "Requests without the token that this server wants."},
      {"refused", count_of<s, &s::refused>, "rpc_refused_total",
       "Other requests that were answered with an error."},
  };
  return all;
}

std::span<const counter<history_stats>> history_stats::counters() noexcept {
  using s = history_stats;
  static constexpr counter<s> all[] = {
      {"enabled", count_of<s, &s::enabled>, {}, "As the configuration says."},
      {"on_disk", count_of<s, &s::on_disk>, {}, "False: roll-ups are in memory alone."},
      {"series", count_of<s, &s::series>, "history_series", "Region pairs and addresses.",
       as_gauge},
      {"watched", count_of<s, &s::watched>, "history_watched_targets",
       "Targets that are kept by themselves, too.", as_gauge},
      {"pending", count_of<s, &s::pending>, "history_pending_rows",
       "Roll-ups in memory that are not on disk yet.", as_gauge},
      {"bytes", count_of<s, &s::bytes>, "history_bytes", "Size of the file.", as_gauge},
      {"results", count_of<s, &s::results>, "history_results_total", "Results rolled up."},
      {"too_old", count_of<s, &s::too_old>, "history_too_old_total",
       "Results from before all that is kept."},
      {"moved", count_of<s, &s::moved>, "history_moved_total",
       "Results from the future: they count when they arrived."},
      {"omitted", count_of<s, &s::omitted>, "history_omitted_total",
       "Results of series above history.max_series, or above their agent's share of it."},
      {"histograms", count_of<s, &s::histograms>, "history_histograms",
       "Native histograms of region pairs and addresses.", as_gauge},
      {"histograms_omitted", count_of<s, &s::histograms_omitted>,
       "history_histograms_omitted_total",
       "Results of region pairs and addresses that have no histogram: there are too many."},
      {"waiting", count_of<s, &s::waiting>, "history_waiting_values",
       "Values not in roll-ups on disk yet.", as_gauge},
      {"dropped", count_of<s, &s::dropped>, "history_dropped_values_total",
       "Values dropped because too many waited for the history."},
      {"flushes", count_of<s, &s::flushes>, "history_flushes_total", "Writes of roll-ups."},
      {"failed", count_of<s, &s::failed>, "history_failed_writes_total",
       "Writes that will be tried again."},
      {"set_aside", count_of<s, &s::set_aside>, "history_set_aside_total",
       "Damaged histories that were moved out of the way."},
      {{},
       [](const s& section) -> counter_value { return section.last_error.empty(); },
       "history_up",
       "1 while roll-ups can be written, else 0.",
       as_gauge},
      {"last_flush_ms", count_of<s, &s::last_flush_ms>, "history_last_flush_seconds",
       "How long the last write took.", as_gauge, 1e-3},
      {"last_error", count_of<s, &s::last_error>, {}, "Empty after a success."},
  };
  return all;
}

} // namespace xprober
