#include "xprober/domain/cidr.hpp"

#include <algorithm>
#include <charconv>

namespace xprober {

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

bool ip_block::contains(const ip_address& address) const noexcept {
  if (address.v6 != first.v6) {
    return false;
  }
  for (int i = 0; i * 8 < prefix; ++i) {
    const int kept = std::min(prefix - i * 8, 8);
    const auto place = static_cast<std::size_t>(i);
    const unsigned differing = address.bytes[place] ^ first.bytes[place];
    if (((differing >> (8 - kept)) & 0xFFU) != 0) {
      return false;
    }
  }
  return true;
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

} // namespace xprober
