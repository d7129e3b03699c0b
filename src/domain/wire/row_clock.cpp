#include "xprober/domain/wire/row_clock.hpp"

#include <algorithm>

namespace xprober {

namespace {

/// What a liar sends must not overflow.
std::int64_t bounded_ms(std::int64_t ms) noexcept {
  constexpr auto most = std::int64_t{1} << 60U;
  return std::clamp(ms, -most, most);
}

} // namespace

row_clock::row_clock(std::int64_t arrived_ms, std::int64_t skew_ms) noexcept
    : arrived_ms_(bounded_ms(arrived_ms)), skew_ms_(bounded_ms(skew_ms)),
      kept_skew_ms_(std::clamp<std::int64_t>(skew_ms_, -most_kept_skew_ms, 0)) {}

row_clock::judged row_clock::judge(std::int64_t stamp_ms) const noexcept {
  const auto here_ms = bounded_ms(stamp_ms) - skew_ms_;
  const bool misdated =
      here_ms > arrived_ms_ + most_ahead_ms || here_ms < arrived_ms_ - most_behind_ms;
  return {(misdated ? arrived_ms_ : here_ms) + kept_skew_ms_, misdated};
}

} // namespace xprober
