#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/agent_clocks.hpp"
#include "xprober/actors/server/journal_pruning.hpp"
#include "xprober/actors/server/journal_replay.hpp"
#include "xprober/actors/server/reader_answers.hpp"
#include "xprober/actors/server/reader_desk.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// Takes batches over: looks whether a batch came before, reads it, keeps it with its number in one
/// transaction, and gives it to the store; only then it is acknowledged. At its start it puts into
/// the store what came before and is fresh still. RPC sessions send batches. Blocks: spawn it
/// detached.
///
/// Others read it at their own pace (`journal_readers`). A record stays until it is too old and no
/// reader needs it.
struct journal_state {
  static constexpr const char* name = "journal";

  journal_actor::pointer self = nullptr;
  store_actor store;
  stats_actor stats;
  registry_actor registry; ///< hears of agents' clocks; may be null
  nanoseconds ttl{0};
  std::unique_ptr<storage::journal> file;
  std::optional<reader_desk> desk; ///< of the file, as the following three
  std::optional<reader_answers> readers;
  std::optional<journal_replay> replay;
  std::optional<journal_pruning> pruning;
  journal_stats counts;
  std::vector<caf::typed_response_promise<done_atom>>
      waiting; ///< for the recent part of the replay
  agent_clocks clocks;
  std::int64_t clocks_counted_ms = 0; ///< Unix
  monotonic_time next_prune{};
  bool failing = false; ///< the disk's failure was logged

  void open(const std::string& directory);
  void replay_on();
  void prune();

  // What comes.
  caf::result<push_batch_response> take(const push_batch_request& request);
  caf::result<push_response> take(const push_request& request);
  void take(const series_ended& ended);

private:
  caf::result<push_batch_response> keep(const batch_header& header,
                                        const push_batch_request& request);
  push_batch_response answer_to(const batch_header& header, const storage::verdict& verdict) const;
  std::int64_t watch_clock(const batch_header& header, const agent_identity& agent,
                           std::int64_t now_ms);
  caf::error refused(const storage::database_error& error);
  void keep_values(const std::vector<wire_value>& values);
  bool keep_record(record_kind kind, const std::string& bytes, std::uint64_t values);
  void note_record(std::uint64_t id, std::uint64_t bytes, std::uint64_t values);
  void part_replayed();
  void report();
};

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     const std::string& directory, store_actor store,
                                     stats_actor stats, caf::timespan ttl, registry_actor registry);

} // namespace xprober
