#include "xprober/domain/wire/bytes.hpp"

#include <cmath>

namespace xprober {

namespace {

constexpr std::uint16_t half_nan = 0x7E00;
constexpr std::uint16_t half_most = 0x7BFF;           // 65504
constexpr float half_least_normal = 6.103515625e-05F; // 2^-14
constexpr float half_step = 5.9604644775390625e-08F;  // 2^-24, between two subnormal numbers

} // namespace

std::uint16_t to_half(float value) noexcept {
  if (std::isnan(value)) {
    return half_nan;
  }
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
  const float size = std::fabs(value);
  if (size >= 65504.0F) {
    return sign | half_most;
  }
  if (size < half_least_normal) {
    return static_cast<std::uint16_t>(sign |
                                      static_cast<std::uint16_t>(std::lrint(size / half_step)));
  }
  // The exponent moves from a bias of 127 to one of 15, the fraction from 23 bits to 10; what is
  // cut off rounds up from half of a step on, which may carry into the exponent, as it should.
  const auto bits = std::bit_cast<std::uint32_t>(size) - ((127U - 15U) << 23U);
  return static_cast<std::uint16_t>(sign | ((bits + (1U << 12U)) >> 13U));
}

float from_half(std::uint16_t half) noexcept {
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t fraction = half & 0x3FFU;
  float size = 0;
  if (exponent == 0) {
    size = static_cast<float>(fraction) * half_step;
  } else if (exponent == 0x1F) {
    size = std::bit_cast<float>(0x7F80'0000U | (fraction << 13U));
  } else {
    size = std::bit_cast<float>(((exponent + 127U - 15U) << 23U) | (fraction << 13U));
  }
  return (half & 0x8000U) != 0 ? -size : size;
}

bool byte_reader::fixed(std::uint64_t& out, unsigned width) {
  if (rest_.size() < width) {
    return fail();
  }
  out = 0;
  for (unsigned i = 0; i < width; ++i) {
    out |= std::uint64_t{static_cast<std::uint8_t>(rest_[i])} << (8 * i);
  }
  rest_.remove_prefix(width);
  return true;
}

bool byte_reader::float32(float& out) {
  std::uint64_t bits = 0;
  if (!fixed(bits, 4)) {
    return false;
  }
  out = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  return true;
}

bool byte_reader::half(float& out) {
  if (rest_.size() < 2) {
    return fail();
  }
  const auto low = static_cast<std::uint8_t>(rest_[0]);
  const auto high = static_cast<std::uint8_t>(rest_[1]);
  out = from_half(static_cast<std::uint16_t>(low | (high << 8U)));
  rest_.remove_prefix(2);
  return true;
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

bool byte_reader::signed_varint(std::int64_t& out) {
  std::uint64_t bits = 0;
  if (!varint(bits)) {
    return false;
  }
  out = static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  return true;
}

bool byte_reader::text(std::string_view& out, std::size_t longest) {
  std::uint64_t size = 0;
  if (!varint(size)) {
    return false;
  }
  return size <= longest ? take(out, static_cast<std::size_t>(size)) : fail();
}

bool byte_reader::text(std::string& out, std::size_t longest) {
  std::string_view found;
  if (!text(found, longest)) {
    return false;
  }
  out = found;
  return true;
}

bool byte_reader::take(std::string_view& out, std::size_t size) {
  if (size > rest_.size()) {
    return fail();
  }
  out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

} // namespace xprober
