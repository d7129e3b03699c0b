#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "simnet/packet.hpp"

namespace simnet::test {

/// RFC 1071 as it is written down, over the bytes from `begin` on: 0xFFFF where the checksum in
/// them is right.
inline std::uint16_t plain_sum(const bytes& packet, std::size_t begin, std::size_t end,
                               std::uint32_t sum = 0) {
  for (std::size_t i = begin; i < end; i += 2) {
    sum += static_cast<std::uint32_t>(packet[i] << 8 | (i + 1 < end ? packet[i + 1] : 0));
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(sum);
}

inline bool is_ip6(const bytes& packet) { return packet[0] >> 4 == 6; }
inline std::size_t header_of(const bytes& packet) { return is_ip6(packet) ? 40 : 20; }

/// The sum of the ICMP message with its pseudo-header: 0xFFFF where its checksum is right.
inline std::uint16_t icmp_sum(const bytes& packet) {
  const std::size_t header = header_of(packet);
  std::uint32_t sum = 0;
  if (is_ip6(packet)) {
    sum = plain_sum(packet, 8, 40) + static_cast<std::uint32_t>(packet.size() - header) + 58;
  }
  return plain_sum(packet, header, packet.size(), sum);
}

inline void store16(bytes& packet, std::size_t at, std::uint32_t value) {
  packet[at] = static_cast<std::uint8_t>(value >> 8);
  packet[at + 1] = static_cast<std::uint8_t>(value);
}

inline void fix_checksums(bytes& packet) {
  const std::size_t header = header_of(packet);
  if (!is_ip6(packet)) {
    store16(packet, 10, 0);
    store16(packet, 10, static_cast<std::uint16_t>(~plain_sum(packet, 0, header)));
  }
  store16(packet, header + 2, 0);
  store16(packet, header + 2, static_cast<std::uint16_t>(~icmp_sum(packet)));
}

/// An echo request with the identifier 0xBEEF, the sequence number 7 and a payload of 0, 1, 2, …
inline bytes make_request(const std::string& from, const std::string& to, std::size_t payload) {
  const address source = *parse_address(from);
  const address destination = *parse_address(to);
  const std::size_t header = source.ip6 ? 40 : 20;
  bytes p(header + 8 + payload);
  if (source.ip6) {
    p[0] = 0x60;
    store16(p, 4, static_cast<std::uint32_t>(8 + payload));
    p[6] = 58;
    p[7] = 61;
    std::copy_n(source.bytes.begin(), 16, p.begin() + 8);
    std::copy_n(destination.bytes.begin(), 16, p.begin() + 24);
  } else {
    p[0] = 0x45;
    store16(p, 2, static_cast<std::uint32_t>(p.size()));
    p[8] = 61;
    p[9] = 1;
    std::copy_n(source.bytes.begin(), 4, p.begin() + 12);
    std::copy_n(destination.bytes.begin(), 4, p.begin() + 16);
  }
  p[header] = source.ip6 ? 128 : 8;
  store16(p, header + 4, 0xBEEF);
  store16(p, header + 6, 7);
  for (std::size_t i = 0; i < payload; ++i) {
    p[header + 8 + i] = static_cast<std::uint8_t>(i);
  }
  fix_checksums(p);
  return p;
}

inline address source_of(const bytes& p) {
  return is_ip6(p) ? address::of(byte_view(p).subspan(8, 16))
                   : address::of(byte_view(p).subspan(12, 4));
}

inline address destination_of(const bytes& p) {
  return is_ip6(p) ? address::of(byte_view(p).subspan(24, 16))
                   : address::of(byte_view(p).subspan(16, 4));
}

} // namespace simnet::test
