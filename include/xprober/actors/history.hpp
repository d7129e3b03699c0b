#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "xprober/actors/actors.hpp"
#include "xprober/storage/history.hpp"

namespace xprober {

/// Rolls up what agents measured. The journal gives it every batch once, the store what came
/// without one; web sessions ask it. What it takes in is in memory for up to
/// `history_flush_interval` and then written together with the position in the journal that it
/// reaches: after a crash the journal gives it the rest again, and nothing counts twice. While the
/// disk takes nothing, batches are answered late, so that the others wait in the journal. Blocks:
/// spawn it detached.
struct history_state {
  static constexpr const char* name = "history";

  history_actor::pointer self = nullptr;
  stats_actor stats;
  std::unique_ptr<storage::history> files;
  history_retention kept{};
  std::uint64_t max_series = 0;
  rollup_buffer buffer;              ///< what is not on disk yet
  storage::journal_position reached; ///< with `buffer`
  std::uint64_t durable = 0;         ///< without it
  history_stats counts;
  monotonic_time next_flush{};
  /// Where the last probe was counted: its neighbours mostly go there, too.
  struct place {
    history_key key;
    std::uint32_t number = 0; ///< 0: unknown
    std::int64_t start = 0;
    rollup* values = nullptr; ///< in `buffer`
  };
  place last;
  bool failing = false; ///< the last flush could not be written
  using late_answer = caf::typed_response_promise<history_progress>;
  std::deque<std::pair<history_batch, late_answer>> held; ///< while failing

  void open(const std::string& directory);
  void configure(const history_config& config);
  history_progress begin(const journal_name& journal);
  caf::result<history_progress> take(const history_batch& batch);
  void take(const history_values& values);
  history_answer answer(const history_query& query);
  void flush();
  void report();

private:
  void roll_up(const history_batch& batch);
  void add(const history_key& key, std::int64_t unix_seconds, const measured_probe& probe,
           std::int64_t now);
  rollup* find_place(const history_key& key, std::int64_t unix_seconds);
  bool write();
  void prune();
  void release();
};

/// What is in memory longest before it is written.
inline constexpr std::chrono::seconds history_flush_interval{30};

history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     std::string directory, history_config config,
                                     stats_actor stats);

/// What web sessions ask: it passes questions on, and lets go of the history when it ends (as
/// `journal_front` does for the journal).
struct history_front_state {
  static constexpr const char* name = "history_front";

  history_actor history;
};

history_actor::behavior_type
history_front(history_actor::stateful_pointer<history_front_state> self, history_actor history);

} // namespace xprober
