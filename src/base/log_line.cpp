#include "xprober/base/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "xprober/domain/time_text.hpp"

namespace xprober::log {

namespace {

constexpr std::array<std::string_view, 7> level_names{"trace", "debug",    "info", "warn",
                                                      "error", "critical", "off"};

/// One character of UTF-8 text.
struct character {
  std::uint32_t code = 0;
  std::size_t bytes = 0; ///< 0: the text does not begin with a well-formed character
};

/// Reads the first character (RFC 3629: no overlong forms, no surrogates).
character first_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
    return {};
  }
  std::uint32_t code = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) {
      return {};
    }
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
    return {};
  }
  return {code, length};
}

/// Control characters, line and paragraph separators, and the marks that turn the direction of
/// writing round, with which one text can be made to look like another.
bool is_harmful(std::uint32_t code) noexcept {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void append_escape(std::string& out, std::uint32_t code) {
  switch (code) {
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  if (code < 0x80) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", code);
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
  }
}

bool needs_quotes(std::string_view value) noexcept {
  if (value.empty()) {
    return true;
  }
  while (!value.empty()) {
    const auto c = first_character(value);
    if (c.bytes == 0 || is_harmful(c.code) || c.code == ' ' || c.code == '"' || c.code == '=' ||
        c.code == '\\') {
      return true;
    }
    value.remove_prefix(c.bytes);
  }
  return false;
}

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  while (!text.empty()) {
    const auto c = first_character(text);
    if (c.bytes == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    if (is_harmful(c.code)) {
      append_escape(out, c.code);
    } else {
      if (quoted && (c.code == '"' || c.code == '\\')) {
        out += '\\';
      }
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
}

/// Shortens a line that is too long, at the beginning of a character.
void cut(std::string& line) {
  constexpr std::string_view ending = "...";
  constexpr std::size_t room = max_line_bytes - 1 - ending.size();
  if (line.size() < max_line_bytes) {
    return;
  }
  std::size_t end = room;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0u) == 0x80u) {
    --end;
  }
  line.resize(end);
  line += ending;
}

} // namespace

std::string_view to_string(level l) noexcept {
  return level_names[std::min(static_cast<std::size_t>(l), level_names.size() - 1)];
}

void append_escaped(std::string& out, std::string_view text) { append_escaped(out, text, false); }

void append_value(std::string& out, std::string_view value) {
  // What is beyond the line's length would be cut off anyway.
  value = value.substr(0, max_line_bytes);
  if (!needs_quotes(value)) {
    out += value;
    return;
  }
  out += '"';
  append_escaped(out, value, true);
  out += '"';
}

std::string format_line(std::chrono::system_clock::time_point time, level l,
                        std::string_view component, std::string_view message,
                        std::initializer_list<field> fields) {
  std::string line;
  line.reserve(256);
  line += rfc3339(time);
  fmt::format_to(std::back_inserter(line), " {:<5} ", to_string(l));
  append_escaped(line, component.substr(0, max_line_bytes));
  line += ": ";
  append_escaped(line, message.substr(0, max_line_bytes));
  for (const auto& f : fields) {
    line += ' ';
    append_escaped(line, f.name);
    line += '=';
    append_value(line, f.value);
  }
  cut(line);
  line += '\n';
  return line;
}

} // namespace xprober::log
