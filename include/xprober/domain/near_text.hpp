#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace xprober {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make `a`
/// of `b` (Damerau and Levenshtein, each letter touched once).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name among `known` that was meant most likely where `text` is none of them: one letter in
/// three may be wrong. What begins with a known name is a name of its own (`http_2xx`). Empty if
/// there is none.
std::string_view near_name(std::string_view text, std::span<const std::string_view> known);

} // namespace xprober
