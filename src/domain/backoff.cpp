#include "xprober/domain/backoff.hpp"

#include <algorithm>
#include <limits>

namespace xprober {

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): eight bytes of state and good from any seed.
std::uint64_t split_mix(std::uint64_t& state) noexcept {
  state += 0x9E3779B97F4A7C15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

} // namespace

backoff::backoff(duration initial, duration max, double factor, std::uint64_t seed) noexcept
    : initial_(std::max(initial, duration{1})), max_(std::max(max, initial_)),
      factor_(factor >= 1.0 ? factor : 1.0), bound_(initial_), state_(seed) {}

backoff::duration backoff::next() noexcept {
  const auto choices = static_cast<std::uint64_t>(bound_.count());
  const duration wait{static_cast<duration::rep>(split_mix(state_) % choices) + 1};
  const double raised = static_cast<double>(bound_.count()) * factor_;
  // Compared as floating point first: the product may not fit an integer.
  bound_ = raised >= static_cast<double>(max_.count())
               ? max_
               : duration{static_cast<duration::rep>(raised)};
  if (attempts_ < std::numeric_limits<std::uint32_t>::max()) {
    ++attempts_;
  }
  return wait;
}

void backoff::reset() noexcept {
  bound_ = initial_;
  attempts_ = 0;
}

} // namespace xprober
