#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// Time as RFC 3339 in UTC with milliseconds, e.g. "2026-01-02T03:04:05.678Z".
std::string rfc3339(wall_time time);

/// The same of whole seconds since 1970, e.g. "2026-01-02T03:04:05Z". What is outside of the years
/// 0 to 9999, for which there is no such text, becomes the first or the last second of them.
std::string rfc3339(std::int64_t unix_seconds);

/// Milliseconds since 1970 of a date-time of RFC 3339 (5.6): with "Z" or an offset, with a fraction
/// of any length, of which milliseconds count. 23:59:60 UTC at the end of a month, a leap second,
/// is the second after it. Nothing for what is no such time, as 2026-02-30 is none.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

/// Seconds since 1970 of a date as HTTP has it (IMF-fixdate of RFC 9110, 5.6.7), e.g.
/// "Sun, 06 Nov 1994 08:49:37 GMT". The name of the day is not compared with the date.
std::optional<std::int64_t> parse_http_date(std::string_view text);

} // namespace xprober
