#pragma once

#include <stdexcept>
#include <string>

namespace xprober::storage {

/// A state directory that cannot be used, and will not be before somebody does something. The text
/// begins with `state_dir` and names the directory.
class state_directory_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A state directory, for one process of a role alone as long as this lives: `ROLE.lock` in it is
/// locked (flock) and holds the process's id. Makes the directory where its parent is there,
/// with mode 0700. One that others can look into is warned of, and taken from them where it is this
/// user's and holds nothing but what this program keeps.
///
/// What is wrong is thrown: no directory, no rights, in use, files of the role that are links or
/// cannot be written to. A disk that is full or takes no writes is not wrong: it may come back, and
/// whoever writes there waits for it. The lock file may be missing then; the databases have locks
/// of their own.
class state_directory {
public:
  /// Empty `path`: none, and nothing happens. `role`: "agent" or "server".
  state_directory(const std::string& path, const std::string& role);
  ~state_directory();
  state_directory(const state_directory&) = delete;
  state_directory& operator=(const state_directory&) = delete;

private:
  void lock(const std::string& path, const std::string& role);

  int file_ = -1;
};

} // namespace xprober::storage
