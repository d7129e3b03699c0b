#pragma once

#include <cstdint>
#include <optional>

#include "xprober/domain/kind.hpp"

namespace xprober {

/// What is asked of a kind's columns for each of its probes, worked out once. Sets of columns are
/// masks: bit n is column n.
struct kind_shape {
  explicit kind_shape(const probe_kind& of) noexcept;

  std::uint32_t kept = 0;      ///< a server keeps them; without the success
  std::uint32_t stand_ins = 0; ///< kept ones with an `old_missing`
  std::uint32_t phases = 0;
  std::uint32_t loss = 0;     ///< the one column, or none
  std::uint32_t duration = 0; ///< likewise
};

/// The time that a probe is about, in ms: its duration column, or the sum of its phases where all
/// of them are known.
std::optional<float> headline_ms(const kind_shape& shape, const column_values& values) noexcept;

} // namespace xprober
