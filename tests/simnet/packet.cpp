#include "simnet/packet.hpp"

#include <algorithm>

namespace simnet {

namespace {

constexpr std::size_t ip4_header_size = 20;
constexpr std::size_t ip6_header_size = 40;
constexpr std::uint8_t protocol4 = 1;
constexpr std::uint8_t protocol6 = 58;
/// Smallest packets that every path carries: what an error may quote is cut there (RFC 1812,
/// section 4.3.2.3; RFC 4443, section 3.1).
constexpr std::size_t error_size4 = 576;
constexpr std::size_t error_size6 = 1280;

std::uint16_t load16(const std::uint8_t* at) noexcept {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

void store16(std::uint8_t* at, std::size_t value) noexcept {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

std::size_t header_size(const bytes& own) {
  return own[0] >> 4 == 6 ? ip6_header_size : ip4_header_size;
}

address source_of(const bytes& own) {
  return own[0] >> 4 == 6 ? address::of(byte_view(own).subspan(8, 16))
                          : address::of(byte_view(own).subspan(12, 4));
}

address destination_of(const bytes& own) {
  return own[0] >> 4 == 6 ? address::of(byte_view(own).subspan(24, 16))
                          : address::of(byte_view(own).subspan(16, 4));
}

/// Writes an IP header in front of the ICMP message that `out` has from there on.
void write_header(const address& from, const address& to, std::uint8_t traffic_class,
                  std::uint8_t ttl, bytes& out) {
  std::uint8_t* h = out.data();
  if (from.ip6) {
    std::fill_n(h, ip6_header_size, std::uint8_t{0});
    h[0] = static_cast<std::uint8_t>(0x60 | traffic_class >> 4);
    h[1] = static_cast<std::uint8_t>(traffic_class << 4);
    store16(h + 4, out.size() - ip6_header_size);
    h[6] = protocol6;
    h[7] = ttl;
    std::copy_n(from.bytes.begin(), 16, h + 8);
    std::copy_n(to.bytes.begin(), 16, h + 24);
    return;
  }
  std::fill_n(h, ip4_header_size, std::uint8_t{0});
  h[0] = 0x45;
  h[1] = traffic_class;
  store16(h + 2, out.size());
  store16(h + 6, 0x4000); // may not be fragmented: no identification is needed then (RFC 6864)
  h[8] = ttl;
  h[9] = protocol4;
  std::copy_n(from.bytes.begin(), 4, h + 12);
  std::copy_n(to.bytes.begin(), 4, h + 16);
  store16(h + 10, checksum({h, ip4_header_size}));
}

/// Makes the ICMP checksum right again.
void write_checksum(bytes& own) {
  const std::size_t header = header_size(own);
  const std::size_t length = own.size() - header;
  const std::uint32_t pseudo =
      header == ip6_header_size ? pseudo_sum(source_of(own), destination_of(own), length) : 0;
  store16(&own[header + 2], 0);
  store16(&own[header + 2], checksum(byte_view(own).subspan(header), pseudo));
}

std::optional<echo_request> parse4(byte_view packet) noexcept {
  if (packet.size() < ip4_header_size) {
    return std::nullopt;
  }
  const std::size_t header = (packet[0] & 0xFU) * std::size_t{4};
  const std::size_t total = load16(&packet[2]);
  const bool fragment = (load16(&packet[6]) & 0x3FFF) != 0;
  if (header < ip4_header_size || total > packet.size() || total < header + icmp_header_size ||
      fragment || packet[9] != protocol4 || checksum(packet.first(header)) != 0) {
    return std::nullopt;
  }
  echo_request r;
  r.from = address::of(packet.subspan(12, 4));
  r.to = address::of(packet.subspan(16, 4));
  r.traffic_class = packet[1];
  r.packet = packet.first(total);
  r.ip_header = header;
  r.echo = r.packet.subspan(header);
  if (r.echo[0] != 8 || r.echo[1] != 0 || checksum(r.echo) != 0) {
    return std::nullopt;
  }
  return r;
}

std::optional<echo_request> parse6(byte_view packet) noexcept {
  if (packet.size() < ip6_header_size + icmp_header_size || packet[6] != protocol6) {
    return std::nullopt;
  }
  const std::size_t length = load16(&packet[4]);
  if (length < icmp_header_size || ip6_header_size + length > packet.size()) {
    return std::nullopt;
  }
  echo_request r;
  r.from = address::of(packet.subspan(8, 16));
  r.to = address::of(packet.subspan(24, 16));
  r.traffic_class = static_cast<std::uint8_t>(packet[0] << 4 | packet[1] >> 4);
  r.packet = packet.first(ip6_header_size + length);
  r.ip_header = ip6_header_size;
  r.echo = r.packet.subspan(ip6_header_size);
  if (r.echo[0] != 128 || r.echo[1] != 0 ||
      checksum(r.echo, pseudo_sum(r.from, r.to, length)) != 0) {
    return std::nullopt;
  }
  return r;
}

} // namespace

std::optional<echo_request> parse_request(byte_view packet) noexcept {
  if (packet.empty()) {
    return std::nullopt;
  }
  switch (packet[0] >> 4) {
  case 4: return parse4(packet);
  case 6: return parse6(packet);
  default: return std::nullopt;
  }
}

std::uint16_t checksum(byte_view data, std::uint32_t sum) noexcept {
  std::uint64_t total = sum;
  std::size_t i = 0;
  for (; i + 1 < data.size(); i += 2) {
    total += load16(&data[i]);
  }
  if (i < data.size()) {
    total += static_cast<std::uint64_t>(data[i]) << 8;
  }
  while (total > 0xFFFF) {
    total = (total & 0xFFFF) + (total >> 16);
  }
  return static_cast<std::uint16_t>(~total);
}

std::uint32_t pseudo_sum(const address& from, const address& to, std::size_t length) noexcept {
  auto sum = static_cast<std::uint32_t>(length) + protocol6;
  for (std::size_t i = 0; i < 16; i += 2) {
    sum += load16(&from.bytes[i]);
    sum += load16(&to.bytes[i]);
  }
  return sum;
}

void build_reply(const echo_request& request, std::uint8_t ttl, bytes& out) {
  const bool ip6 = request.to.ip6;
  const std::size_t header = ip6 ? ip6_header_size : ip4_header_size;
  out.resize(header + request.echo.size());
  std::copy(request.echo.begin(), request.echo.end(),
            out.begin() + static_cast<std::ptrdiff_t>(header));
  out[header] = ip6 ? 129 : 0;
  write_header(request.to, request.from, request.traffic_class, ttl, out);
  write_checksum(out);
}

void build_error(const echo_request& request, const error_rule& how, std::uint8_t ttl, bytes& out) {
  const bool ip6 = request.to.ip6;
  const std::size_t header = ip6 ? ip6_header_size : ip4_header_size;
  const std::size_t most = (ip6 ? error_size6 : error_size4) - header - icmp_header_size;
  const std::size_t wanted = how.quote_all ? most : request.ip_header + 8;
  const byte_view quoted = request.packet.first(std::min(wanted, request.packet.size()));
  out.assign(header + icmp_header_size, 0);
  out[header] = how.type;
  out[header + 1] = how.code;
  store16(&out[header + 6], how.mtu); // its upper half, of IPv6 alone, stays 0
  out.insert(out.end(), quoted.begin(), quoted.end());
  write_header(how.from, request.from, 0, ttl, out);
  write_checksum(out);
}

void change_source(bytes& reply, const address& from) {
  // The header keeps its fields; only IPv4 has a checksum of its own.
  const bool ip6 = from.ip6;
  std::copy_n(from.bytes.begin(), from.size(), reply.begin() + (ip6 ? 8 : 12));
  if (!ip6) {
    store16(&reply[10], 0);
    store16(&reply[10], checksum(byte_view(reply).first(ip4_header_size)));
  }
  write_checksum(reply);
}

void change_id(bytes& reply) {
  std::uint8_t* id = &reply[header_size(reply) + 4];
  store16(id, load16(id) ^ 0x5555U);
  write_checksum(reply);
}

void corrupt_payload(bytes& reply, std::size_t offset, bool right_checksum) {
  const std::size_t begin = header_size(reply) + icmp_header_size;
  if (reply.size() == begin) {
    return; // nothing to change
  }
  reply[begin + offset % (reply.size() - begin)] ^= 0x5A;
  if (right_checksum) {
    write_checksum(reply);
  }
}

} // namespace simnet
