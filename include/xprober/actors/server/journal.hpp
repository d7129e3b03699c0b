#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/agent_clocks.hpp"
#include "xprober/actors/server/batch_intake.hpp"
#include "xprober/actors/server/journal_shelf.hpp"
#include "xprober/actors/server/series_keeper.hpp"
#include "xprober/actors/server/server_clock.hpp"

namespace xprober {

/// Takes batches over: looks whether a batch came before, reads it, keeps it with its number in one
/// transaction, and gives it to the store; only then it is acknowledged. At its start it puts into
/// the store what came before and is fresh still. RPC sessions send batches. Blocks: spawn it
/// detached.
///
/// What an agent may cause is judged before anything is kept (`batch_intake`): times, targets, how
/// many series and how fast. What lies in the file is what was taken, at the times that it was
/// given.
///
/// Others read it at their own pace (`journal_readers`). A record stays until it is too old and no
/// reader needs it; nothing is too old until this server's own clock is proven.
///
/// While the disk does not work (`journal_shelf`) batches are refused, so that their agents keep
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
  std::optional<journal_shelf> shelf;
  std::string replayed; ///< the name of the file whose results are in the store
  journal_stats counts;
  std::vector<caf::typed_response_promise<done_atom>>
      waiting; ///< for the recent part of the replay
  server_clock own_clock;
  agent_clocks clocks;
  batch_intake intake;
  std::uint64_t most_bytes = limits_config{}.journal_bytes;
  std::uint64_t lost_values = 0; ///< of the old form, not kept; readers are not told of them yet
  monotonic_time next_prune{};
  bool retry_armed = false;
  std::string full;     ///< why there is no room for a batch; empty: there is
  std::string strained; ///< the same for want of memory

  /// Why batches are refused; empty: they are taken.
  const std::string& problem() const noexcept {
    if (!shelf->problem().empty()) {
      return shelf->problem();
    }
    return strained.empty() ? full : strained;
  }

  void open(const std::string& directory);
  void replay_on();
  void prune();
  void retry();
  void set_limits(const limits_config& limits);
  void set_strain(const memory_strain& now);
  void set_ttl(const set_result_ttl& next);
  nanoseconds kept_for() const noexcept;

  // Readers.
  caf::result<done_atom> prepare(const journal_readers& readers);
  /// What `question`, a function of `reader_answers`, answers where there is a file to use.
  template <class Answer, class Question>
  caf::result<Answer> ask(Question question) {
    auto* open = shelf->get();
    if (open == nullptr) {
      return unusable();
    }
    try {
      return question(open->readers);
    } catch (const storage::database_error& error) {
      met(error);
      return caf::make_error(caf::sec::runtime_error, error.what());
    }
  }

  // What comes.
  caf::result<push_batch_response> take(const push_batch_request& request);
  caf::result<push_response> take(const push_request& request);
  void take(const series_ended& ended);

private:
  caf::result<push_batch_response> keep(const batch_header& header,
                                        const push_batch_request& request);
  wall_time wall_now();
  push_batch_response answer_to(const batch_header& header, const storage::verdict& verdict) const;
  std::int64_t watch_clock(const batch_header& header, const agent_identity& agent,
                           std::int64_t now_ms);
  void watch_delivery(const batch_header& header, const batch_findings& found, std::int64_t now_ms);
  std::optional<push_batch_response> impossible(const batch_header& header, open_journal& open);
  void note(const agent_lapse& lapse);
  bool make_room(std::uint64_t bytes);
  caf::error refused(const std::string& why);
  caf::error unusable() const;
  void met(const storage::database_error& error);
  void arm_retry();
  void file_opened();
  void keep_values(const std::vector<wire_value>& values);
  bool keep_record(record_kind kind, const std::string& bytes, std::uint64_t values);
  void note_record(std::uint64_t id, std::uint64_t bytes, std::uint64_t values);
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
