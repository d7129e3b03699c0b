#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

  /// Keeps a batch and its number, both or none. Gives the number of batches that are missing
  /// between the last one of this instance and this. Empty `bytes`: only the number.
  std::uint64_t add(const batch_header& header, std::string_view bytes, const verdict& answer,
                    wall_time now);

  /// Gives every batch that came since, oldest first: its bytes, rows and when it came.
  void replay(wall_time since,
              const std::function<void(std::string bytes, wall_time received)>& visit);

  /// Drops what came before; at most `limit` batches. True if there may be more.
  bool prune(wall_time before, std::size_t limit);
  /// Forgets instances that were not heard of since, and the longest silent above `most`.
  void forget_agents(wall_time silent_since, std::uint64_t most);

  journal_totals totals();

private:
  void make_tables();

  std::unique_ptr<database> file_;
};

} // namespace xprober::storage
