#include "xprober/storage/set_aside.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xprober/base/private_files.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/storage/database.hpp"

namespace xprober::storage {

namespace {

namespace fs = std::filesystem;

/// Files of one name that were set aside; above it the oldest go: a disk that damages everything
/// must not be filled with them, too.
constexpr std::size_t most_set_aside = 5;
constexpr const char* damaged_mark = ".damaged-";

std::string damaged_name(const std::string& path, std::int64_t unix_seconds) {
  auto stamp = rfc3339(unix_seconds);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return path + damaged_mark + stamp;
}

/// The names begin with the time, so the oldest come first.
void drop_oldest_set_aside(const std::string& path) {
  std::error_code error;
  std::vector<fs::path> found;
  const auto prefix = fs::path{path}.filename().string() + damaged_mark;
  for (fs::directory_iterator i{fs::path{path}.parent_path(), error}, end; !error && i != end;
       i.increment(error)) {
    const auto name = i->path().filename().string();
    if (name.starts_with(prefix) && !name.ends_with("-wal") && !name.ends_with("-shm")) {
      found.push_back(i->path());
    }
  }
  std::ranges::sort(found);
  for (std::size_t i = 0; i + most_set_aside < found.size(); ++i) {
    for (const auto* part : {"", "-wal", "-shm"}) {
      fs::remove(found[i].string() + part, error);
    }
  }
}

} // namespace

std::string set_aside(const std::string& path) {
  const auto first = damaged_name(path, to_unix_seconds(wall_clock::now()));
  auto name = first;
  std::error_code error;
  for (int i = 2; fs::exists(name, error) && i < 100; ++i) {
    name = first + "." + (i < 10 ? "0" : "") + std::to_string(i);
  }
  fs::rename(path, name, error);
  if (error) {
    throw database_error(
        path + ": it is damaged and cannot be moved out of the way: " + error.message(),
        SQLITE_CANTOPEN);
  }
  for (const auto* part : {"-wal", "-shm"}) {
    fs::rename(path + part, name + part, error); // often there is none
  }
  drop_oldest_set_aside(path);
  return name;
}

namespace {

/// False: there is no whole copy.
bool copy_whole(const std::string& from, const std::string& to) {
  const int in = open_private_file(from, O_RDONLY);
  const int out = in < 0 ? -1 : create_private_file(to);
  ssize_t copied = out < 0 ? -1 : 1;
  while (copied > 0 || (copied < 0 && out >= 0 && errno == EINTR)) {
    copied = ::sendfile(out, in, nullptr, std::size_t{1} << 20);
  }
  bool whole = copied == 0;
  if (out >= 0) {
    whole = ::close(out) == 0 && whole;
  }
  if (in >= 0) {
    ::close(in);
  }
  return whole;
}

} // namespace

std::string copy_log(const std::string& path) {
  const auto log = path + "-wal";
  struct stat found{};
  if (::stat(log.c_str(), &found) != 0) {
    return {};
  }
  auto name = damaged_name(log, found.st_mtime);
  std::error_code error;
  if (fs::file_size(name, error) == static_cast<std::uintmax_t>(found.st_size) && !error) {
    return name;
  }
  if (!copy_whole(log, name)) {
    fs::remove(name, error);
    return {};
  }
  drop_oldest_set_aside(log);
  return name;
}

} // namespace xprober::storage
