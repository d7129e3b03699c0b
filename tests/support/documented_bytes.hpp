#pragma once

#include <cctype>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

// What docs/wire.md has of messages.

namespace xprober::documents {

/// The lines of a code block of docs/wire.md, each with its end.
inline std::string documented_text(const std::string& block) {
  std::ifstream file{XPROBER_DOCS_DIR "/wire.md"};
  std::string line;
  std::string text;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line == "```" + block) {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      text += line + '\n';
    }
  }
  return text;
}

/// The bytes of a code block: of each line what stands before '|', as hexadecimal digits.
inline std::string documented(const std::string& block) {
  std::istringstream lines{documented_text(block)};
  std::string line;
  std::string digits;
  while (std::getline(lines, line)) {
    for (const char c : line.substr(0, line.find('|'))) {
      if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
        digits += c;
      }
    }
  }
  return digits;
}

inline std::string hex(std::string_view bytes) {
  constexpr std::string_view names = "0123456789abcdef";
  std::string text;
  for (const auto c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    text += names[b >> 4U];
    text += names[b & 0xFU];
  }
  return text;
}

} // namespace xprober::documents
