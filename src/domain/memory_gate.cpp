#include "xprober/domain/memory_gate.hpp"

#include <chrono>

namespace xprober {

namespace {

constexpr std::uint64_t upper_percent = 90;
constexpr std::uint64_t lower_percent = 80;
constexpr std::chrono::minutes long_enough{1};

} // namespace

bool memory_gate::observe(std::uint64_t resident, monotonic_time now) noexcept {
  if (limit_ == 0) {
    return false;
  }
  if (resident >= part(upper_percent)) {
    shedding_ = true;
    eased_.reset();
  } else if (shedding_) {
    eased_ = eased_.value_or(now);
    shedding_ = resident >= part(lower_percent) && now - *eased_ < long_enough;
  }
  return shedding_;
}

} // namespace xprober
