#pragma once

#include <cstdint>
#include <optional>

#include "xprober/domain/config.hpp"

namespace xprober::icmp {

/// What the kernel says of its table of neighbours (ARP, NDISC) of a family. All network namespaces
/// of a machine share it.
struct neighbour_table {
  std::uint32_t entries = 0;
  std::uint32_t limit = 0;    ///< net.ipv4.neigh.default.gc_thresh3, or net.ipv6's
  std::uint64_t refusals = 0; ///< entries that were not made because the table was full
};

/// Asks the kernel (RTM_GETNEIGHTBL of rtnetlink, which needs no right); nothing where it does not
/// say. Three system calls.
std::optional<neighbour_table> read_neighbour_table(ip_family family) noexcept;

} // namespace xprober::icmp
