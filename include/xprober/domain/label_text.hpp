#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xprober {

/// Longest region name in bytes: regions become label values of every series.
inline constexpr std::size_t max_region_bytes = 256;

/// Longest target address in bytes: a URL of the length that every browser takes.
inline constexpr std::size_t max_address_bytes = 2048;

/// True if `text` can stand in a label, a JSON string and a log line as it is: valid UTF-8
/// (RFC 3629: no surrogates, nothing overlong, nothing above U+10FFFF) without control characters.
bool is_clean_text(std::string_view text) noexcept;

/// True for valid UTF-8, whatever its characters are: what a label of Prometheus may hold.
bool is_utf8(std::string_view text) noexcept;

/// The length in bytes of the clean character that a text begins with; 0 where it begins with none.
std::size_t clean_character(std::string_view text) noexcept;

/// The same of a character that may be a control character: valid UTF-8 is all that is asked for.
std::size_t utf8_character(std::string_view text) noexcept;

/// A text that somebody wrote, for a message: in quotes, or only how long it is where it is long,
/// or that it is no clean text.
std::string shown_text(std::string_view text);

/// True for a name that a region can have: not empty, clean, at most `max_region_bytes` long.
bool is_region_name(std::string_view text) noexcept;

/// Labels of series that the program sets itself.
bool is_own_label(std::string_view name) noexcept;

} // namespace xprober
