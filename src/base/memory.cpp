#include "xprober/base/memory.hpp"

#include <malloc.h>

namespace xprober {

void keep_freed_memory() noexcept {
  ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
  ::mallopt(M_TOP_PAD, 1 << 20);
}

} // namespace xprober
