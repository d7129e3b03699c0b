#include "xprober/probes/icmp/packet.hpp"

#include <cstring>

namespace xprober::icmp {

namespace {

constexpr std::size_t checksum_offset = 2;
constexpr std::size_t id_offset = 4;
constexpr std::size_t sequence_offset = 6;

std::uint16_t load16(const std::uint8_t* at) noexcept {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

void store16(std::uint8_t* at, std::uint16_t value) noexcept {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

std::optional<echo_view> parse_echo(std::uint8_t type,
                                    std::span<const std::uint8_t> packet) noexcept {
  if (packet.size() < echo_header_size || packet[0] != type || packet[1] != 0) {
    return std::nullopt;
  }
  return echo_view{load16(&packet[id_offset]), load16(&packet[sequence_offset]),
                   packet.subspan(echo_header_size)};
}

} // namespace

std::uint64_t checksum_add(std::span<const std::uint8_t> data, std::uint64_t sum) noexcept {
  // Ones' complement addition does not care for the width of the words (RFC 1071, section 2).
  while (data.size() >= 4) {
    std::uint32_t word;
    std::memcpy(&word, data.data(), 4);
    sum += word;
    data = data.subspan(4);
  }
  if (!data.empty()) {
    std::uint32_t word = 0;
    std::memcpy(&word, data.data(), data.size());
    sum += word;
  }
  return sum;
}

std::uint16_t checksum_finish(std::uint64_t sum) noexcept {
  while (sum > 0xFFFF) {
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

echo_filler make_filler(std::size_t payload_size) {
  echo_filler filler;
  if (payload_size > echo_tag_size) {
    filler.bytes.resize(payload_size - echo_tag_size);
    for (std::size_t i = 0; i < filler.bytes.size(); ++i) {
      filler.bytes[i] = static_cast<std::uint8_t>(echo_tag_size + i);
    }
  }
  filler.sum = checksum_add(filler.bytes);
  return filler;
}

void write_echo_head(ip_family family, std::uint16_t id, std::uint16_t sequence,
                     const tag_signer& signer, const echo_tag& tag, std::uint64_t filler_sum,
                     std::span<std::uint8_t, echo_head_size> out) noexcept {
  out[0] = family == ip_family::ip4 ? echo_request4 : echo_request6;
  out[1] = 0;
  out[2] = 0;
  out[3] = 0;
  store16(&out[id_offset], id);
  store16(&out[sequence_offset], sequence);
  signer.write(tag, out.subspan<echo_header_size, echo_tag_size>());
  if (family == ip_family::ip4) {
    const std::uint16_t checksum = checksum_finish(checksum_add(out, filler_sum));
    std::memcpy(&out[checksum_offset], &checksum, sizeof(checksum));
  }
}

std::optional<echo_view> parse_reply(ip_family family,
                                     std::span<const std::uint8_t> packet) noexcept {
  return parse_echo(family == ip_family::ip4 ? echo_reply4 : echo_reply6, packet);
}

std::optional<echo_view> parse_quoted_request(ip_family family,
                                              std::span<const std::uint8_t> quoted) noexcept {
  return parse_echo(family == ip_family::ip4 ? echo_request4 : echo_request6, quoted);
}

std::optional<echo_tag> find_request_tag(ip_family family, const tag_signer& signer,
                                         std::span<const std::uint8_t> packet) noexcept {
  // A device's header has 14 bytes mostly, none on tunnels, and more with tags and the like.
  constexpr std::size_t longest = 64;
  const bool ip4 = family == ip_family::ip4;
  const std::size_t ip_size = ip4 ? 20 : 40;
  const std::uint8_t version = ip4 ? 4 : 6;
  for (std::size_t at = 0; at <= longest; ++at) {
    if (packet.size() < at + ip_size + echo_head_size) {
      break;
    }
    const auto body = packet.subspan(at + ip_size);
    if (packet[at] >> 4 != version || body[0] != (ip4 ? echo_request4 : echo_request6)) {
      continue;
    }
    if (const auto tag = signer.read(body.subspan(echo_header_size))) {
      return tag;
    }
  }
  return std::nullopt;
}

bool has_filler(std::span<const std::uint8_t> payload, const echo_filler& filler) noexcept {
  if (payload.size() < echo_tag_size) {
    return false;
  }
  const auto got = payload.subspan(echo_tag_size);
  return got.size() <= filler.bytes.size() &&
         (got.empty() || std::memcmp(got.data(), filler.bytes.data(), got.size()) == 0);
}

bool checksum_holds(std::span<const std::uint8_t> message) noexcept {
  return checksum_finish(checksum_add(message)) == 0;
}

std::optional<ip4_view> parse_ip4(std::span<const std::uint8_t> packet) noexcept {
  constexpr std::size_t smallest = 20;
  constexpr std::size_t ttl_offset = 8;
  constexpr std::size_t source_offset = 12;
  if (packet.size() < smallest || packet[0] >> 4 != 4) {
    return std::nullopt;
  }
  const std::size_t header = (packet[0] & 0xFU) * std::size_t{4};
  if (header < smallest || header > packet.size()) {
    return std::nullopt;
  }
  return ip4_view{ip4_address(&packet[source_offset]), packet.subspan(header), packet[ttl_offset]};
}

} // namespace xprober::icmp
