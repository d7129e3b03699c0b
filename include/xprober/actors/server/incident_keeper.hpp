#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/storage/incident_file.hpp"
#include "xprober/verdict/incident_book.hpp"
#include "xprober/verdict/pending_changes.hpp"

namespace xprober {

/// Keeps what has become of incidents, mutes, and what is to be told of them on the disk, and goes
/// on while that does not work: what a file does not take waits here, in order; a file that is
/// damaged or was removed while in use is begun anew; in place of one that cannot be opened there
/// is one in memory, which goes to the disk as soon as that can be used. Blocks on the disk.
class incident_keeper {
public:
  /// `book` outlives it, has all that is open and gets what was kept.
  explicit incident_keeper(incident_book& book) : book_(book) {}

  /// `folder` empty: in memory.
  void open(const std::string& folder, monotonic_time now);
  /// Of everything that is told.
  void set_receivers(std::vector<std::string> names);

  void add(incident_change change) { unwritten_.add(std::move(change)); }
  /// Writes all that waits, and hands it to `written` then. False: the disk does not take it.
  bool write(const std::function<void(incident_change&&)>& written);
  /// True for an incident that has opened and is on no disk.
  bool has_unwritten(std::uint64_t id) const { return unwritten_.has_opened(id); }

  /// From a file in memory to the one in the folder, where that is due and can be done.
  void return_to_disk(monotonic_time now);
  /// What its use has thrown: damage that is met, or that it was removed. It is opened anew, which
  /// sets it aside and takes over what can be read, and what is open is written once more. Once a
  /// minute at most; other errors are left alone.
  void recover(const storage::database_error& error);

  storage::incident_file& file() noexcept { return *file_; }
  const std::vector<mute>& mutes() const noexcept { return mutes_; }
  /// After a change of them.
  void read_mutes() { mutes_ = file_->mutes(); }

  /// Why it is not on the disk; empty: it is.
  const std::string& problem() const noexcept { return problem_; }
  /// Notices that were given up because the queue was full.
  std::uint64_t dropped() const noexcept { return dropped_before_ + file_->dropped(); }

private:
  void open_file();

  incident_book& book_;
  std::string folder_;
  std::vector<std::string> receivers_;
  std::unique_ptr<storage::incident_file> file_;
  std::vector<mute> mutes_;
  pending_changes unwritten_;
  std::string problem_;
  std::uint64_t dropped_before_ = 0; ///< by files that are gone
  monotonic_time recovered_{};       ///< when the last of them was given up; the epoch: none was
  bool stands_in_ = false; ///< the file is in memory until that of the folder can be opened
  monotonic_time tried_{}; ///< to open it
};

} // namespace xprober
