#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/batch.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/storage/database.hpp"

namespace xprober::storage {

/// What a batch was answered with.
struct verdict {
  std::uint64_t accepted = 0; ///< rows
  std::uint64_t rejected = 0; ///< rows

  bool operator==(const verdict&) const = default;
};

/// A batch as it lies in the journal.
struct journalled_batch {
  std::uint64_t id = 0; ///< order of arrival, from 1
  std::string bytes;
  wall_time received{};
};

/// Totals over all agents and all runs of the server.
struct journal_totals {
  std::uint64_t agents = 0; ///< instances
  std::uint64_t batches = 0;
  std::uint64_t results = 0; ///< rows accepted
  std::uint64_t missing = 0; ///< batches that never came: gaps in sequences
};

/// What the server has taken over: every batch as long as its results are fresh, and the last
/// sequence of every instance for much longer. Blocks on the disk. Throws database_error, and
/// nothing has happened then.
class journal {
public:
  /// `directory` empty: in memory. A damaged file is set aside, and a new one begun. Throws when
  /// there can be none.
  explicit journal(const std::string& directory);

  /// What this batch was answered with when it came before; nothing if it is new.
  std::optional<verdict> find(const batch_header& header);

  struct added {
    std::uint64_t missing = 0; ///< batches between the last one of this instance and this
    bool first = false;        ///< nothing was heard of this instance before
    std::uint64_t id = 0;      ///< of the batch; 0 where only the number was kept
  };
  /// Keeps a batch and its number, both or none. Empty `bytes`: only the number.
  added add(const batch_header& header, std::string_view bytes, const verdict& answer,
            wall_time now);

  /// Random bytes that tell this file from every other one: ids mean something only with it.
  std::string name();

  /// The id of the newest batch there ever was; 0: none. Ids only grow, also over restarts and when
  /// all batches were dropped.
  std::uint64_t last_id();

  /// The next batches after an id that came since a time, oldest first, `limit` at most.
  std::vector<journalled_batch> read(std::uint64_t after, wall_time since, std::size_t limit);

  struct pruned {
    bool more = false;        ///< there may be more to drop
    std::uint64_t unread = 0; ///< batches dropped that somebody had still to read
  };
  /// Drops what came before; at most `limit` batches. Those after the id `through`, which somebody
  /// has still to read, stay until they came before `long_before`.
  pruned prune(wall_time before, std::size_t limit, std::uint64_t through, wall_time long_before);
  /// Forgets instances that were not heard of since, and the longest silent above `most`.
  void forget_agents(wall_time silent_since, std::uint64_t most);

  journal_totals totals();

private:
  void make_tables();
  journal_totals totals_row(); ///< without the agents

  std::unique_ptr<database> file_;
};

} // namespace xprober::storage
