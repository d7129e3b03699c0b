#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "xprober/rpc/value_events.hpp"

namespace xprober::rpc {

/// Reads one MessagePack value, in the new and in the old form, without recursion.
/// Returns an empty text when the value was read to its end and nothing stands behind it, or when
/// `events` ended it; else what is wrong with the bytes.
std::string read_msgpack(std::string_view bytes, std::size_t max_depth, value_events& events);

} // namespace xprober::rpc
