#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/domain/clock.hpp"

namespace xprober::web {

/// `text` as valid UTF-8: what is not (names come from other machines) becomes U+FFFD, a maximal
/// broken sequence at a time. Overlong forms and surrogates are not valid (RFC 3629).
std::string valid_utf8(std::string_view text);

/// `text` as valid UTF-8 that is safe in HTML content and in quoted attribute values.
std::string html_escape(std::string_view text);

/// The shortest decimal text that reads back as the same number; "NaN", "+Inf", "-Inf" as the
/// Prometheus text format spells them.
std::string number_text(double value);

/// A single-precision number as the double with the same shortest decimal text, so that 0.1F is
/// shown as 0.1 and not as 0.10000000149011612.
double widen(float value) noexcept;

/// `value` without the noise of binary fractions: rounded to 6 decimals.
double rounded(double value) noexcept;

/// Seconds since 1970 with milliseconds as fraction.
double unix_fraction(wall_time time) noexcept;

/// For people: "1,234,567".
std::string people_count(std::uint64_t value);

/// For people: "512 B", "1.5 KiB", "3.2 GiB".
std::string people_bytes(std::uint64_t bytes);

/// For people: "45 s", "3 min 20 s", "2 h 5 min", "4 d 3 h".
std::string people_seconds(double seconds);

/// For people, three significant digits and no unit: "0.043", "1.25", "12.3", "1,230".
std::string people_ms(double ms);

/// For people, percent without its sign: "0", "0.4", "12.5", "100". Never "0" for some loss and
/// never "100" while something arrived.
std::string people_percent(double percent);

} // namespace xprober::web
