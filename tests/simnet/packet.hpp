#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "simnet/address.hpp"
#include "simnet/rules.hpp"

namespace simnet {

using bytes = std::vector<std::uint8_t>;
using byte_view = std::span<const std::uint8_t>;

inline constexpr std::size_t icmp_header_size = 8;

/// An echo request, and the packet it came in; views of the bytes that were parsed.
struct echo_request {
  address from;
  address to;
  std::uint8_t traffic_class = 0;
  byte_view packet;          ///< all of it
  std::size_t ip_header = 0; ///< bytes of the IP header
  byte_view echo;            ///< ICMP header and payload

  byte_view payload() const noexcept { return echo.subspan(icmp_header_size); }
};

/// The echo request in an IP packet; nothing for other packets, fragments (which are not put
/// together here) and packets with a wrong checksum.
std::optional<echo_request> parse_request(byte_view packet) noexcept;

/// The internet checksum of RFC 1071 over `data`, beginning with the words of `sum`.
std::uint16_t checksum(byte_view data, std::uint32_t sum = 0) noexcept;

/// The sum of IPv6's pseudo-header (RFC 8200, section 8.1) for an ICMPv6 message of `length`.
std::uint32_t pseudo_sum(const address& from, const address& to, std::size_t length) noexcept;

/// Writes the reply to `request`, with its payload, into `out`.
void build_reply(const echo_request& request, std::uint8_t ttl, bytes& out);

/// Writes the ICMP error that `how` describes about `request` into `out`.
void build_error(const echo_request& request, const error_rule& how, std::uint8_t ttl, bytes& out);

// Changes of a reply that build_reply made.

/// The reply comes from another address.
void change_source(bytes& reply, const address& from);
/// The reply has an identifier that the request had not.
void change_id(bytes& reply);
/// One byte of the payload differs, the one at `offset` modulo its size.
void corrupt_payload(bytes& reply, std::size_t offset, bool right_checksum);

} // namespace simnet
