#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xprober/actors/server/journal_pruning.hpp"
#include "xprober/actors/server/journal_replay.hpp"
#include "xprober/actors/server/reader_answers.hpp"
#include "xprober/actors/server/reader_desk.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// A journal's file while it is open, with those who work on it.
struct open_journal {
  /// `changed`, `readers_begin`: see `reader_answers`. Throws `storage::database_error`.
  open_journal(const std::string& directory, std::function<void()> changed, bool readers_begin)
      : file(directory), desk(file), readers(desk, std::move(changed), readers_begin),
        replay(file, desk.newest_at_start()), pruning(file, desk) {}

  storage::journal file;
  reader_desk desk;
  reader_answers readers;
  journal_replay replay;
  journal_pruning pruning;
};

/// Has the journal's file for as long as it can be used. What goes wrong with it goes one of three
/// ways, and `retry` leads back from each:
/// - the disk takes nothing (full, read-only, broken): the file stays open, and whoever wants to
///   write tries;
/// - the file is damaged, or was removed: it is not used from that moment. Damage that is not there
///   in a second attempt is none, and else the file is set aside; a new one is begun;
/// - there can be none: it is tried again.
/// What a file knew of agents is known in the next one, however many attempts that takes. Whenever
/// there is a `problem`, `retry` has to be called after `retry_interval`.
class journal_shelf {
public:
  static constexpr std::chrono::seconds retry_interval{1};

  /// `changed`: what `reader_answers` calls.
  journal_shelf(std::string directory, std::function<void()> changed);

  /// Null while there is none to use.
  open_journal* get() noexcept { return usable_ ? open_.get() : nullptr; }

  /// Why batches are refused; empty: they are taken.
  const std::string& problem() const noexcept { return problem_; }

  /// An attempt to use the file has failed.
  void met(const storage::database_error& error, monotonic_time now);

  /// The file for a batch or a record: readers that are wanted begin with it. `get` must not be
  /// null. Throws `storage::database_error`.
  open_journal& to_write();

  /// A batch or a record was written: the disk works, where nothing else has failed just before.
  void worked(monotonic_time now);

  /// True: there is a file again, and `get` gives another one than before.
  bool retry(monotonic_time now);

  // Who reads the journal (see `reader_desk`): what is wanted while there is no file, or another
  // one than when it is committed, or cannot be written down at the start, is done with the next
  // write.
  void prepare(const journal_readers& readers);
  void commit();
  void abandon();
  /// Also those that the file knows, until it is said who is wanted.
  bool has_readers() const noexcept {
    return !wanted_.readers.empty() || (usable_ && open_->desk.has_readers());
  }

  /// Damaged files that were set aside, and logs of which a part is lost.
  std::uint64_t set_aside() const noexcept { return set_aside_; }
  bool in_memory() const noexcept { return directory_.empty(); }

private:
  bool open(monotonic_time now);
  bool replace(const storage::database_error& met, monotonic_time now);
  bool can_be_read_now(const storage::database_error& error, monotonic_time now);
  void let_go();
  void remember(const std::vector<storage::known_instance>& instances);
  void tell_known();
  bool write_something(monotonic_time now);
  void open_readers();
  void failed(const storage::database_error& error, monotonic_time now);

  std::string directory_;
  std::function<void()> changed_;
  std::unique_ptr<open_journal> open_;
  std::map<std::string, storage::known_instance> known_; ///< of files before, not yet in this one
  std::string problem_;
  journal_readers wanted_; ///< in force
  std::optional<journal_readers> prepared_;
  std::uint64_t set_aside_ = 0;
  monotonic_time last_failure_{};
  std::optional<monotonic_time> told_at_; ///< when a problem was logged last
  std::optional<monotonic_time> looked_;  ///< when a damaged file could be read after all
  std::optional<storage::database_error> damage_;
  bool told_ = false; ///< the problem that there is was logged
  bool opened_before_ = false;
  bool usable_ = false;           ///< false with a file: it has to be replaced
  bool is_said_ = false;          ///< who is to read it
  bool prepared_in_file_ = false; ///< what is prepared is so in the file that there is
  bool readers_open_ = true;      ///< those that are wanted are in the file
};

} // namespace xprober
