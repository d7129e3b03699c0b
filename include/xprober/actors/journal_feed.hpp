#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/agent_clocks.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// Brings the journal's batches to history, each once and in their order: those that history does
/// not have from the file, the others as they come. No more than `most_in_flight` are under way, so
/// what a slow disk holds up waits in the journal and not in memory.
class journal_feed {
public:
  static constexpr std::size_t most_in_flight = 8;

  /// Asks history where to begin. Without a history nothing ever happens.
  void begin(journal_actor::pointer self, history_actor to, storage::journal& file,
             agent_clocks& clocks);

  /// A batch was journalled just now.
  void offer(history_batch batch);

  /// History has all up to this id on disk; the highest there is where nobody needs any.
  std::uint64_t through() const noexcept;

  /// So many batches were dropped before history had them.
  void lost(std::uint64_t batches);

private:
  void pump();
  void send(history_batch batch);
  bool read(storage::journalled_batch& batch);
  void failed(const caf::error& why);

  journal_actor::pointer self_ = nullptr;
  history_actor to_; ///< null: nobody is there
  storage::journal* file_ = nullptr;
  agent_clocks* clocks_ = nullptr;
  std::uint64_t sent_ = 0; ///< id of the last batch that was sent
  std::uint64_t durable_ = 0;
  std::size_t in_flight_ = 0;
  bool begun_ = false;
  bool behind_ = true; ///< the file has batches that were not sent
};

} // namespace xprober
