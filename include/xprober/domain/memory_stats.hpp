#pragma once

#include <cstdint>
#include <span>

#include "xprober/domain/counter.hpp"

namespace xprober {

/// What a process counts of its memory and of the load that it gives up for it.
struct memory_stats {
  std::uint64_t limit_bytes = 0; ///< 0: there is none
  bool shedding = false;         ///< load is given up now
  std::uint64_t sheds = 0;       ///< times that this has begun

  bool operator==(const memory_stats&) const = default;

  static std::span<const counter<memory_stats>> counters() noexcept;
};

} // namespace xprober
