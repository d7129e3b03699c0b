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
  /// Both must live as long as this.
  journal_pruning(storage::journal& file, reader_desk& desk) : file_(file), desk_(desk) {}

  /// What a step has done.
  struct outcome {
    bool more = false;             ///< there may be more records to drop
    bool agents_forgotten = false; ///< agents were looked at: it is time to count them
  };

  /// Drops some of what came more than `ttl` ago; agents are looked at once in an hour. Throws
  /// `storage::database_error`; the next step tries the same again.
  outcome step(wall_time wall_now, monotonic_time now, nanoseconds ttl);

  /// How long it is from one time to the next when there is no more.
  static nanoseconds interval(nanoseconds ttl) noexcept;

private:
  storage::journal& file_;
  reader_desk& desk_;
  std::vector<std::uint64_t> leaving_; ///< the desk has forgotten them, the file has them yet
  monotonic_time next_forget_{};
};

} // namespace xprober
