#pragma once

#include "xprober/actors/actors.hpp"
#include "xprober/store/store_table.hpp"

namespace xprober {

/// Unasked `stats` hears of the store's counts at most once in this time, and always of the last
/// ones.
inline constexpr std::chrono::milliseconds store_report_interval{200};

/// Owns the latest results of all agents. RPC sessions push batches to it, the target pool tells it
/// which targets have gone and come, and whoever shows results asks it for a snapshot. Nothing
/// older than the time to live is ever shown.
struct store_state {
  static constexpr const char* name = "store";

  store_actor::pointer self = nullptr;
  stats_actor stats;
  store_table table{nanoseconds{0}};
  ingest_stats counts;
  monotonic_time next_expiry{};  ///< when the armed timer is due
  bool report_armed = false;     ///< stats heard something within the interval
  bool untold = false;           ///< something has changed since
  caf::actor watcher;            ///< hears of series that have ended; null: nobody does
  std::uint64_t bad_batches = 0; ///< batches with at least one rejected value

  push_response push(const push_request& request);
  push_response push(const batch_delivery& batch);
  void expire();
  void watch(const watch_series& by);
  /// Tells which series have ended since.
  void tell_ended();
  void set_ttl(nanoseconds ttl);
  void report();
  /// Tells stats what it has not heard yet.
  void tell();
  /// Makes sure that stats hears of what has changed.
  void changed();
  store_view view(bool with_targets) const;

private:
  push_response count(const ingest_report& done);
  void arm_expiry();
};

store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self, stats_actor stats,
                                 caf::timespan result_ttl);

/// A store that is one part of several: see `store_shards`.
store_actor::behavior_type store_shard(store_actor::stateful_pointer<store_state> self,
                                       stats_actor stats, caf::timespan result_ttl,
                                       store_part part);

} // namespace xprober
