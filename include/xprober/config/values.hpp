#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xprober::config {

/// Reads a duration as Go writes it: numbers, which may have a fraction, each with its unit, one
/// after the other: "5s", "500ms", "1.5s", "1h30m", "-1s", and "0" alone. Units are ns, us, µs, ms,
/// s, m, h. Nothing for anything else, a number without a unit and what does not fit included.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// The shortest of these forms, e.g. "1h30m".
std::string to_text(std::chrono::milliseconds duration);

/// Reads a number of bytes: "1024", "512B", "10kB" and "10MB" (1000 each), "10KiB" and "10MiB"
/// (1024 each), up to G; nothing for anything else or what does not fit.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// "true" or "false" and the other words YAML 1.1 has for them (yes, no, on, off; any case).
std::optional<bool> parse_bool(std::string_view text);

/// A whole number in decimal digits with or without a sign.
std::optional<std::int64_t> parse_integer(std::string_view text);

} // namespace xprober::config
