#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

// The pieces that binary formats of our own are made of. Fixed-size numbers are little-endian.

namespace xprober {

// Of binary16: the bits of its least normal number and of its largest one as a 32-bit float, and by
// how much the exponents differ.
inline constexpr std::uint32_t least_normal_half = 0x3880'0000; ///< 2^-14
inline constexpr std::uint32_t largest_half = 0x477F'E000;      ///< 65504
inline constexpr std::uint32_t half_bias = (127U - 15U) << 23U;

/// What `to_half` and `from_half` do with 0, subnormal and too large numbers and with what is none.
std::uint16_t to_odd_half(float value) noexcept;
float from_odd_half(std::uint16_t half) noexcept;

/// IEEE 754 binary16 of a number: 11 bits of precision (0.05 %), 6e-8 to 65504. Larger numbers
/// become 65504, smaller ones 0; not a number stays so.
inline std::uint16_t to_half(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto size = bits & 0x7FFF'FFFFU;
  // Normal numbers of both forms, all but always: the exponent moves from a bias of 127 to one of
  // 15, the fraction from 23 bits to 10; what is cut off rounds up from half of a step on, which
  // may carry into the exponent, as it should.
  if (size >= least_normal_half && size < largest_half) {
    return static_cast<std::uint16_t>(((bits >> 16U) & 0x8000U) |
                                      ((size - half_bias + (1U << 12U)) >> 13U));
  }
  return to_odd_half(value);
}
inline float from_half(std::uint16_t half) noexcept {
  const std::uint32_t size = half & 0x7FFFU;
  if (size >= 0x0400U && size < 0x7C00U) {
    return std::bit_cast<float>(((half & 0x8000U) << 16U) | ((size << 13U) + half_bias));
  }
  return from_odd_half(half);
}

/// Appends to a text of bytes.
class byte_writer {
public:
  explicit byte_writer(std::string& out) : out_(out) {}

  void byte(unsigned value) { out_ += static_cast<char>(value); }
  /// `width` bytes, 8 at most, the lowest first.
  void fixed(std::uint64_t value, unsigned width) {
    char bytes[8];
    for (unsigned i = 0; i < width; ++i) {
      bytes[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
    }
    out_.append(bytes, width);
  }
  void float32(float value) { fixed(std::bit_cast<std::uint32_t>(value), 4); }
  void half(float value) { fixed(to_half(value), 2); }
  /// LEB128: seven bits a byte, the lowest first, bit 7 set where another byte follows.
  void varint(std::uint64_t value) {
    char bytes[10];
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) {
      bytes[size++] = static_cast<char>(static_cast<unsigned>(value & 0x7F) | 0x80U);
    }
    bytes[size++] = static_cast<char>(value);
    out_.append(bytes, size);
  }
  /// Zigzag: 0, -1, 1, -2, ... as 0, 1, 2, 3, ...
  void signed_varint(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  /// Length and bytes.
  void text(std::string_view value) {
    varint(value.size());
    out_ += value;
  }

private:
  std::string& out_;
};

/// Reads what a byte_writer wrote. Each call returns false where the bytes end too early or a
/// number has more than 64 bits; nothing can be read after that.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) : rest_(bytes) {}

  bool byte(std::uint8_t& out) {
    if (rest_.empty()) {
      return fail();
    }
    out = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return true;
  }
  /// `width` bytes, 8 at most.
  bool fixed(std::uint64_t& out, unsigned width) {
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
  bool float32(float& out) {
    std::uint64_t bits = 0;
    if (!fixed(bits, 4)) {
      return false;
    }
    out = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    return true;
  }
  bool half(float& out) {
    std::uint64_t bits = 0;
    if (!fixed(bits, 2)) {
      return false;
    }
    out = from_half(static_cast<std::uint16_t>(bits));
    return true;
  }
  bool varint(std::uint64_t& out) {
    // Most numbers are small.
    if (!rest_.empty() && static_cast<std::uint8_t>(rest_.front()) < 0x80) {
      out = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      return true;
    }
    return long_varint(out);
  }
  bool signed_varint(std::int64_t& out) {
    std::uint64_t bits = 0;
    if (!varint(bits)) {
      return false;
    }
    out = static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
    return true;
  }
  /// A view into the bytes that are read; longer than `longest` is an error.
  bool text(std::string_view& out, std::size_t longest) {
    std::uint64_t size = 0;
    if (!varint(size)) {
      return false;
    }
    return size <= longest ? take(out, static_cast<std::size_t>(size)) : fail();
  }
  bool text(std::string& out, std::size_t longest); ///< a copy
  bool take(std::string_view& out, std::size_t size) {
    if (size > rest_.size()) {
      return fail();
    }
    out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  std::size_t left() const noexcept { return rest_.size(); }
  std::string_view rest() const noexcept { return rest_; }

private:
  bool long_varint(std::uint64_t& out);
  bool fail() {
    rest_ = {};
    return false;
  }
  std::string_view rest_;
};

} // namespace xprober
