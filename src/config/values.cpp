#include "xprober/config/values.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "xprober/domain/ascii.hpp"

namespace xprober::config {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

// A name stands after those that begin with it, so that the first match is the right one.
constexpr std::array<unit, 8> duration_units{{
    {"ns", 1},
    {"us", 1'000},
    {"\xC2\xB5s", 1'000},
    {"\xCE\xBCs", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
}};

constexpr std::array<unit, 9> size_units{{
    {"B", 1},
    {"kB", 1'000},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"KiB", 1u << 10},
    {"MiB", 1u << 20},
    {"GiB", 1u << 30},
    {"", 1},
}};

/// Cuts digits off the front, with a fraction where there is one.
std::optional<double> take_number(std::string_view& text) {
  const auto* digits_end = std::find_if(text.begin(), text.end(),
                                        [](char c) { return !ascii::is_digit(c) && c != '.'; });
  const auto digits = text.substr(0, static_cast<std::size_t>(digits_end - text.begin()));
  double number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                              std::chars_format::fixed);
  if (digits.empty() || failure != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  text.remove_prefix(digits.size());
  return number;
}

} // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return std::chrono::nanoseconds{0};
  }
  if (text.empty()) {
    return std::nullopt;
  }
  double total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const auto* found = std::find_if(duration_units.begin(), duration_units.end(),
                                     [&](const unit& u) { return text.starts_with(u.name); });
    if (!number || found == duration_units.end()) {
      return std::nullopt;
    }
    total += *number * static_cast<double>(found->factor);
    text.remove_prefix(found->name.size());
  }
  // Doubles hold whole nanoseconds exactly up to 104 days; the bound keeps the result in range.
  if (total >= 9.2e18) {
    return std::nullopt;
  }
  const std::chrono::nanoseconds duration{std::llround(total)};
  return negative ? -duration : duration;
}

std::string to_text(std::chrono::milliseconds duration) {
  const std::array<std::pair<const char*, std::int64_t>, 4> parts{
      {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
  std::int64_t left = duration.count();
  std::string text;
  for (const auto& [name, ms] : parts) {
    if (left / ms != 0) {
      text += std::to_string(left / ms) + name;
      left %= ms;
    }
  }
  return text.empty() ? "0s" : text;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto* found = std::find_if(size_units.begin(), size_units.end(),
                                   [&](const unit& u) { return text == u.name; });
  if (found == size_units.end() ||
      number > std::numeric_limits<std::uint64_t>::max() / found->factor) {
    return std::nullopt;
  }
  return number * found->factor;
}

std::optional<bool> parse_bool(std::string_view text) {
  const auto lower = ascii::to_lower(text);
  if (lower == "true" || lower == "yes" || lower == "on") {
    return true;
  }
  if (lower == "false" || lower == "no" || lower == "off") {
    return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

} // namespace xprober::config
