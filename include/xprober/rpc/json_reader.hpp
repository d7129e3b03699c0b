#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "xprober/rpc/value_events.hpp"

namespace xprober::rpc {

/// Reads one JSON text. Returns an empty text when the value was read to its end and nothing stands
/// behind it, or when `events` ended it; else what is wrong with the text and where.
std::string read_json(std::string_view text, std::size_t max_depth, value_events& events);

} // namespace xprober::rpc
