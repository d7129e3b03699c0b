#pragma once

#include <cstdint>

namespace xprober {

/// What the kernel says of this process.
struct process_info {
  std::uint64_t rss_bytes = 0; ///< resident memory, /proc/self/statm
  double cpu_seconds = 0;      ///< user and system time of all threads, getrusage(2)
  std::uint64_t open_fds = 0;  ///< entries of /proc/self/fd
};

process_info read_process_info();

/// `rss_bytes` alone, which costs little: 0 where it cannot be read.
std::uint64_t resident_bytes();

} // namespace xprober
