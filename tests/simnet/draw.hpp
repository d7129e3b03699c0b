#pragma once

#include <cstdint>

#include "simnet/address.hpp"

namespace simnet {

/// Mixes a number's bits (the finalizer of splitmix64).
std::uint64_t mixed(std::uint64_t x) noexcept;

/// A stable hash of the address; another one for every `salt`.
std::uint64_t hash_of(const address& a, std::uint64_t salt) noexcept;

/// A hash as a number of [0, 1).
double as_fraction(std::uint64_t hash) noexcept;

/// Says which of many events happen, so that a probability holds in every `size` of them.
///
/// A deck of `size` cards has size × probability marked ones (the fraction of a card is there with
/// its own probability), shuffled by the seed. Independent draws would leave some of ten thousand
/// addresses outside of any interval a test could ask for; of a deck each address has its share
/// exactly, in an order that looks random and is the same in every run.
class deck {
public:
  explicit deck(std::uint64_t seed = 0) noexcept : state_(seed) {}

  bool draw(double probability, unsigned size) noexcept;

private:
  double next() noexcept;

  std::uint64_t state_;
  unsigned left_ = 0;
  unsigned marked_ = 0;
};

} // namespace simnet
