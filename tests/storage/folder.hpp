#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace xprober::test {

/// A folder of a test's own.
class folder {
public:
  folder() : folder(std::filesystem::temp_directory_path()) {}
  explicit folder(const std::filesystem::path& parent) {
    auto name = (parent / "xprober-storage-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
  std::string path_;
};

/// Where nothing waits for a disk, if there is such a place: for very many files.
inline std::filesystem::path memory_folder() {
  const std::filesystem::path shared{"/dev/shm"};
  return ::access(shared.c_str(), W_OK) == 0 ? shared : std::filesystem::temp_directory_path();
}

/// Makes a hole in the log of an SQLite database (`path` + "-wal"), three quarters behind its
/// beginning, as a power failure does that keeps later pages and loses an earlier one.
inline void lose_page_of_log(const std::string& path) {
  constexpr std::uintmax_t header = 32;
  constexpr std::uintmax_t frame = 24 + 4096;
  const auto frames = (std::filesystem::file_size(path + "-wal") - header) / frame;
  std::fstream file{path + "-wal", std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(header + frames * 3 / 4 * frame));
  file << std::string(frame, '\0');
}

/// How many files of a folder have a name that begins so.
inline std::size_t count_files(const std::string& folder, const std::string& prefix) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    found += entry.path().filename().string().starts_with(prefix) ? 1 : 0;
  }
  return found;
}

/// While it lives no file of this process can grow above a size, as on a full disk.
class full_disk {
public:
  explicit full_disk(rlim_t size) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{size, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~full_disk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

private:
  rlimit before_{};
};

} // namespace xprober::test
