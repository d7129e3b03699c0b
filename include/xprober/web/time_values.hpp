#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/clock.hpp"

// Times and durations as they stand in parameters.
namespace xprober::web {

/// Further away than this is a mistake: the year 9999.
inline constexpr std::int64_t last_second = 253'402'300'799;

/// The last second that a `wall_time` can be trusted with: in the year 2255.
inline constexpr std::int64_t last_wall_second = 9'000'000'000;

/// A whole number and nothing else.
std::optional<std::int64_t> parse_whole(std::string_view text);

/// "90s", "15m", "6h", "7d": one number above 0 with its unit, in seconds.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// The second of "2026-01-02T03:04:05Z". A '+' of an offset that was not escaped came as a blank.
std::optional<std::int64_t> parse_second(std::string text);

/// Seconds since 1970 of such a number, of RFC 3339, of "now", or of a duration back from now.
std::optional<std::int64_t> parse_time(const std::string& text, std::int64_t now);

/// 0 to `last_wall_second`.
inline wall_time to_wall_time(std::int64_t unix_seconds) {
  return wall_time{std::chrono::seconds{unix_seconds}};
}

} // namespace xprober::web
