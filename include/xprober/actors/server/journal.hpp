#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/agent_clocks.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// Takes batches over: looks whether a batch came before, reads it, keeps it with its number in one
/// transaction, and gives it to the store; only then it is acknowledged. At its start it puts into
/// the store what came before and is fresh still. RPC sessions send batches. Blocks: spawn it
/// detached.
///
/// Others read it at their own pace (`journal_readers`): each has a position that is kept on disk,
/// so what was acknowledged reaches every reader, also over a kill. A record stays until it is too
/// old and no reader needs it.
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
  struct kept_batch {
    wall_time received{};
    std::shared_ptr<const std::string> body;
    std::uint32_t rows = 0;
  };
  wall_time recent_since{};       ///< what is replayed first
  std::uint64_t first_recent = 0; ///< id
  std::vector<kept_batch> ahead;  ///< read for the replay and not sent yet
  bool ready = false;
  std::vector<caf::typed_response_promise<done_atom>> waiting; ///< for the end of the replay
  agent_clocks clocks;
  std::int64_t clocks_counted_ms = 0; ///< Unix
  monotonic_time next_prune{};
  monotonic_time next_forget{};
  bool failing = false; ///< the disk's failure was logged
  storage::reader_ledger ledger;
  std::map<std::string, std::uint64_t> last_progress; ///< numbers of the readers' progress
  struct prepared_readers {
    journal_readers wanted;
    std::vector<storage::reader_position> fresh; ///< of those that are new; on disk already
  };
  std::optional<prepared_readers> prepared; ///< neither in force nor abandoned yet
  /// Readers that wait for a record, with what they have.
  std::map<std::string, std::pair<std::uint64_t, caf::typed_response_promise<journal_page>>> hungry;

  void open(const std::string& directory);
  caf::result<push_batch_response> take(const push_batch_request& request);
  void replay();
  void prune();

  caf::result<push_response> take(const push_request& request);
  caf::result<done_atom> prepare_readers(const journal_readers& wanted);
  void commit_readers();
  void abandon_readers();
  caf::result<reader_start> begin_reading(const reader_begin& begin);
  caf::result<journal_page> read_next(const read_request& request);
  caf::result<done_atom> advance_reader(const reader_progress& progress);
  void take(const series_ended& ended);

private:
  void note_record(std::uint64_t id, std::uint64_t bytes, std::uint64_t values);
  void keep_values(const std::vector<wire_value>& values);
  bool keep_record(record_kind kind, const std::string& bytes, std::uint64_t values);
  void feed_readers();
  bool fill_page(const std::string& reader, std::uint64_t after, journal_page& page);
  void enforce_limits();
  void forget_on_disk(const std::string& reader);

  caf::result<push_batch_response> keep(const batch_header& header,
                                        const push_batch_request& request);
  push_batch_response answer_to(const batch_header& header, const storage::verdict& verdict) const;
  std::int64_t watch_clock(const batch_header& header, const agent_identity& agent,
                           std::int64_t now_ms);
  caf::error refused(const storage::database_error& error);
  std::vector<kept_batch> read_ahead();
  void become_ready();
  void end_replay();
  void report();
};

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     std::string directory, store_actor store, stats_actor stats,
                                     caf::timespan ttl, registry_actor registry);

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
