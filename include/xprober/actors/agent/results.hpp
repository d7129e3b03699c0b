#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "xprober/actors/agent/target_states.hpp"
#include "xprober/actors/chain_actors.hpp"

namespace xprober {

/// Unasked `stats` hears of the backlog at most once in this time, and always of its last state.
inline constexpr std::chrono::milliseconds backlog_report_interval{200};

/// So many lines of a list are made in one go: a millisecond or so, whatever the number of targets.
inline constexpr std::size_t listing_step = 2000;
/// So many lists are made at the same time: whoever asks for one more is to come again.
inline constexpr std::size_t most_listings = 64;

/// The latest result of each target and since when it is in its state, and the results that are in
/// no batch of the spool yet. Targets send results, the manager says which targets there are, the
/// pusher takes batches, the spool tells what became of them: every result is accounted for here
/// and nowhere else. A result is held until the spool has it, its target is removed, or the limit
/// is met: then the oldest go first. A long list of targets is made step by step, the lists in
/// turns: what changes meanwhile may be in it or not, each target at most once.
struct results_state {
  static constexpr const char* name = "results";

  struct slot {
    target_ref target;     ///< null: no target has this index
    probe_result_ptr last; ///< the latest; null before the first
  };

  /// A list that is being made.
  struct listing_job {
    target_states::selection states = 0;
    std::size_t limit = 0;
    target_index next = 0; ///< the first that was not looked at
    target_listing listing{};
    caf::typed_response_promise<target_listing> promise{};
  };

  results_actor::pointer self = nullptr;
  stats_actor stats;
  std::uint64_t limit = 0;
  waiting_outcomes* outcomes = nullptr; ///< null: nobody counts what waits
  std::deque<slot> slots;               ///< by target index; grows without a long step
  std::deque<std::uint32_t> since_unix; ///< of each slot: of the first result in its state; 0: none
  target_states states;                 ///< of the targets in `slots`
  std::deque<listing_job> listings;     ///< that are not complete
  std::deque<probe_result_ptr> pending; ///< not in a batch yet, oldest first
  result_batch in_flight;               ///< id 0: none
  std::uint64_t last_batch = 0;
  std::uint64_t dropped = 0;
  std::uint64_t forgotten = 0;
  std::uint64_t acked = 0;
  std::uint64_t spooled = 0;  ///< in the spool
  std::uint64_t restored = 0; ///< found there at the start
  chain_teller_actor watcher; ///< of certificates; null: nobody
  result_tally tally;         ///< what the results say of the prober itself
  bool report_armed = false;  ///< stats heard something within the interval
  bool untold = false;        ///< something has changed since

  /// Results that have come: they wait no more.
  void add(result_round& round);
  void begin(const target_ref& target);
  void forget(target_index index);
  result_batch take(std::uint64_t most);
  void note(const spool_change& change);
  void watch(chain_teller_actor who);
  caf::result<target_listing> list(const target_query& query);
  void list_more();
  void report();
  /// Tells stats what it has not heard yet.
  void tell();

private:
  void add(probe_result_ptr result);
  void prefetch_slot(const probe_result& result) const noexcept;
  void prefetch_last(const probe_result& result) const noexcept;
  void look_ahead_of_pending() const noexcept;
  target_line line_of(target_index index) const;
  bool is_current(const target_ref& target) const;
  /// Tells the watcher of the certificates of a result that are not those of the one before.
  void tell_chain(const target_ref& target, const probe_result* before, const probe_outcome& now);
  /// Adds the next lines; true once there are no more.
  bool fill(listing_job& job) const;
  void go_on_with_lists();
  void enforce_limit();
  void changed();
  std::uint64_t waiting() const;
};

/// `outcomes` outlives the actor; null where nobody counts what waits for it.
results_actor::behavior_type results(results_actor::stateful_pointer<results_state> self,
                                     stats_actor stats, std::uint64_t limit,
                                     waiting_outcomes* outcomes);

} // namespace xprober
