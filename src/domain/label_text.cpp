#include "xprober/domain/label_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace xprober {

namespace {

/// How many bytes follow a lead byte, and the lowest code point that needs them.
struct sequence {
  std::size_t following = 0;
  std::uint32_t bits = 0; ///< of the lead byte
  std::uint32_t lowest = 0;
};

bool read_lead(unsigned char byte, sequence& out) noexcept {
  if ((byte & 0xE0U) == 0xC0U) {
    out = {1, byte & 0x1FU, 0x80};
    return true;
  }
  if ((byte & 0xF0U) == 0xE0U) {
    out = {2, byte & 0x0FU, 0x800};
    return true;
  }
  if ((byte & 0xF8U) == 0xF0U) {
    out = {3, byte & 0x07U, 0x10000};
    return true;
  }
  return false;
}

bool is_scalar(std::uint32_t code) noexcept {
  return code <= 0x10FFFFU && (code < 0xD800U || code > 0xDFFFU);
}

/// U+0000 to U+001F, U+007F, and the second control block U+0080 to U+009F.
bool is_control(std::uint32_t code) noexcept {
  return code < 0x20U || (code >= 0x7FU && code < 0xA0U);
}

// The character that a text begins with; its length is 0 where it begins with none.
struct character {
  std::size_t length = 0;
  std::uint32_t code = 0;
};

character first_character(std::string_view text) noexcept {
  if (text.empty()) {
    return {};
  }
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x80U) {
    return {1, byte};
  }
  sequence s;
  if (!read_lead(byte, s) || text.size() <= s.following) {
    return {};
  }
  std::uint32_t code = s.bits;
  for (std::size_t i = 1; i <= s.following; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) {
      return {};
    }
    code = (code << 6U) | (next & 0x3FU);
  }
  return code < s.lowest || !is_scalar(code) ? character{} : character{s.following + 1, code};
}

} // namespace

std::size_t utf8_character(std::string_view text) noexcept { return first_character(text).length; }

std::size_t clean_character(std::string_view text) noexcept {
  const auto first = first_character(text);
  return is_control(first.code) ? 0 : first.length;
}

bool is_clean_text(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto length = clean_character(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto length = utf8_character(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string shown_text(std::string_view text) {
  constexpr std::size_t longest_shown = 80;
  if (!is_clean_text(text)) {
    return "(no clean UTF-8 text)";
  }
  return text.size() <= longest_shown ? "'" + std::string{text} + "'"
                                      : "of " + std::to_string(text.size()) + " bytes";
}

bool is_region_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_region_bytes && is_clean_text(text);
}

bool is_own_label(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 7> own{
      "__name__", "agent", "phase", "probe_type", "source_region", "target", "target_region"};
  return std::find(own.begin(), own.end(), name) != own.end();
}

} // namespace xprober
