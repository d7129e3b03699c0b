#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

#include "xprober/domain/join_book.hpp"

namespace xprober::storage {

/// The file of agents that have joined cannot be read or written. The text names it.
class join_file_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The file of agents that have joined: lines of a `join_book`, which are only ever added, each on
/// the disk before anything comes of it. So a token that was used is known as such however the
/// process ends. The server and the command line may have it open at the same time: changes are
/// made under a lock of the file (flock). What a power failure has left half of a last line is
/// dropped: nobody was told of it. Blocks on the disk; everything throws join_file_error.
class join_file {
public:
  static constexpr const char* file_name = "joined.agents";

  /// In this directory; the file is made by the first change.
  explicit join_file(const std::string& directory);

  /// As it was read last.
  const join_book& book() const noexcept { return book_; }

  /// Reads what has been added since. True where something has. A file that is gone, or that was
  /// cut, is an error for as long as this lives: what it said must not be forgotten.
  bool refresh();

  /// Adds the line that `decide` makes of the newest book; an empty one adds nothing.
  void change(const std::function<std::string(const join_book&)>& decide);

private:
  class opened;

  bool read(const opened& file);
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  join_book book_;
  std::uint64_t read_bytes_ = 0; ///< up to the end of the last whole line
  std::uint64_t lines_ = 0;
};

/// SIGKILL and power failures leave either all of a file or what was there before: writes another
/// one beside it, and renames it. It is for its owner alone, who is the directory's where this
/// process is root's; or it has from the beginning the mode and, where this process is root's, the
/// owner of `like`. Empty, or what went wrong.
std::string replace_private_file(const std::string& path, const std::string& content,
                                 const struct stat* like = nullptr);

} // namespace xprober::storage
