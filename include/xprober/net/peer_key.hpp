#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace xprober::net {

/// Who is one peer where limits are counted: an IPv4 address, or a /64 of IPv6, which is what one
/// network gives to one machine (RFC 6177, section 2).
struct peer_key {
  bool v6 = false;
  std::uint64_t prefix = 0; ///< the address, or the first half of it

  auto operator<=>(const peer_key&) const = default;
};

/// An IPv4 address that IPv6 maps is that address.
peer_key peer_of(const boost::asio::ip::address& address);

/// Of a socket address as text: "127.0.0.1:50000", "[::1]:50000". What is none is one peer.
peer_key peer_of(std::string_view endpoint);

/// The same in words, for what is counted by who it is of: "address 192.0.2.1", "network" and the
/// number of it.
std::string peer_name(std::string_view endpoint);

} // namespace xprober::net
