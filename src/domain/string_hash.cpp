#include "xprober/domain/string_hash.hpp"

#include <array>

#include <xxhash.h>

namespace xprober {

std::uint64_t hash_bytes(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t combine_hash(std::uint64_t hash, std::string_view field) noexcept {
  return combine_hash(hash, hash_bytes(field));
}

std::uint64_t combine_hash(std::uint64_t hash, std::uint64_t field) noexcept {
  const std::array<std::uint64_t, 2> pair{hash, field};
  return XXH3_64bits(pair.data(), sizeof(pair));
}

} // namespace xprober
