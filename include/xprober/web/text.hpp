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

} // namespace xprober::web
