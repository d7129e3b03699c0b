#pragma once

#include <cstdint>
#include <string_view>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

/// One of several parts of a store: which targets are its own is told by a hash of their names, so
/// that all that is known of a target is in one part. What belongs to none counts in the first.
struct store_part {
  std::uint32_t number = 0;
  std::uint32_t of = 1;

  bool is_first() const noexcept { return number == 0; }
  bool is_whole() const noexcept { return of == 1; }
  /// True for a target that this part has.
  bool has(std::string_view region, std::string_view address, std::string_view prober) const {
    return is_whole() ||
           combine_hash(combine_hash(hash_bytes(address), region), prober) % of == number;
  }
};

} // namespace xprober
