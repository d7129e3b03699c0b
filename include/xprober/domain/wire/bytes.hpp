#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

// The pieces that binary formats of our own are made of. Fixed-size numbers are little-endian.

namespace xprober {

/// IEEE 754 binary16 of a number: 11 bits of precision (0.05 %), 6e-8 to 65504. Larger numbers
/// become 65504, smaller ones 0; not a number stays so.
std::uint16_t to_half(float value) noexcept;
float from_half(std::uint16_t half) noexcept;

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
  bool fixed(std::uint64_t& out, unsigned width);
  bool float32(float& out);
  bool half(float& out);
  bool varint(std::uint64_t& out) {
    // Most numbers are small.
    if (!rest_.empty() && static_cast<std::uint8_t>(rest_.front()) < 0x80) {
      out = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      return true;
    }
    return long_varint(out);
  }
  bool signed_varint(std::int64_t& out);
  /// A view into the bytes that are read; longer than `longest` is an error.
  bool text(std::string_view& out, std::size_t longest);
  bool text(std::string& out, std::size_t longest); ///< a copy
  bool take(std::string_view& out, std::size_t size);

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
