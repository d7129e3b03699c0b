#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "xprober/base/log.hpp"

namespace xprober::log {

/// The longest line in bytes, its newline included: what a pipe takes whole (PIPE_BUF on Linux).
/// Longer lines are cut and end in "...".
inline constexpr std::size_t max_line_bytes = 4096;

/// "trace", "debug", "info", "warn", "error", "critical", "off".
std::string_view to_string(level l) noexcept;

/// Appends `text` so that it can neither end the line nor steer a terminal: control characters
/// (those of Unicode, too), line separators and bytes that are no UTF-8 become `\n`, `\t`, `\x1b`,
/// `\u2028` and so on.
void append_escaped(std::string& out, std::string_view text);

/// Appends a field's value: as it is, or in double quotes with `"` and `\` escaped where it is
/// empty or has blanks, quotes, '=', a backslash or anything that `append_escaped` changes.
void append_value(std::string& out, std::string_view value);

/// The whole line as `init` describes it, its newline included.
std::string format_line(std::chrono::system_clock::time_point time, level l,
                        std::string_view component, std::string_view message,
                        std::initializer_list<field> fields);

} // namespace xprober::log
