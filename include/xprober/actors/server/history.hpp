#pragma once

#include <map>
#include <memory>
#include <string>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/history_histograms.hpp"
#include "xprober/actors/server/server_clock.hpp"
#include "xprober/storage/history.hpp"

namespace xprober {

/// Rolls up what agents measured, as a reader of the journal; web sessions ask it. What it takes in
/// is in memory for up to `history_flush_interval` and then written together with the position in
/// the journal that it reaches; only then the journal hears of it. So after a crash it reads the
/// rest again, and nothing counts twice. While the disk takes nothing, or there can be no file, it
/// does not read on, and what comes waits in the journal; every flush tries again. A damaged file
/// gives way to a new one; where one was removed or replaced, what is there instead is used, and
/// what the journal has behind it is read again. Nothing is dropped for its age until this server's
/// own clock is proven. Targets that somebody asks for, or that are named to it, have roll-ups of
/// their own from then on. What it takes in goes into native histograms, too, which are in memory
/// alone. Blocks: spawn it detached.
struct history_state {
  static constexpr const char* name = "history";

  history_actor::pointer self = nullptr;
  journal_actor journal;
  stats_actor stats;
  std::string directory;
  std::unique_ptr<storage::history> files; ///< in memory while it has to wait for the disk
  history_retention kept{};
  std::uint64_t max_series = 0;
  rollup_buffer buffer;    ///< what is not on disk yet
  watched_targets watched; ///< as on disk, unless it has changed since
  history_histograms histograms;
  storage::journal_position reached; ///< with `buffer`
  std::uint64_t durable = 0;         ///< without it
  std::uint64_t told = 0;            ///< what the journal knows of it
  history_stats counts;
  struct usual_answer {
    history_answer times;
    monotonic_time until{}; ///< it serves so long
  };
  std::map<std::string, usual_answer> usual; ///< by kind, as it was worked out last
  server_clock own_clock;
  monotonic_time next_flush{};
  bool failing = false;      ///< the last flush could not be written, or there is no file
  bool no_file = false;      ///< the disk has to let there be one first
  bool must_replace = false; ///< the file is damaged
  bool begun = false;        ///< it is known where to read on
  bool asked = false;        ///< the journal was asked for records

  void open();
  void configure(const history_config& config);
  void read_on();
  history_answer answer(const history_query& query);
  history_answer answer_usual(const history_query& query);
  void watch(const watch_targets& wanted);
  void flush();
  void report();

private:
  void ask_where_to_begin(bool from_oldest);
  void begin(const reader_start& start);
  void ask_for_records();
  void not_answered(const caf::error& why);
  void take(const journal_page& page);
  std::int64_t unix_now();
  std::int64_t pruning_time();
  bool write();
  void met(const storage::database_error& error);
  bool try_open();
  void let_go();
  void wait_for_disk();
  void works_again();
  void prune();
  void tell_journal();
};

/// What may wait for it there; above it the oldest is dropped.
inline constexpr std::uint64_t history_queue_bytes = std::uint64_t{1} << 30U;

/// What is usual is worked out anew after so long, sooner where the history is that young: a median
/// of a week changes little in an hour.
inline constexpr std::chrono::hours usual_interval{1};
inline constexpr std::chrono::minutes first_usual_interval{10};

/// What is in memory longest before it is written.
inline constexpr std::chrono::seconds history_flush_interval{30};

history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     const std::string& directory, history_config config,
                                     journal_actor journal, stats_actor stats);

/// What web sessions ask: it passes questions on, and lets go of the history when it ends (as
/// `journal_front` does for the journal).
struct history_front_state {
  static constexpr const char* name = "history_front";

  history_actor history;
};

history_actor::behavior_type
history_front(history_actor::stateful_pointer<history_front_state> self, history_actor history);

} // namespace xprober
