#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// Which batches of the time before the start have to go to the store again, and in which order:
/// first what is recent, which everybody waits for; then what is older, beside what comes. The
/// second part ends where the first began, so each batch is given once.
class journal_replay {
public:
  struct batch {
    wall_time received{};
    std::shared_ptr<std::string> body; ///< unpacked
    std::uint32_t rows = 0;
  };

  /// `newest`: when the last record came. `file` must live as long as this.
  journal_replay(storage::journal& file, wall_time newest);

  /// The next batches that came at `since` or later, oldest first; empty: this part is over. A
  /// batch that cannot be unpacked is left out. Throws `storage::database_error`, as `read_ahead`.
  std::vector<batch> next(wall_time since);

  /// Reads what `next` will give, so that there is no waiting for the disk then.
  void read_ahead(wall_time since) { ahead_ = read(since); }

  /// True until the first part is over.
  bool is_recent() const noexcept { return !older_; }

  /// From now on the second part.
  void begin_older();

private:
  std::vector<batch> read(wall_time since);
  bool fill(wall_time since);

  storage::journal& file_;
  wall_time recent_since_{};
  std::uint64_t done_ = 0;         ///< id of the last batch that was read
  std::uint64_t first_recent_ = 0; ///< id; 0: none was read yet
  bool older_ = false;
  std::deque<storage::journalled_batch> records_; ///< read and not unpacked yet
  std::vector<batch> unpacked_; ///< of the step that is read; kept where reading throws
  std::size_t unpacked_bytes_ = 0;
  std::vector<batch> ahead_;
};

} // namespace xprober
