#include "xprober/base/process_info.hpp"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace xprober {

std::uint64_t resident_bytes() {
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream statm{"/proc/self/statm"};
  const bool read = static_cast<bool>(statm >> total_pages >> resident_pages);
  return read ? resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

process_info read_process_info() {
  process_info info;
  info.rss_bytes = resident_bytes();
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    info.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  std::error_code error;
  for (std::filesystem::directory_iterator i{"/proc/self/fd", error}, end; !error && i != end;
       i.increment(error)) {
    ++info.open_fds;
  }
  // The walk itself holds one descriptor open.
  info.open_fds -= info.open_fds > 0 ? 1 : 0;
  return info;
}

} // namespace xprober
