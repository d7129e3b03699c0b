#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/journal_clocks.hpp"
#include "xprober/actors/server/journal_disk.hpp"
#include "xprober/actors/server/journal_intake.hpp"
#include "xprober/actors/server/series_keeper.hpp"

namespace xprober {

/// Takes batches over: looks whether a batch came before, reads it, keeps it with its number in one
/// transaction, and gives it to the store; only then it is acknowledged (`journal_intake`). At its
/// start it puts into the store what came before and is fresh still. RPC sessions send batches.
/// Blocks: spawn it detached.
///
/// What an agent may cause is judged before anything is kept (`batch_intake`): times, targets, how
/// many series and how fast. What lies in the file is what was taken, at the times that it was
/// given.
///
/// Others read it at their own pace (`journal_readers`). A record stays until it is too old and no
/// reader needs it; nothing is too old until this server's own clock is proven.
///
/// While the disk does not work (`journal_disk`) batches are refused, so that their agents keep
/// them, readers get errors and ask again, and `get_problem_atom` has the reason; all goes on by
/// itself.
struct journal_state {
  static constexpr const char* name = "journal";

  journal_actor::pointer self = nullptr;
  store_actor store;
  stats_actor stats;
  registry_actor registry; ///< hears of agents' clocks; may be null
  nanoseconds ttl{0};      ///< of the store
  /// What the store has made of a batch is on disk with the next states of all series only, which
  /// take some seconds to be written.
  nanoseconds least_kept = series_keep_interval + std::chrono::seconds{10};
  journal_clocks clocks;
  std::optional<journal_disk> disk;     ///< see `open`
  std::optional<journal_intake> intake; ///< see `open`
  std::string replayed;                 ///< the name of the file whose results are in the store
  journal_stats counts;
  std::vector<caf::typed_response_promise<done_atom>>
      waiting; ///< for the recent part of the replay
  monotonic_time next_prune{};

  /// Everything else comes after this.
  void open(const std::string& directory, const limits_config& limits);
  void replay_on();
  caf::result<done_atom> await_replay();
  void prune();
  void set_limits(const limits_config& limits);
  void set_ttl(const set_result_ttl& next);
  nanoseconds kept_for() const noexcept;

  // Readers.
  caf::result<done_atom> prepare(const journal_readers& readers);
  /// What `question`, a function of `reader_answers`, answers where there is a file to use.
  template <class Answer, class Question>
  caf::result<Answer> ask(Question question) {
    auto* open = disk->get();
    if (open == nullptr) {
      return unusable();
    }
    try {
      return question(open->readers);
    } catch (const storage::database_error& error) {
      disk->met(error);
      return caf::make_error(caf::sec::runtime_error, error.what());
    }
  }

private:
  caf::error unusable() const;
  void file_opened();
  void part_replayed(open_journal* open);
  void report();
};

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     const std::string& directory, store_actor store,
                                     stats_actor stats, caf::timespan ttl, registry_actor registry);

/// The same with other limits than those that hold without a word; they hold for what was there at
/// the start, too.
journal_actor::behavior_type limited_journal(journal_actor::stateful_pointer<journal_state> self,
                                             const std::string& directory, store_actor store,
                                             stats_actor stats, caf::timespan ttl,
                                             registry_actor registry, const limits_config& limits);

} // namespace xprober
