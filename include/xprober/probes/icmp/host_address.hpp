#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <netinet/in.h>

#include "xprober/domain/config.hpp"

namespace xprober::icmp {

/// A numeric address that can be probed.
struct host_address {
  std::array<std::uint8_t, 16> bytes{}; ///< network order; IPv4 in the first four, the rest 0
  std::uint32_t scope = 0;              ///< interface index of a link-local IPv6 address, else 0
  ip_family family = ip_family::ip4;

  bool operator==(const host_address&) const = default;
};

/// True if a packet from `source` can be the answer of `target`: the same address, and the same
/// interface where both name one.
bool same_host(const host_address& source, const host_address& target) noexcept;

/// "192.0.2.1", "2001:db8::1", "fe80::1%eth0".
std::string to_string(const host_address& address);

/// The socket address with port 0; returns its length.
socklen_t to_sockaddr(const host_address& address, sockaddr_in6& out) noexcept;

/// The inverse of `to_sockaddr` for AF_INET and AF_INET6; the unspecified IPv4 address for others.
host_address from_sockaddr(const sockaddr_in6& address) noexcept;

/// An IPv4 address from its four bytes in network order.
host_address ip4_address(const std::uint8_t* bytes) noexcept;

enum class target_kind : std::uint8_t { address, name, bad };

/// What a target's text turned out to be.
struct parsed_target {
  target_kind kind = target_kind::bad;
  host_address address; ///< of kind `address`
  std::string host;     ///< of kind `name`: what to resolve
  std::string problem;  ///< of kind `bad`: what is wrong
};

/// Reads the address of an ICMP target, see `parse_address_target`. A zone must be an interface of
/// this machine. IPv4-mapped IPv6 addresses become IPv4.
parsed_target parse_target(std::string_view text);

} // namespace xprober::icmp
