#pragma once

#include <array>
#include <cstdint>

#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// What a target keeps of a result that is not its last any more: when it was, how it ended, and
/// the first numbers of its kind, as many as there is room for. 24 bytes, of which a target has
/// four.
class result_gist {
public:
  result_gist() = default;
  result_gist(const probe_kind& kind, const probe_outcome& outcome) noexcept;

  /// The outcome it came from, without what was not kept. Columns of the form coarse come back with
  /// 11 bits of precision.
  probe_outcome expand(const probe_kind& kind) const;

private:
  std::uint32_t unix_seconds_ = 0;
  std::uint16_t milliseconds_ = 0; ///< of the second
  probe_error error_ = probe_error::none;
  std::uint8_t mask_ = 0; ///< bit n: the column n + 1 was measured
  /// The columns after the first one after the other: two bytes of the form coarse, else four.
  std::array<std::uint16_t, 8> cells_{};
};

static_assert(sizeof(result_gist) == 24);

} // namespace xprober
