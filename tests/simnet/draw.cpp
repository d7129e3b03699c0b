#include "simnet/draw.hpp"

#include <cmath>
#include <cstring>

namespace simnet {

namespace {

constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;

} // namespace

std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

std::uint64_t hash_of(const address& a, std::uint64_t salt) noexcept {
  std::uint64_t high;
  std::uint64_t low;
  std::memcpy(&high, a.bytes.data(), 8);
  std::memcpy(&low, a.bytes.data() + 8, 8);
  return mixed(mixed(mixed(salt + golden) ^ high) ^ low ^ (a.ip6 ? golden : 0));
}

double as_fraction(std::uint64_t hash) noexcept {
  return static_cast<double>(hash >> 11) / static_cast<double>(std::uint64_t{1} << 53);
}

double deck::next() noexcept {
  state_ += golden;
  return as_fraction(mixed(state_));
}

bool deck::draw(double probability, unsigned size) noexcept {
  if (left_ == 0) {
    left_ = size;
    const double expected = probability * size;
    const double whole = std::floor(expected);
    marked_ = static_cast<unsigned>(whole) + (next() < expected - whole ? 1U : 0U);
  }
  const bool hit = next() * left_ < marked_;
  --left_;
  marked_ -= hit ? 1U : 0U;
  return hit;
}

} // namespace simnet
