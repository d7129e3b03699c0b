#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xprober/domain/address.hpp"
#include "xprober/domain/config.hpp"

namespace xprober {

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

/// "net.ipv4.neigh.default.gc_thresh3 is 1024; it should be twice the number of neighbours that are
/// probed": what there is no room in, and what helps.
std::string neighbour_limit_text(ip_family family, std::uint32_t limit);

/// What the kernel has of the neighbour that takes packets to an address: the host itself or the
/// gateway to it.
enum class neighbour_state {
  untold, ///< it does not say (before Linux 5.0), or none is needed on that way
  none,   ///< no entry
  asking, ///< no link-layer address yet
  failed, ///< nobody answered
  known,
};

/// Asks the kernel (RTM_GETROUTE and RTM_GETNEIGH). `interface`: of a link-local address, else 0.
/// Ten system calls at most.
neighbour_state read_neighbour_state(const ip_address& to, std::uint32_t interface) noexcept;

} // namespace xprober
