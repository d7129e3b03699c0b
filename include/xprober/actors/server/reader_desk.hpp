#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "xprober/actors/messages/journal.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/storage/journal.hpp"
#include "xprober/storage/reader_ledger.hpp"

namespace xprober {

/// Who reads the journal, how far each is, and what it gets next. The places are in the file, so
/// that what was acknowledged reaches every reader, also over a kill. Where
/// `storage::database_error` is thrown, the place of the reader is as it was.
class reader_desk {
public:
  /// Begins with the records and the readers of the file, which must live as long as this. Their
  /// limits are not known yet: nothing is dropped until they are.
  explicit reader_desk(storage::journal& file);

  /// When the newest record came that was there at the beginning.
  wall_time newest_at_start() const noexcept { return newest_at_start_; }

  bool has_readers() const noexcept { return !ledger_.readers().empty(); }
  bool knows(const std::string& reader) const { return ledger_.readers().contains(reader); }

  /// Makes ready that these are all readers: the places of new ones are kept in the file, and they
  /// are going to begin with what comes from now on. Nothing else changes until `commit` or
  /// `abandon`; what was prepared before is abandoned. May throw, and then nothing is prepared.
  void prepare(const journal_readers& wanted);

  /// Those that were prepared are all readers from now on; without a `prepare` nothing happens.
  void commit();

  /// What was prepared is forgotten.
  void abandon();

  /// A record lies in the file.
  void add(std::uint64_t id, wall_time received, std::uint64_t bytes, std::uint64_t values);

  /// Values that the file could not keep: all readers lose them.
  void lose(std::uint64_t values);

  // The reader of the following three must be known.

  /// Where a reader goes on. May throw.
  reader_start begin(const reader_begin& begin);

  /// The next records for a reader. Nothing: it waits from now on, see `serve`. May throw.
  std::optional<journal_page> read(const read_request& request);

  /// A reader has dealt with more. May throw.
  void advance(const reader_progress& progress);

  /// Calls `give` for each reader that waited and can be given something now. May throw.
  void serve(const std::function<void(const std::string& reader, journal_page page)>& give);

  /// Bytes of all records.
  std::uint64_t bytes() const noexcept { return ledger_.bytes(); }
  /// No reader keeps more than this, whatever its own limit is.
  void set_most(std::uint64_t bytes) noexcept { most_ = bytes; }

  /// Above a reader's limit its oldest records are dropped for it. May throw.
  void enforce_limits();

  /// Records that came before and that no reader needs, `limit` at most. They are forgotten here.
  /// Likewise what came after `after`, by a clock that was wrong.
  std::vector<std::uint64_t> take_unneeded(wall_time before, wall_time after, std::size_t limit);

  /// Sorted by name.
  std::vector<journal_stats::reader> stats() const;

private:
  struct prepared_readers {
    journal_readers wanted;
    std::vector<storage::reader_position> fresh; ///< of those that are new; in the file already
  };

  std::optional<journal_page> page_for(const std::string& reader, std::uint64_t after);
  void close(const std::string& reader);
  void forget_in_file(const std::string& reader);

  storage::journal& file_;
  storage::reader_ledger ledger_;
  wall_time newest_at_start_{};
  std::uint64_t most_ = std::numeric_limits<std::uint64_t>::max();
  std::map<std::string, std::uint64_t> last_progress_; ///< numbers of the readers' progress
  std::map<std::string, std::uint64_t> hungry_;        ///< who waits, and behind which record
  std::optional<prepared_readers> prepared_;           ///< neither in force nor abandoned yet
};

} // namespace xprober
