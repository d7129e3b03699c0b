#pragma once

#include <csignal>
#include <filesystem>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace test {

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

} // namespace test
