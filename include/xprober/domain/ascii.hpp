#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Letters as the protocols count them: A to Z, whatever the locale says. Bytes of other characters
// stay as they are.
namespace xprober::ascii {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr bool is_small_letter(char c) noexcept { return c >= 'a' && c <= 'z'; }

constexpr bool is_letter(char c) noexcept { return is_small_letter(c) || (c >= 'A' && c <= 'Z'); }

constexpr bool is_alnum(char c) noexcept { return is_letter(c) || is_digit(c); }

/// A letter, a digit or '_': of names of groups, metrics and labels.
constexpr bool is_word_char(char c) noexcept { return is_alnum(c) || c == '_'; }

/// A hexadecimal digit as this program writes them.
constexpr bool is_small_hex_digit(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// The value of a hexadecimal digit; -1 for what is none.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// True for the bytes 0 to 31 and 127.
constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// A character of a token (RFC 9110, section 5.6.2): of names of headers and of methods.
constexpr bool is_token_char(char c) noexcept {
  return is_alnum(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

/// True for a token: not empty, and nothing but characters of one.
constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

constexpr char upper(char c) noexcept {
  return is_small_letter(c) ? static_cast<char>(c - 'a' + 'A') : c;
}
constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string to_lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

inline std::string to_upper(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), upper);
  return out;
}

/// True if two texts are the same but for the case of letters, as names of headers are.
constexpr bool same(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// `same` of the beginning of a text.
constexpr bool starts_with(std::string_view text, std::string_view beginning) noexcept {
  return same(text.substr(0, beginning.size()), beginning);
}

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// `text` without the blanks and tabs around it.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

} // namespace xprober::ascii
