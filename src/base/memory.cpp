#include "xprober/base/memory.hpp"

#include <malloc.h>

namespace xprober {

void keep_freed_memory() noexcept {
  ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
  ::mallopt(M_TOP_PAD, 1 << 20);
  // Bodies of batches and requests have some MiB: each as pages of its own would cost more than
  // what is done with them.
  ::mallopt(M_MMAP_THRESHOLD, 16 << 20);
}

void release_freed_memory() noexcept { ::malloc_trim(0); }

} // namespace xprober
