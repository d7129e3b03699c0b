#pragma once

#include <string>
#include <string_view>

namespace xprober {

/// Reads `%41` as `A`; a `%` that two hexadecimal digits do not follow stays as it is. With
/// `plus_is_space`, as in query strings, `+` is a blank.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

/// Adds a byte as `%XX`, with capitals (RFC 3986, section 2.1).
void append_percent(std::string& out, char byte);

/// `text` as a value of a query string or a segment of a path: all but letters, digits and `-._~`
/// (RFC 3986, section 2.3) as `%XX`.
std::string percent_encode(std::string_view text);

} // namespace xprober
