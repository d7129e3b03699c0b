#include "xprober/domain/memory_stats.hpp"

namespace xprober {

std::span<const counter<memory_stats>> memory_stats::counters() noexcept {
  using s = memory_stats;
  static constexpr counter<s> all[] = {
      {"limit_bytes", count_of<s, &s::limit_bytes>, "memory_limit_bytes",
       "What this process may hold; 0: it is not known.", as_gauge},
      {"shedding", count_of<s, &s::shedding>, "memory_shedding",
       "1 while batches and large messages are refused for want of memory, else 0.", as_gauge},
      {"sheds", count_of<s, &s::sheds>, "memory_sheds_total",
       "Times that batches and large messages began to be refused for want of memory."},
  };
  return all;
}

} // namespace xprober
