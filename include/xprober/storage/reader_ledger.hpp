#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace xprober::storage {

/// What the ledger knows of a record of the journal.
struct record_info {
  std::uint64_t id = 0;
  std::int64_t received_ms = 0;
  std::uint64_t bytes = 0;
  std::uint64_t values = 0; ///< see `count_values`
};

/// How far a reader of the journal is, as it is kept on disk. Counts are of values, over all runs.
struct reader_position {
  std::string name;
  std::uint64_t done = 0;       ///< the last record that was dealt with whole
  std::uint64_t rows = 0;       ///< of the next record, dealt with already
  std::uint64_t values = 0;     ///< and their values
  std::uint64_t skip_after = 0; ///< records above this and up to `skip_through` were dropped
  std::uint64_t skip_through = 0;
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  std::uint64_t dropped = 0;
};

/// Which records the readers of the journal still need. A reader's queue is what comes after its
/// position; it costs no copy of the records. Above its limit the oldest records that are not being
/// read are dropped for it, and counted. Pure: the journal keeps on disk what this says.
class reader_ledger {
public:
  struct reader {
    reader_position at;
    std::uint64_t max_bytes = 0;
    std::uint64_t lent = 0;           ///< the last record that was handed out
    std::uint64_t pending_bytes = 0;  ///< of records that it needs
    std::uint64_t pending_values = 0; ///< not yet dealt with
  };

  /// A record has come; ids rise.
  void add(const record_info& record);

  /// Adds a reader, or gives one that is there another limit.
  reader& open(const reader_position& at, std::uint64_t max_bytes);
  void close(const std::string& name) { readers_.erase(name); }
  reader* find(const std::string& name);
  std::map<std::string, reader>& readers() noexcept { return readers_; }
  const std::map<std::string, reader>& readers() const noexcept { return readers_; }

  /// The first record behind `after` that the reader needs; nothing where there is none. What is
  /// handed out together must not reach over dropped records (`skip_after`).
  std::optional<record_info> next(const reader& of, std::uint64_t after) const;

  /// The reader has dealt with everything up to record `done`, and with `rows` of the one behind
  /// it, which have `values`.
  void advance(reader& of, std::uint64_t done, std::uint64_t rows, std::uint64_t values);

  /// Drops what is above its limit, or above `most`; the number of values dropped.
  std::uint64_t enforce(reader& of, std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

  /// Records that came before and that no reader needs, `limit` at most; they are forgotten here.
  /// So are those that came after `after_ms`, by a clock that was wrong then: else they would keep
  /// all that came after them until then.
  std::vector<std::uint64_t>
  take_unneeded(std::int64_t before_ms, std::size_t limit,
                std::int64_t after_ms = std::numeric_limits<std::int64_t>::max());

  std::uint64_t last_id() const noexcept { return last_id_; }
  /// Of all records.
  std::uint64_t bytes() const noexcept { return bytes_; }

private:
  static bool needs(const reader& of, std::uint64_t id) noexcept;
  static void settle(reader& of) noexcept;

  std::map<std::uint64_t, record_info> records_;
  std::map<std::string, reader> readers_;
  std::uint64_t last_id_ = 0;
  std::uint64_t bytes_ = 0;
};

} // namespace xprober::storage
