#include "xprober/domain/base64.hpp"

#include <cstdint>

namespace xprober {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto part = bytes.substr(i, 3);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < part.size() ? static_cast<unsigned char>(part[k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= part.size() ? digits[group >> (18 - 6 * k) & 0x3F] : '=';
    }
  }
  return out;
}

} // namespace xprober
