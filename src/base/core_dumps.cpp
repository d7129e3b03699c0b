#include "xprober/base/core_dumps.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/resource.h>

namespace xprober {

void forbid_core_dumps() noexcept {
  const char* wanted = std::getenv(core_dumps_variable);
  rlimit limit{};
  if ((wanted != nullptr && *wanted != '\0') || ::getrlimit(RLIMIT_CORE, &limit) != 0) {
    return;
  }
  // Linux has its core_pattern's program called with a limit of 0, too, but not with this one; a
  // file needs a page at least.
  limit.rlim_cur = std::min<rlim_t>(1, limit.rlim_max);
  ::setrlimit(RLIMIT_CORE, &limit);
}

} // namespace xprober
