#include "xprober/web/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <spdlog/fmt/fmt.h>

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

// Drops a fraction of zeros: "12.0" is "12", "0.10" is "0.1".
std::string without_zeros(std::string text) {
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
      text.pop_back();
    }
  }
  return text;
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

std::string people_count(std::uint64_t value) {
  auto text = fmt::format("{}", value);
  for (auto at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, 1, ',');
  }
  return text;
}

std::string people_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string people_seconds(double seconds) {
  if (!(seconds >= 0)) {
    return "0 s";
  }
  const auto s = static_cast<std::uint64_t>(std::min(seconds, 1e15));
  if (s < 60) {
    return fmt::format("{} s", s);
  }
  if (s < 3600) {
    return fmt::format("{} min {} s", s / 60, s % 60);
  }
  if (s < 86400) {
    return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
  }
  return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

std::string people_ms(double ms) {
  if (!std::isfinite(ms)) {
    return "–";
  }
  const double size = std::abs(ms);
  if (size >= 99.95) {
    const auto whole = people_count(static_cast<std::uint64_t>(std::llround(std::min(size, 1e15))));
    return ms < 0 ? "-" + whole : whole;
  }
  return fmt::format("{:.{}f}", ms, size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

std::string people_percent(double percent) {
  if (!std::isfinite(percent)) {
    return "–";
  }
  if (percent > 0 && percent < 0.05) {
    return "<0.1";
  }
  if (percent > 99.95 && percent < 100) {
    return ">99.9";
  }
  return without_zeros(fmt::format("{:.1f}", percent));
}

} // namespace xprober::web
