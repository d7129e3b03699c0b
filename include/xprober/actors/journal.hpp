#pragma once

#include <memory>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/journal_feed.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// Takes batches over: looks whether a batch came before, reads it, keeps it with its number in one
/// transaction, and gives it to the store; only then it is acknowledged. At its start it puts into
/// the store what came before and is fresh still. History gets every batch once, over restarts,
/// too. RPC sessions send batches. Blocks: spawn it detached.
struct journal_state {
  static constexpr const char* name = "journal";

  journal_actor::pointer self = nullptr;
  store_actor store;
  stats_actor stats;
  registry_actor registry; ///< hears of agents' clocks; may be null
  nanoseconds ttl{0};
  std::unique_ptr<storage::journal> file;
  journal_stats counts;
  std::uint64_t replayed_through = 0; ///< id of the last batch that went to the store again
  bool ready = false;
  std::vector<caf::typed_response_promise<done_atom>> waiting; ///< for the end of the replay
  agent_clocks clocks;
  std::int64_t clocks_counted_ms = 0; ///< Unix
  journal_feed feed;                  ///< of history
  monotonic_time next_prune{};
  monotonic_time next_forget{};
  bool failing = false; ///< the disk's failure was logged

  void open(const std::string& directory);
  caf::result<push_batch_response> take(const push_batch_request& request);
  void replay();
  void prune();

private:
  caf::result<push_batch_response> keep(const batch_header& header,
                                        const push_batch_request& request);
  push_batch_response answer_to(const batch_header& header, const storage::verdict& verdict) const;
  std::int64_t watch_clock(const batch_header& header, const agent_identity& agent,
                           std::int64_t now_ms);
  caf::error refused(const storage::database_error& error);
  void end_replay();
  void report();
};

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     std::string directory, store_actor store, stats_actor stats,
                                     caf::timespan ttl, history_actor history,
                                     registry_actor registry);

/// What sessions send batches to: it passes them on to the journal. A session that is cut off at
/// the end leaves its handle in an I/O context that outlives the actors, and the thread of a
/// detached actor ends only when its last handle is gone: this one lets go of the journal when it
/// ends.
struct journal_front_state {
  static constexpr const char* name = "journal_front";

  journal_actor journal;
};

journal_actor::behavior_type
journal_front(journal_actor::stateful_pointer<journal_front_state> self, journal_actor journal);

} // namespace xprober
