#include "xprober/domain/hex.hpp"

namespace xprober {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

template <class Bytes>
std::string hex_of_bytes(const Bytes& bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const auto each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 0xFU];
  }
  return text;
}

} // namespace

std::string hex_text(std::string_view bytes) { return hex_of_bytes(bytes); }

std::string hex_text(std::span<const std::uint8_t> bytes) { return hex_of_bytes(bytes); }

std::string hex_number(std::uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (auto i = text.rbegin(); i != text.rend(); ++i) {
    *i = hex_digits[number & 0xFU];
    number >>= 4U;
  }
  return text;
}

} // namespace xprober
