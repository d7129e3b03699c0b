#include "xprober/storage/state_directory.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/base/log.hpp"

namespace xprober::storage {

namespace {

/// What passes by itself.
bool is_the_disk(int error) {
  return error == EROFS || error == ENOSPC || error == EDQUOT || error == EIO;
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw state_directory_error("state_dir: " + path + ": " + why);
}

std::string reason(int error) { return std::generic_category().message(error); }

/// False: the disk takes no directory now.
bool make_directory(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) == 0) {
    if (!S_ISDIR(found.st_mode)) {
      refuse(path, "it is a file; wanted is a directory");
    }
    return true;
  }
  int error = errno;
  if (error == ENOENT) {
    if (::mkdir(path.c_str(), 0750) == 0) {
      return true;
    }
    error = errno;
  }
  if (is_the_disk(error)) {
    return false;
  }
  if (error == ENOENT) {
    refuse(path, "the directory that it is in does not exist");
  }
  if (error == ENOTDIR) {
    refuse(path, "what it is in is a file; wanted is a directory");
  }
  if (error == EEXIST) {
    refuse(path, "it is a link to something that does not exist");
  }
  refuse(path, "it cannot be made: " + reason(error));
}

/// The id that the holder of a lock has written; empty where there is none.
std::string holder_of(int file) {
  std::array<char, 32> text{};
  const auto size = ::pread(file, text.data(), text.size() - 1, 0);
  long number = 0;
  if (size <= 0 || std::from_chars(text.data(), text.data() + size, number).ec != std::errc{}) {
    return {};
  }
  return std::to_string(number);
}

void write_holder(int file) {
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) != 0 ||
      ::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    // A full disk. Who finds the lock taken is not told by whom.
    return;
  }
}

/// Files of a role that are there already, made by somebody else perhaps: the first that cannot be
/// written. Those of the other role, which may have its place beside it, are not looked at.
void check_files(const std::string& path, const std::string& role) {
  const auto names = role == "agent" ? std::vector<std::string_view>{"spool.db"}
                                     : std::vector<std::string_view>{"journal.db", "history.db"};
  for (const auto name : names) {
    const auto file = path + "/" + std::string{name};
    struct stat found{};
    if (::stat(file.c_str(), &found) != 0) {
      continue;
    }
    if (!S_ISREG(found.st_mode)) {
      refuse(path, std::string{name} + " in it is no file");
    }
    if (::access(file.c_str(), R_OK | W_OK) != 0 && !is_the_disk(errno)) {
      refuse(path, std::string{name} + " in it cannot be written to: " + reason(errno));
    }
  }
}

} // namespace

state_directory::state_directory(const std::string& path, const std::string& role) {
  if (path.empty()) {
    return;
  }
  if (!make_directory(path)) {
    log::error("main", "the state directory cannot be made now", {{"state_dir", path}});
    return;
  }
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0 && !is_the_disk(errno)) {
    refuse(path, "it cannot be written to: " + reason(errno));
  }
  check_files(path, role);
  lock(path, role);
}

state_directory::~state_directory() {
  if (file_ >= 0) {
    ::close(file_); // and so unlocks it
  }
}

void state_directory::lock(const std::string& path, const std::string& role) {
  const auto name = path + "/" + role + ".lock";
  file_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0 && errno == EROFS) {
    file_ = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  }
  if (file_ < 0) {
    if (is_the_disk(errno) || errno == ENOENT) {
      return;
    }
    refuse(path, role + ".lock in it cannot be opened: " + reason(errno));
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) {
    write_holder(file_);
    return;
  }
  if (errno != EWOULDBLOCK) {
    // No locks on this file system; the databases will say whether they have any.
    log::warn("main", "the state directory cannot be locked",
              {{"state_dir", path}, {"error", reason(errno)}});
    return;
  }
  const auto holder = holder_of(file_);
  ::close(std::exchange(file_, -1));
  refuse(path, "it is in use by another " + role + (holder.empty() ? "" : ", process " + holder) +
                   "; give each a directory of its own");
}

} // namespace xprober::storage
