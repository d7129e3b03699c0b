#pragma once

#include <cstdint>
#include <string_view>

namespace xprober {

/// XXH3 of the bytes: the same on every machine and in every process.
std::uint64_t hash_bytes(std::string_view bytes) noexcept;

/// Goes on with a hash over one more field; the order of fields matters, and no field runs into
/// the next.
std::uint64_t combine_hash(std::uint64_t hash, std::string_view field) noexcept;
std::uint64_t combine_hash(std::uint64_t hash, std::uint64_t field) noexcept;

} // namespace xprober
