#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Texts as a terminal has them: in columns, and without what could steer it.
namespace xprober::top {

/// What somebody else has written, on one line: control characters, marks that turn the direction
/// of writing round and bytes that are no UTF-8 are shown as `\x1b`, `\u202e` and so on.
std::string clean(std::string_view text);

/// The columns that a clean text takes: two for wide characters (East Asian Width W and F, emoji),
/// none for those that combine with the one before.
std::size_t columns_of(std::string_view text) noexcept;

/// As much of a clean text as has room in so many columns, with "…" at the end where it was cut.
std::string cut(std::string_view text, std::size_t columns);

/// The same with blanks behind it, so that it takes exactly so many columns.
std::string fill(std::string_view text, std::size_t columns);

/// For a terminal without UTF-8: the program's own marks in ASCII, "?" for other characters.
std::string in_ascii(std::string_view text);

/// The last character goes, of how many bytes it ever is, with those that combine with it.
void drop_last(std::string& text);

/// A span of time for people: "5 s", "12 min", "3 h", "2 d".
std::string span_text(std::int64_t seconds);

/// "1 target", "12,345 targets".
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

/// What can stand in the query of a URL: RFC 3986, 2.3.
std::string query_escape(std::string_view text);

} // namespace xprober::top
