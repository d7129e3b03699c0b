#pragma once

#include <deque>
#include <variant>

#include "xprober/actors/actors.hpp"
#include "xprober/store/state_tally.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/target_page.hpp"

namespace xprober {

/// Unasked `stats` hears of the store's counts at most once in this time, and always of the last
/// ones.
inline constexpr std::chrono::milliseconds store_report_interval{200};

/// Whoever watches the states of series hears of them so often, and of many at once.
inline constexpr std::chrono::milliseconds state_interval{500};
/// So long it may take for one message: then it is given the next one all the same.
inline constexpr std::chrono::seconds state_patience{60};

/// Twice as many rows are looked at in one go for a page of them: a millisecond or so.
inline constexpr std::size_t page_step = 8000;
/// So many pages are made at the same time: whoever asks for one more is to come again.
inline constexpr std::size_t most_pages = 64;

/// Owns the latest results of all agents. RPC sessions push batches to it, the target pool tells it
/// which targets have gone and come and which are wanted at all, and whoever shows results asks it
/// for a snapshot. Nothing older than the time to live is ever shown but as the state of its
/// series.
struct store_state {
  static constexpr const char* name = "store";

  /// A page of rows or a tally that is being made.
  struct page_job {
    std::variant<target_paging, state_tallying> work;
    caf::typed_response_promise<store_view> promise{};

    /// After the last step.
    store_view take();
  };

  store_actor::pointer self = nullptr;
  stats_actor stats;
  store_table table{nanoseconds{0}};
  ingest_stats counts;
  monotonic_time next_expiry{};  ///< when the armed timer is due
  bool report_armed = false;     ///< stats heard something within the interval
  bool untold = false;           ///< something has changed since
  caf::actor watcher;            ///< hears of series that have ended; null: nobody does
  caf::actor state_watcher;      ///< hears of series' states; null: nobody does
  bool states_untaken = false;   ///< it has not taken the last message yet
  std::uint64_t bad_batches = 0; ///< batches with at least one rejected value
  std::deque<page_job> pages;    ///< they go on in turns

  push_response push(const push_request& request);
  push_response push(const batch_delivery& batch);
  void expire();
  void watch(const watch_series& by);
  /// Tells which series have ended since.
  void tell_ended();
  void watch_states(const xprober::watch_states& by);
  /// The next message, once the one before was taken: what changes meanwhile waits in the table.
  void tell_states();
  /// In good time, where there are many.
  void tell_many_states();
  void tell_states_again();
  void set_ttl(const set_result_ttl& next);
  void report();
  /// Tells stats what it has not heard yet.
  void tell();
  /// Makes sure that stats hears of what has changed.
  void changed();
  /// For a restart: series that are not well, or have failed once, of the next rows.
  kept_page kept(const kept_states_request& from) const;
  void restore(const kept_states& states);
  /// A page of rows is made step by step.
  caf::result<store_view> view(const store_query& query);
  void page_more();

private:
  bool step(page_job& job) const;
  void go_on_with_pages();
  void take_answer(const caf::error& why);
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
