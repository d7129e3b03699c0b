#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xprober::config {

/// The text of a configuration file in which keys of the top level are others: what stands there of
/// them becomes a comment, `lines` come to its end, and all else stays as it is. Understands block
/// style alone, so what comes of it is to be read before it is used.
std::string with_other_keys(std::string_view text, const std::vector<std::string>& keys,
                            std::string_view lines);

} // namespace xprober::config
