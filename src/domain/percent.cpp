#include "xprober/domain/percent.hpp"

#include "xprober/domain/ascii.hpp"

namespace xprober {

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && ascii::hex_value(text[i + 1]) >= 0 &&
        ascii::hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(ascii::hex_value(text[i + 1]) * 16 + ascii::hex_value(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

void append_percent(std::string& out, char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  out += {'%', digits[value >> 4U], digits[value & 0xFU]};
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (ascii::is_word_char(c) || c == '-' || c == '.' || c == '~') {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

} // namespace xprober
