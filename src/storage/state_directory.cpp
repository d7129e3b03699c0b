#include "xprober/storage/state_directory.hpp"

#include <algorithm>
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
#include "xprober/base/private_files.hpp"

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
    if (::mkdir(path.c_str(), S_IRWXU) == 0) {
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
  const auto names = role == "agent"
                         ? std::vector<std::string_view>{"spool.db"}
                         : std::vector<std::string_view>{"journal.db", "history.db", "series.db"};
  for (const auto name : names) {
    const auto file = path + "/" + std::string{name};
    struct stat found{};
    if (::lstat(file.c_str(), &found) != 0) {
      continue;
    }
    if (S_ISLNK(found.st_mode)) {
      refuse(path,
             std::string{name} + " in it is a link, which is not followed; move the file here");
    }
    if (!S_ISREG(found.st_mode)) {
      refuse(path, std::string{name} + " in it is not a file");
    }
    if (::access(file.c_str(), R_OK | W_OK) != 0 && !is_the_disk(errno)) {
      refuse(path, std::string{name} + " in it cannot be written to: " + reason(errno));
    }
  }
}

/// What this program, or the file system, has in a state directory.
bool is_own_name(std::string_view name) {
  constexpr std::array<std::string_view, 13> beginnings{
      "spool.db",     "journal.db", "history.db",  "series.db",   "agents.db",
      "incidents.db", "agent.lock", "server.lock", "discovered-", "joined.agents",
      "agent.pem",    "ca.pem",     "lost+found"};
  return std::ranges::any_of(beginnings, [&](auto begin) { return name.starts_with(begin); });
}

/// A directory that somebody named by mistake, such as /tmp, is not to be taken from the others.
bool holds_only_own_files(const std::string& path) {
  std::error_code error;
  for (std::filesystem::directory_iterator i{path, error}, end; !error && i != end;
       i.increment(error)) {
    if (!is_own_name(i->path().filename().string())) {
      return false;
    }
  }
  return !error;
}

/// What is kept there says what is probed, and with what: it is for the owner alone.
void take_from_others(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & (S_IRWXG | S_IRWXO)) == 0) {
    return;
  }
  const bool tightened = found.st_uid == ::geteuid() && holds_only_own_files(path) &&
                         ::chmod(path.c_str(), S_IRWXU) == 0;
  log::warn("main",
            tightened ? "others could look into the state directory; it is its owner's alone now"
                      : "others can look into the state directory; give it the mode 0700",
            {{"state_dir", path}});
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
  take_from_others(path);
  lock(path, role);
}

state_directory::~state_directory() {
  if (file_ >= 0) {
    ::close(file_); // and so unlocks it
  }
}

void state_directory::lock(const std::string& path, const std::string& role) {
  const auto name = path + "/" + role + ".lock";
  file_ = open_private_file(name, O_RDWR | O_CREAT);
  if (file_ < 0 && errno == EROFS) {
    file_ = open_private_file(name, O_RDONLY);
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
