#include "xprober/probes/stream/shown.hpp"

#include <algorithm>

#include "xprober/domain/ascii.hpp"

namespace xprober::stream {

namespace {

struct lead {
  std::size_t length = 0;     ///< 0: no character begins with it
  unsigned char least = 0x80; ///< of the second byte
  unsigned char most = 0xBF;
};

// Table 3-7 of the Unicode standard, but for C2 80 to C2 9F, which are control characters.
lead lead_of(unsigned char byte) noexcept {
  switch (byte) {
  case 0xC2: return {2, 0xA0};
  case 0xE0: return {3, 0xA0};
  case 0xED: return {3, 0x80, 0x9F};
  case 0xF0: return {4, 0x90};
  case 0xF4: return {4, 0x80, 0x8F};
  default:
    return {byte > 0xC2 && byte < 0xE0   ? 2U
            : byte > 0xE0 && byte < 0xF0 ? 3U
            : byte > 0xF0 && byte < 0xF4 ? 4U
                                         : 0U};
  }
}

// The length of the character that `text` begins with; 0: of none that is to be shown.
std::size_t character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) {
    return ascii::is_control(text[0]) ? 0 : 1;
  }
  const auto form = lead_of(byte(0));
  if (form.length == 0 || text.size() < form.length || byte(1) < form.least ||
      byte(1) > form.most) {
    return 0;
  }
  const auto rest = text.substr(2, form.length - 2);
  const bool whole = std::ranges::all_of(
      rest, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
  return whole ? form.length : 0;
}

} // namespace

std::string shown(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const auto length = character(text);
    const auto taken = std::max<std::size_t>(length, 1);
    if (out.size() + taken > most) {
      return out + "...";
    }
    out += length > 0 ? text.substr(0, length) : std::string_view{"?"};
    text.remove_prefix(taken);
  }
  return out;
}

} // namespace xprober::stream
