#pragma once

#include <deque>
#include <vector>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// Unasked `stats` hears of the backlog at most once in this time, and always of its last state.
inline constexpr std::chrono::milliseconds backlog_report_interval{200};

/// The latest result of each target, and the results that are in no batch of the spool yet. Targets
/// send results, the manager says which targets there are, the pusher takes batches, the spool
/// tells what became of them: every result is accounted for here and nowhere else. A result is held
/// until the spool has it, its target is removed, or the limit is met: then the oldest go first.
struct results_state {
  static constexpr const char* name = "results";

  struct slot {
    target_ref target;     ///< null: no target has this index
    probe_result_ptr last; ///< the latest; null before the first
  };

  results_actor::pointer self = nullptr;
  stats_actor stats;
  std::uint64_t limit = 0;
  std::deque<slot> slots;               ///< by target index; grows without a long step
  std::deque<probe_result_ptr> pending; ///< not in a batch yet, oldest first
  result_batch in_flight;               ///< id 0: none
  std::uint64_t last_batch = 0;
  std::uint64_t dropped = 0;
  std::uint64_t forgotten = 0;
  std::uint64_t acked = 0;
  std::uint64_t spooled = 0;  ///< in the spool
  std::uint64_t restored = 0; ///< found there at the start
  bool report_armed = false;  ///< stats heard something within the interval
  bool untold = false;        ///< something has changed since

  void add(const probe_result_ptr& result);
  void begin(const target_ref& target);
  void forget(target_index index);
  result_batch take(std::uint64_t most);
  void note(const spool_change& change);
  target_listing list(const target_query& query) const;
  void report();
  /// Tells stats what it has not heard yet.
  void tell();

private:
  bool is_current(const target_ref& target) const;
  void enforce_limit();
  void changed();
  std::uint64_t waiting() const;
};

results_actor::behavior_type results(results_actor::stateful_pointer<results_state> self,
                                     stats_actor stats, std::uint64_t limit);

} // namespace xprober
