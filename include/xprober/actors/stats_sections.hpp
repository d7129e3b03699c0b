#pragma once

#include <string_view>

#include "xprober/actors/snapshot.hpp"

namespace xprober {

/// Calls `visit(name, table, section)` for each section of counters that a role ("agent" or
/// "server") has once, below `name` in `/stats`; two tables may have one name. What `/stats` and
/// `/metrics` show and what docs/counters.md lists is this. Lists of sections, and what all
/// processes have, are not among them.
template <class Visit>
void for_each_section(std::string_view role, const stats_snapshot& stats, Visit&& visit) {
  visit("targets", target_stats::counters(), stats.targets);
  if (role != "server") {
    visit("sync", sync_stats::counters(), stats.sync);
    visit("ticks", tick_stats::counters(), stats.ticks);
    visit("probe_requests", probe_request_stats::counters(), stats.probe_requests);
    visit("push", push_stats::counters(), stats.push);
    return;
  }
  visit("targets", target_stats::server_counters(), stats.targets);
  visit("results", ingest_stats::counters(), stats.ingest);
  visit("rpc", rpc_stats::counters(), stats.rpc);
  visit("journal", journal_stats::counters(), stats.journal);
  visit("history", history_stats::counters(), stats.history);
  visit("incidents", incident_stats::counters(), stats.incidents);
  visit("chains", chain_counts::counters(), stats.chains);
}

} // namespace xprober
