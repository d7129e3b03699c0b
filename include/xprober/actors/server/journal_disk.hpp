#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/journal_clocks.hpp"
#include "xprober/actors/server/journal_shelf.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/wire/batch.hpp"

namespace xprober {

/// What a journal keeps on the disk, and all that can be in the way of it: the disk itself
/// (`journal_shelf`), no room within the limit, memory that is short. It writes records, makes room
/// for them, gives them to readers that wait, and tries again when something went wrong. Blocks on
/// the disk.
class journal_disk {
public:
  /// What it needs of who has it.
  struct hooks {
    std::function<monotonic_time()> now;
    /// There is a file that was not there before: at the start, or when the disk let there be one
    /// again.
    std::function<void()> opened;
    /// What `describe` says is something else.
    std::function<void()> changed;
    /// `retry` is to be called then.
    std::function<void(nanoseconds)> retry_after;
  };

  /// `directory` empty: in memory. `clocks` must live as long as this. No hook is called before
  /// `begin`.
  journal_disk(std::string directory, journal_clocks& clocks, hooks with);

  /// To be called once, and `retry` when it was asked for.
  void begin();
  void retry();

  /// Null while there is no file to use.
  open_journal* get() noexcept { return shelf_.get(); }
  /// Who is to read it.
  journal_shelf& shelf() noexcept { return shelf_; }
  const journal_shelf& shelf() const noexcept { return shelf_; }

  /// Why batches are refused; empty: they are taken.
  const std::string& problem() const noexcept;
  /// What of it is for want of memory, and of room; empty: neither.
  const std::string& strain() const noexcept { return strained_; }
  const std::string& lack_of_room() const noexcept { return full_; }

  /// The most bytes that it may take (`limits.journal_bytes`); of these readers keep half.
  void set_most(std::uint64_t bytes);
  /// What came within it is too fresh to be dropped to make room.
  void set_ttl(nanoseconds ttl) noexcept { ttl_ = ttl; }
  void set_strain(const memory_strain& now);

  /// Something that was done with the file has failed.
  void met(const storage::database_error& error);

  /// False: there is no room for so many bytes more, and what is there is too fresh to be dropped,
  /// or readers are at it. What readers have not read for long is given up before (`reader_desk`).
  /// There must be a file. Throws `storage::database_error`.
  bool make_room(std::uint64_t bytes);
  /// Things were dropped: maybe there is room again.
  void look_for_room();

  /// Keeps a batch, see `storage::journal::add`; `note` is to follow where it has results. There
  /// must be a file. Throws `storage::database_error`.
  storage::journal::added keep(const batch_header& header, std::string_view bytes,
                               const storage::verdict& answer, wall_time now, std::uint64_t values,
                               std::int64_t skew_ms);
  /// A record lies in the file: whoever waits for it gets it.
  void note(std::uint64_t id, std::uint64_t bytes, std::uint64_t values);
  /// Keeps another record; false where that cannot be.
  bool keep(record_kind kind, const std::string& bytes, std::uint64_t values);
  /// Values of the old form that are not kept: readers are told of them.
  void lose(std::uint64_t values) noexcept { lost_values_ += values; }

  /// Fills in what it knows: bytes, readers, and what is wrong.
  void describe(journal_stats& counts);

private:
  void arm_retry();

  journal_clocks& clocks_;
  hooks hooks_;
  journal_shelf shelf_;
  nanoseconds ttl_{0};
  std::uint64_t most_bytes_ = limits_config{}.journal_bytes;
  std::uint64_t lost_values_ = 0; ///< readers are not told of them yet
  bool retry_armed_ = false;
  std::string full_;     ///< why there is no room for a batch; empty: there is
  std::string strained_; ///< the same for want of memory
};

} // namespace xprober
