#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/probes/icmp/echo_tag.hpp"
#include "xprober/probes/icmp/host_address.hpp"

namespace xprober::icmp {

/// Bytes of an ICMP echo header: type, code, checksum, identifier, sequence (RFC 792, RFC 4443).
inline constexpr std::size_t echo_header_size = 8;
/// Header and tag: the part of an echo that differs from one to the next.
inline constexpr std::size_t echo_head_size = echo_header_size + echo_tag_size;

inline constexpr std::uint8_t echo_request4 = 8;
inline constexpr std::uint8_t echo_reply4 = 0;
inline constexpr std::uint8_t echo_request6 = 128;
inline constexpr std::uint8_t echo_reply6 = 129;

/// The running sum of RFC 1071 over `data`, which starts at an even offset of the message.
std::uint64_t checksum_add(std::span<const std::uint8_t> data, std::uint64_t sum = 0) noexcept;
/// Folds a running sum to the checksum, in the byte order in which it is stored.
std::uint16_t checksum_finish(std::uint64_t sum) noexcept;

/// What follows the tag in every echo of one size: a byte pattern, and its part of the checksum.
struct echo_filler {
  std::vector<std::uint8_t> bytes;
  std::uint64_t sum = 0;
};

/// The filler of echoes of `payload_size` bytes (tag included, so at least `echo_tag_size`).
echo_filler make_filler(std::size_t payload_size);

/// Writes an IPv4 echo request's first `echo_head_size` bytes, with the checksum over head and
/// filler. For IPv6 and for datagram sockets the kernel fills in the checksum itself.
void write_echo_head(ip_family family, std::uint16_t id, std::uint16_t sequence,
                     const tag_signer& signer, const echo_tag& tag, std::uint64_t filler_sum,
                     std::span<std::uint8_t, echo_head_size> out) noexcept;

/// True if `payload` (tag included) has the filler's bytes, as far as it goes: some hosts answer
/// long echoes with less than they got.
bool has_filler(std::span<const std::uint8_t> payload, const echo_filler& filler) noexcept;

/// True if the checksum of an ICMP message is right (RFC 1071); for IPv4, where it covers the
/// message alone.
bool checksum_holds(std::span<const std::uint8_t> message) noexcept;

/// The fields of an echo packet, host byte order.
struct echo_view {
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  std::span<const std::uint8_t> payload; ///< as much as there is
};

/// Reads an echo reply that starts at its ICMP header; nothing for anything else.
std::optional<echo_view> parse_reply(ip_family family,
                                     std::span<const std::uint8_t> packet) noexcept;

/// Reads an echo request as an ICMP error quotes it, from its ICMP header on. Routers may cut the
/// quotation after the 8 bytes of the header (RFC 792).
std::optional<echo_view> parse_quoted_request(ip_family family,
                                              std::span<const std::uint8_t> quoted) noexcept;

/// Finds the tag of one of our echo requests in a packet with the headers of its device and of IP
/// before it.
std::optional<echo_tag> find_request_tag(ip_family family, const tag_signer& signer,
                                         std::span<const std::uint8_t> packet) noexcept;

/// An IPv4 packet as a raw socket delivers it: the source and what follows the IP header.
struct ip4_view {
  host_address source;
  std::span<const std::uint8_t> body;
  std::uint8_t ttl = 0;
};
std::optional<ip4_view> parse_ip4(std::span<const std::uint8_t> packet) noexcept;

} // namespace xprober::icmp
