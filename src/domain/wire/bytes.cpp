#include "xprober/domain/wire/bytes.hpp"

#include <cmath>

namespace xprober {

namespace {

constexpr std::uint16_t half_nan = 0x7E00;
constexpr std::uint16_t half_most = 0x7BFF;          // 65504
constexpr float half_step = 5.9604644775390625e-08F; // 2^-24, between two subnormal numbers

} // namespace

std::uint16_t to_odd_half(float value) noexcept {
  if (std::isnan(value)) {
    return half_nan;
  }
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
  const float size = std::fabs(value);
  const auto bits = size >= 65504.0F ? half_most : std::lrint(size / half_step);
  return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(bits));
}

float from_odd_half(std::uint16_t half) noexcept {
  const std::uint32_t fraction = half & 0x3FFU;
  const bool finite = (half & 0x7C00U) == 0;
  const float size = finite ? static_cast<float>(fraction) * half_step
                            : std::bit_cast<float>(0x7F80'0000U | (fraction << 13U));
  return (half & 0x8000U) != 0 ? -size : size;
}

bool byte_reader::long_varint(std::uint64_t& out) {
  out = 0;
  for (unsigned shift = 0; shift < 64 && shift / 7 < rest_.size(); shift += 7) {
    const auto next = static_cast<std::uint8_t>(rest_[shift / 7]);
    if (shift == 63 && next > 1) {
      return fail();
    }
    out |= std::uint64_t{next & 0x7FU} << shift;
    if (next < 0x80) {
      rest_.remove_prefix(shift / 7 + 1);
      return true;
    }
  }
  return fail();
}

bool byte_reader::text(std::string& out, std::size_t longest) {
  std::string_view found;
  if (!text(found, longest)) {
    return false;
  }
  out = found;
  return true;
}

} // namespace xprober
