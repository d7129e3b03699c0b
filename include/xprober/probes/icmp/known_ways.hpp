#pragma once

#include <cstdint>
#include <unordered_set>

#include "xprober/probes/icmp/host_address.hpp"

namespace xprober::icmp {

/// True for the broadcast address of a network that this machine is in. Sends nothing.
bool is_own_broadcast(const host_address& to) noexcept;

/// The addresses that this machine has a way to. Asking the kernel takes some 10 us, as much as a
/// probe: what it said of an address holds until an echo to it is refused.
class known_ways {
public:
  /// True if there is a way to an address, and an address of this machine's own to come from.
  bool lead_to(const host_address& to);

  /// The kernel refused an echo: it is asked anew.
  void lost(const host_address& to) { known_.erase(key_of(to)); }

private:
  static std::uint64_t key_of(const host_address& address) noexcept;

  std::unordered_set<std::uint64_t> known_; ///< by their hashes; all go when there are too many
};

} // namespace xprober::icmp
