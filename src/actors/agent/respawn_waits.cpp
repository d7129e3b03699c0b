#include "xprober/actors/agent/respawn_waits.hpp"

#include <algorithm>

namespace xprober {

namespace {

constexpr std::chrono::seconds first_wait{1};
constexpr std::chrono::seconds longest_wait{60};
constexpr std::chrono::minutes memory{5};

} // namespace

std::chrono::seconds respawn_waits::died(target_index index, monotonic_time now) {
  auto& deaths = deaths_[index];
  if (now - deaths.last > memory) {
    deaths.count = 0;
  }
  deaths.last = now;
  const std::chrono::seconds doubled = first_wait * (1 << std::min(deaths.count, 6U));
  ++deaths.count;
  return std::min(longest_wait, doubled);
}

} // namespace xprober
