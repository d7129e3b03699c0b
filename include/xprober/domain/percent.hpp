#pragma once

#include <string>
#include <string_view>

namespace xprober {

/// Reads `%41` as `A`; a `%` that two hexadecimal digits do not follow stays as it is. With
/// `plus_is_space`, as in query strings, `+` is a blank.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

} // namespace xprober
