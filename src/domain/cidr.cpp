#include "xprober/domain/cidr.hpp"

#include <algorithm>
#include <charconv>

namespace xprober {

namespace {

/// Longer text can be no target; it is not looked at any further.
constexpr std::size_t max_target_bytes = 8192;

bool is_zone(std::string_view zone) noexcept {
  // An interface name has at most 15 bytes (IFNAMSIZ in net/if.h, less the final 0).
  return !zone.empty() && zone.size() <= 15 && std::all_of(zone.begin(), zone.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != '/' && c != '%';
  });
}

bool is_link_local(const ip_address& address) noexcept {
  return address.v6 && address.bytes[0] == 0xFE && (address.bytes[1] & 0xC0) == 0x80;
}

/// An address with or without a zone.
std::optional<ip_address> parse_scoped_ip(std::string_view text) {
  const auto percent = text.find('%');
  if (percent == text.npos) {
    return parse_ip(text);
  }
  const auto address = parse_ip(text.substr(0, percent));
  if (!address || !is_link_local(*address) || !is_zone(text.substr(percent + 1))) {
    return std::nullopt;
  }
  return address;
}

} // namespace

std::uint64_t ip_block::size() const noexcept {
  const int host_bits = first.bits() - prefix;
  return host_bits >= 64 ? std::numeric_limits<std::uint64_t>::max()
                         : std::uint64_t{1} << host_bits;
}

ip_address ip_block::at(std::uint64_t offset) const noexcept {
  ip_address address = first;
  // A sum with carry from the last byte on.
  std::uint64_t carry = offset;
  for (int i = first.bits() / 8 - 1; i >= 0 && carry != 0; --i) {
    const auto index = static_cast<std::size_t>(i);
    const std::uint64_t sum = (carry & 0xFF) + address.bytes[index];
    address.bytes[index] = static_cast<std::uint8_t>(sum);
    carry = (carry >> 8) + (sum >> 8);
  }
  return address;
}

std::optional<ip_block> parse_block(std::string_view text, std::string& error) {
  const auto slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (slash == text.npos || !address) {
    error = "a block is an address, '/' and a prefix length, as in 10.4.0.0/24";
    return std::nullopt;
  }
  const auto digits = text.substr(slash + 1);
  ip_block block{*address, 0};
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), block.prefix);
  if (digits.empty() || failure != std::errc{} || end != digits.data() + digits.size() ||
      block.prefix < 0 || block.prefix > address->bits()) {
    error = "the prefix length is not a number from 0 to " + std::to_string(address->bits());
    return std::nullopt;
  }
  for (int i = 0; i < address->bits() / 8; ++i) {
    const int kept = std::clamp(block.prefix - i * 8, 0, 8);
    auto& byte = block.first.bytes[static_cast<std::size_t>(i)];
    byte = static_cast<std::uint8_t>(byte & (0xFF00 >> kept));
  }
  return block;
}

std::optional<parsed_target> parse_target(std::string_view text, std::string& error) {
  if (text.empty()) {
    error = "it is empty";
    return std::nullopt;
  }
  if (text.size() > max_target_bytes) {
    error = "it is longer than " + std::to_string(max_target_bytes) + " bytes";
    return std::nullopt;
  }
  if (text.find("://") != text.npos) {
    const auto url = parse_url(text, error);
    if (!url) {
      return std::nullopt;
    }
    if (url->scheme != "http" && url->scheme != "https") {
      error = "the scheme is " + url->scheme + ", allowed are http and https";
      return std::nullopt;
    }
    return parsed_target{target_kind::url, {}};
  }
  if (const auto address = parse_scoped_ip(text)) {
    return parsed_target{target_kind::address, {*address, address->bits()}};
  }
  if (text.find('/') != text.npos) {
    const auto block = parse_block(text, error);
    return block ? std::optional{parsed_target{target_kind::block, *block}} : std::nullopt;
  }
  if (is_host_name(text) || is_international_name(text)) {
    return parsed_target{target_kind::host_name, {}};
  }
  error = "it is no address, CIDR block or host name";
  return std::nullopt;
}

} // namespace xprober
