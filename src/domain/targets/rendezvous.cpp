#include "xprober/domain/targets/rendezvous.hpp"

#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

/// Every bit of the key and of the seed decides every bit of the weight: the finaliser of
/// splitmix64 (Steele, Lea and Flood, 2014).
std::uint64_t weight(std::uint64_t key, std::uint64_t seed) noexcept {
  auto z = key ^ seed;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

} // namespace

rendezvous::rendezvous(const std::vector<std::string>& names) {
  seeds_.reserve(names.size());
  for (const auto& name : names) {
    seeds_.push_back(hash_bytes(name));
  }
}

std::size_t rendezvous::owner(std::uint64_t key) const noexcept {
  std::size_t best = 0;
  std::uint64_t highest = 0;
  for (std::size_t i = 0; i < seeds_.size(); ++i) {
    const auto w = weight(key, seeds_[i]);
    // Equal weights fall to the larger seed, so that the order of the owners means nothing.
    if (i == 0 || w > highest || (w == highest && seeds_[i] > seeds_[best])) {
      best = i;
      highest = w;
    }
  }
  return best;
}

} // namespace xprober
