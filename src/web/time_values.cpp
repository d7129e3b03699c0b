#include "xprober/web/time_values.hpp"

#include <algorithm>
#include <charconv>

#include "xprober/domain/time_text.hpp"

namespace xprober::web {

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty()
             ? std::optional{number}
             : std::nullopt;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.size() < 2) {
    return std::nullopt;
  }
  const auto number = parse_whole(text.substr(0, text.size() - 1));
  const std::string_view units{"smhd"};
  constexpr std::int64_t lengths[]{1, 60, 3600, 86'400};
  const auto unit = units.find(text.back());
  if (!number || *number <= 0 || unit == std::string_view::npos ||
      *number > last_second / lengths[unit]) {
    return std::nullopt;
  }
  return *number * lengths[unit];
}

std::optional<std::int64_t> parse_second(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '+');
  const auto ms = parse_rfc3339(text);
  return ms ? std::optional{std::chrono::floor<std::chrono::seconds>(milliseconds{*ms}).count()}
            : std::nullopt;
}

std::optional<std::int64_t> parse_time(const std::string& text, std::int64_t now) {
  if (text == "now") {
    return now;
  }
  if (const auto back = parse_duration(text)) {
    return now - *back;
  }
  const auto number = parse_whole(text);
  const auto seconds = number ? number : parse_second(text);
  return seconds && *seconds >= 0 && *seconds <= last_second ? seconds : std::nullopt;
}

} // namespace xprober::web
