#pragma once

#include <cstdint>
#include <string_view>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

/// What an agent is known by in tables of this process: its region and address together. Not kept
/// on disk.
inline std::uint64_t agent_hash(std::string_view region, std::string_view address) noexcept {
  return combine_hash(hash_bytes(region), address);
}

} // namespace xprober
