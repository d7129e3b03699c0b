#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xprober/probes/icmp/known_ways.hpp"
#include "xprober/probes/icmp/lanes.hpp"

namespace xprober::icmp {

/// The best address that can be probed: one that there is a socket for and, where a name has
/// addresses of both families, a way to; without any, the first tells what is missing. Nothing
/// where none is usable: then `problem` says what is wrong with the last one.
std::optional<host_address> choose_address(const std::vector<std::string>& addresses,
                                           const lane& via, known_ways& ways, std::string& problem);

} // namespace xprober::icmp
