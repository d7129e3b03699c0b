#pragma once

#include <cstdint>
#include <vector>

#include "xprober/actors/server/reader_desk.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// What is dropped from the journal: records that are too old for the store and that no reader
/// needs, and agents that were not heard of for 90 days.
class journal_pruning {
public:
  /// So many agents are kept: of more, those go that were silent for longest.
  static constexpr std::uint64_t most_agents = 1'000'000;

  /// Both must live as long as this.
  journal_pruning(storage::journal& file, reader_desk& desk, std::uint64_t agents = most_agents)
      : file_(file), desk_(desk), most_agents_(agents) {}

  /// What a step has done.
  struct outcome {
    bool more = false;             ///< there may be more records to drop
    bool agents_forgotten = false; ///< agents were looked at: it is time to count them
  };

  /// Drops some of what came more than `ttl` ago. Agents are looked at once in an hour, and sooner
  /// where there are, as `agents` says, an eighth more than are kept: anybody can make some up.
  /// Throws `storage::database_error`; the next step tries the same again.
  outcome step(wall_time wall_now, monotonic_time now, nanoseconds ttl, std::uint64_t agents = 0);

  /// How long it is from one time to the next when there is no more.
  static nanoseconds interval(nanoseconds ttl) noexcept;

private:
  storage::journal& file_;
  reader_desk& desk_;
  std::uint64_t most_agents_;
  std::vector<std::uint64_t> leaving_; ///< the desk has forgotten them, the file has them yet
  monotonic_time next_forget_{};
};

} // namespace xprober
