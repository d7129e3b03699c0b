#include "xprober/web/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace xprober::web {

namespace {

using byte = unsigned char;

struct utf8_step {
  std::size_t length = 1; ///< bytes to go on by
  bool valid = false;
};

// Table 3-7 of the Unicode standard: which second bytes a lead byte allows.
struct utf8_lead {
  std::size_t length = 0; ///< 0: cannot lead
  byte second_min = 0x80;
  byte second_max = 0xBF;
};

utf8_lead lead_of(byte b) noexcept {
  if (b >= 0xC2 && b <= 0xDF) {
    return {2};
  }
  if (b >= 0xE0 && b <= 0xEF) {
    const byte min = b == 0xE0 ? 0xA0 : 0x80;
    const byte max = b == 0xED ? 0x9F : 0xBF;
    return {3, min, max};
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const byte min = b == 0xF0 ? 0x90 : 0x80;
    const byte max = b == 0xF4 ? 0x8F : 0xBF;
    return {4, min, max};
  }
  return {};
}

utf8_step next(std::string_view rest) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<byte>(rest[i]); };
  if (at(0) < 0x80) {
    return {1, true};
  }
  const auto lead = lead_of(at(0));
  if (lead.length == 0) {
    return {1, false};
  }
  for (std::size_t i = 1; i < lead.length; ++i) {
    const byte min = i == 1 ? lead.second_min : 0x80;
    const byte max = i == 1 ? lead.second_max : 0xBF;
    if (i >= rest.size() || at(i) < min || at(i) > max) {
      return {i, false};
    }
  }
  return {lead.length, true};
}

} // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto step = next(text);
    out += step.valid ? text.substr(0, step.length) : std::string_view{"\xEF\xBF\xBD"};
    text.remove_prefix(step.length);
  }
  return out;
}

std::string html_escape(std::string_view text) {
  const auto valid = valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (const char c : valid) {
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    case '\0': out += "\xEF\xBF\xBD"; break; // not allowed in a document in any form
    default: out += c;
    }
  }
  return out;
}

std::string number_text(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

double widen(float value) noexcept {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  double wide = static_cast<double>(value);
  std::from_chars(buffer.data(), end, wide);
  return wide;
}

double rounded(double value) noexcept {
  constexpr double scale = 1e6;
  // Beyond this a double has no 6 decimals to round.
  return std::abs(value) < 1e9 ? std::round(value * scale) / scale : value;
}

double unix_fraction(wall_time time) noexcept {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  return static_cast<double>(ms.count()) / 1000.0;
}

} // namespace xprober::web
