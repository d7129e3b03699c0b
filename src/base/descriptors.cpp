#include "xprober/base/descriptors.hpp"

#include <cerrno>
#include <initializer_list>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace xprober {

std::uint64_t descriptor_limit() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return descriptor_limit();
}

void fill_standard_descriptors() noexcept {
  for (const int place : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(place, F_GETFD) >= 0 || errno != EBADF) {
      continue;
    }
    // The lowest that is free is taken, which is this one. Where there is no /dev/null, something
    // that can be neither read nor written holds the place.
    if (::open("/dev/null", O_RDWR) < 0) {
      ::open("/", O_PATH);
    }
  }
}

} // namespace xprober
