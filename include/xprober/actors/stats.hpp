#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/histogram.hpp"

namespace xprober {

/// What the stats actor is told once, at its birth.
struct stats_identity {
  std::string role; ///< "agent" or "server"
  std::string version;
  std::vector<std::string> kinds{}; ///< of an agent's engines: in this order they are shown
};

/// How long a snapshot waits for those that are asked for their latest counts: after that it is
/// made of what was told, so that `/stats` is answered at any load.
inline constexpr std::chrono::milliseconds report_patience{250};

/// Who did not answer in that time is not asked for so long: where every actor waits long for its
/// turn, a snapshot must not take another one.
inline constexpr std::chrono::seconds report_rest{10};

/// The sum of what all other actors report. Owners of counters that change with every probe tell
/// them only now and then; those are asked before each snapshot, so that the parts of one snapshot
/// belong together: what differs between two of them is under way. Quantiles are of the last
/// minute.
struct stats_state {
  static constexpr const char* name = "stats";

  struct kind_counts {
    actor_stats totals;
    windowed_histogram handler_ns;
  };

  struct engine_counts {
    engine_report last;
    windowed_histogram receive_gap_us;
    bool has_gap = false; ///< the engine measures it
  };

  stats_actor::pointer self = nullptr;
  stats_identity identity;
  monotonic_time began{};
  std::int64_t started_unix = 0;
  std::array<kind_counts, actor_kind_count> kinds;
  std::map<std::pair<std::string, std::string>, actor_edge> edges; ///< by their ends
  target_stats targets;
  sync_stats sync;
  tick_stats ticks;
  windowed_histogram tick_lag_us;
  std::vector<engine_counts> engines; ///< in the order of `identity`, then as they came
  probe_request_stats probe_requests;
  push_stats push;
  backlog_stats backlog;
  std::map<std::uint32_t, ingest_stats> ingest; ///< by shard of the store
  journal_stats journal;
  discovery_stats discovery;
  rpc_stats rpc;
  std::map<std::string, std::vector<std::string>> warnings; ///< by who warns
  std::map<std::string, receiver_stats> receivers;          ///< by name
  std::map<std::string, notify_stats> notify;               ///< likewise
  std::map<std::string, port_counters> ports;               ///< likewise
  memory_stats memory;
  history_stats history;
  incident_stats incidents;
  chain_counts chains;
  std::uint64_t agents = 0;
  result_tally tally;
  own_fault_report own;
  struct reporter {
    caf::actor_addr address; ///< it may have ended
    monotonic_time rests_until{};
  };
  std::vector<reporter> reporters; ///< are asked before a snapshot

  void add(const handler_report& report);
  void add(const lifecycle_report& report);
  void add(const tick_report& report);
  void add(const engine_report& report);
  void add(const receiver_report& report);
  void add(const notify_report& report);
  /// The snapshot, once all reporters have told what they know, or `report_patience` is over.
  caf::result<stats_snapshot> settled_snapshot();
  stats_snapshot snapshot() const;
  std::vector<remote_write_stats> remote_write() const;

private:
  engine_counts& engine_of(std::string_view kind);
  void let_rest(const caf::actor_addr& address);
};

stats_actor::behavior_type stats(stats_actor::stateful_pointer<stats_state> self,
                                 stats_identity identity);

} // namespace xprober
