#include "xprober/domain/hash_set.hpp"

#include <random>
#include <utility>

namespace xprober {

namespace {

constexpr std::size_t least_hash_slots = 64;

/// The finaliser of splitmix64.
std::uint64_t mixed_hash(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D0'49BB'1331'11EBU;
  return value ^ (value >> 31U);
}

/// 0 stands for an empty slot; one hash more or less is no matter.
std::uint64_t slot_key(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }

} // namespace

hash_set::hash_set() {
  std::random_device random;
  secret_ = (std::uint64_t{random()} << 32U) ^ random();
}

std::size_t hash_set::find(std::uint64_t hash) const noexcept {
  const auto mask = slots_.size() - 1;
  auto at = static_cast<std::size_t>(mixed_hash(hash ^ secret_)) & mask;
  while (slots_[at] != 0 && slots_[at] != hash) {
    at = (at + 1) & mask;
  }
  return at;
}

bool hash_set::contains(std::uint64_t hash) const noexcept {
  return !slots_.empty() && slots_[find(slot_key(hash))] != 0;
}

bool hash_set::insert(std::uint64_t hash) {
  if (size_ * 2 >= slots_.size()) {
    grow();
  }
  const auto key = slot_key(hash);
  auto& slot = slots_[find(key)];
  if (slot != 0) {
    return false;
  }
  slot = key;
  ++size_;
  return true;
}

void hash_set::grow() {
  const std::vector<std::uint64_t> before = std::exchange(
      slots_, std::vector<std::uint64_t>(slots_.empty() ? least_hash_slots : slots_.size() * 2, 0));
  for (const auto key : before) {
    if (key != 0) {
      slots_[find(key)] = key;
    }
  }
}

} // namespace xprober
