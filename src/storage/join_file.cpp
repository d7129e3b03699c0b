#include "xprober/storage/join_file.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/base/private_files.hpp"

namespace xprober::storage {

namespace {

std::string reason_now() { return std::generic_category().message(errno); }

std::string directory_of(const std::string& path) {
  auto directory = std::filesystem::path{path}.parent_path().string();
  return directory.empty() ? "." : directory;
}

/// All of it, from `offset` on; false: errno says why.
bool write_whole(int file, std::string_view text, std::uint64_t offset) {
  while (!text.empty()) {
    const auto count = ::pwrite(file, text.data(), text.size(), static_cast<off_t>(offset));
    if (count < 0 && errno != EINTR) {
      return false;
    }
    const auto written = count > 0 ? static_cast<std::size_t>(count) : 0;
    text.remove_prefix(written);
    offset += written;
  }
  return true;
}

/// A new name is on the disk, too, once its directory is.
void sync_directory(const std::string& directory) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
  const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened >= 0) {
    ::fsync(opened); // some file systems have none for directories
    ::close(opened);
  }
}

/// What root makes in a service's directory is the service's.
bool give_to_owner_of(const std::string& directory, int file) {
  struct stat found{};
  return ::geteuid() != 0 || ::stat(directory.c_str(), &found) != 0 ||
         ::fchown(file, found.st_uid, found.st_gid) == 0;
}

bool make_like(const struct stat& other, int file) {
  // In this order: giving a file away takes bits of its mode.
  return (::geteuid() != 0 || ::fchown(file, other.st_uid, other.st_gid) == 0) &&
         ::fchmod(file, other.st_mode & 07777U) == 0;
}

} // namespace

/// The file while it is open.
class join_file::opened {
public:
  opened(const std::string& path, int flags) : file_(open_private_file(path, flags)) {}
  ~opened() {
    if (file_ >= 0) {
      ::close(file_); // and so unlocks it
    }
  }
  opened(const opened&) = delete;
  opened& operator=(const opened&) = delete;

  int get() const noexcept { return file_; }

private:
  int file_;
};

join_file::join_file(const std::string& directory)
    : path_((std::filesystem::path{directory} / file_name).string()) {}

void join_file::fail(const std::string& what) const { throw join_file_error(path_ + ": " + what); }

bool join_file::refresh() {
  const opened file{path_, O_RDONLY};
  if (file.get() >= 0) {
    return read(file);
  }
  if (errno != ENOENT) {
    fail("cannot be opened: " + reason_now());
  }
  if (lines_ > 0) {
    fail("is gone; bring it back, or restart the server without the agents that have joined");
  }
  return false;
}

bool join_file::read(const opened& file) {
  struct stat found{};
  if (::fstat(file.get(), &found) != 0) {
    fail("cannot be looked at: " + reason_now());
  }
  if (static_cast<std::uint64_t>(found.st_size) < read_bytes_) {
    fail("is shorter than it was; bring back what it held");
  }
  const auto lines_before = lines_;
  std::string text;
  std::array<char, 16384> part{};
  for (auto at = read_bytes_;;) {
    const auto count = ::pread(file.get(), part.data(), part.size(), static_cast<off_t>(at));
    if (count < 0 && errno != EINTR) {
      fail("cannot be read: " + reason_now());
    }
    if (count == 0) {
      break;
    }
    if (count > 0) {
      text.append(part.data(), static_cast<std::size_t>(count));
      at += static_cast<std::uint64_t>(count);
    }
  }
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
    if (const auto wrong = book_.take(std::string_view{text}.substr(begin, end - begin));
        !wrong.empty()) {
      fail("line " + std::to_string(lines_ + 1) + " " + wrong + "; mend it, or take it out");
    }
    ++lines_;
    read_bytes_ += end + 1 - begin;
    begin = end + 1;
  }
  return lines_ != lines_before;
}

void join_file::change(const std::function<std::string(const join_book&)>& decide) {
  const bool is_new = ::access(path_.c_str(), F_OK) != 0 && errno == ENOENT;
  if (is_new && lines_ > 0) {
    fail("is gone; bring it back");
  }
  const opened file{path_, O_RDWR | O_CREAT};
  if (file.get() < 0) {
    fail("cannot be opened: " + reason_now());
  }
  const auto directory = directory_of(path_);
  if (is_new && !give_to_owner_of(directory, file.get())) {
    fail("cannot be given to the directory's owner: " + reason_now());
  }
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      fail("cannot be locked: " + reason_now());
    }
  }
  read(file);
  auto line = decide(book_);
  if (line.empty()) {
    return;
  }
  line += '\n';
  if (::ftruncate(file.get(), static_cast<off_t>(read_bytes_)) != 0 ||
      !write_whole(file.get(), line, read_bytes_) || ::fsync(file.get()) != 0) {
    const auto why = reason_now();
    // Half a line is dropped by the next one; a whole one that was not heard of would count.
    if (::ftruncate(file.get(), static_cast<off_t>(read_bytes_)) != 0) {
      fail("cannot be written: " + why + ", and not be put right");
    }
    fail("cannot be written: " + why);
  }
  if (is_new) {
    sync_directory(directory);
  }
  read(file);
}

std::string replace_private_file(const std::string& path, const std::string& content,
                                 const struct stat* like) {
  const auto beside = path + ".new";
  const auto directory = directory_of(path);
  const int file = create_private_file(beside);
  if (file < 0) {
    return beside + ": cannot be made: " + reason_now();
  }
  std::string problem;
  const bool is_given =
      like != nullptr ? make_like(*like, file) : give_to_owner_of(directory, file);
  if (!is_given || !write_whole(file, content, 0) || ::fsync(file) != 0) {
    problem = beside + ": cannot be written: " + reason_now();
  }
  ::close(file);
  if (problem.empty() && ::rename(beside.c_str(), path.c_str()) != 0) {
    problem = path + ": cannot be replaced: " + reason_now();
  }
  if (!problem.empty()) {
    ::unlink(beside.c_str());
    return problem;
  }
  sync_directory(directory);
  return {};
}

} // namespace xprober::storage
