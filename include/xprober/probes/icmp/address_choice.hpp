#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "xprober/probes/icmp/host_address.hpp"
#include "xprober/probes/icmp/lane.hpp"

namespace xprober::icmp {

/// True if this machine has a way to an address.
using way_finder = std::function<bool(const host_address&)>;

/// The best address that can be probed: one that there is a socket for and, where a name has
/// addresses of both families, a way to; without any, the first tells what is missing. Nothing
/// where none is usable: then `problem` says what is wrong with the last one.
std::optional<host_address> choose_address(const std::vector<std::string>& addresses,
                                           const lane& via, const way_finder& leads_to,
                                           std::string& problem);

} // namespace xprober::icmp
