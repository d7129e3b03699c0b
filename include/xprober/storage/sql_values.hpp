#pragma once

#include <cstdint>
#include <string_view>

#include "xprober/domain/wire/batch.hpp"

namespace xprober::storage {

/// SQLite's whole numbers are signed: 64-bit ones without a sign are kept with the same bits.
inline std::int64_t as_signed(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value);
}
inline std::uint64_t as_unsigned(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value);
}

/// An instance as a blob; valid as long as `instance` is.
inline std::string_view bytes_of(const agent_instance& instance) noexcept {
  return {reinterpret_cast<const char*>(instance.data()), instance.size()};
}

} // namespace xprober::storage
