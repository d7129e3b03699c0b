#pragma once

#include <string>
#include <vector>

#include "xprober/domain/target.hpp"

namespace xprober::app {

/// Reads targets of a type from a file, one on each line; empty lines, what follows a '#' and a
/// byte order mark do not count. "-" is standard input. An empty text, or what is wrong: where it
/// is a line, "FILE:LINE: " and what, for the first few such lines.
std::string read_target_file(const std::string& path, const prober_name& type,
                             std::vector<std::string>& targets);

} // namespace xprober::app
