#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace simnet {

/// An IPv4 or IPv6 address in network order; of IPv4 the first four bytes count, the rest are 0.
struct address {
  bool ip6 = false;
  std::array<std::uint8_t, 16> bytes{};

  std::size_t size() const noexcept { return ip6 ? 16 : 4; }

  /// `from` has 4 or 16 bytes.
  static address of(std::span<const std::uint8_t> from) noexcept;

  auto operator<=>(const address&) const = default;
};

std::optional<address> parse_address(const std::string& text);
std::string to_string(const address& a);

/// All addresses that share the first `bits` bits with `base`.
struct block {
  address base;
  unsigned bits = 0;

  bool contains(const address& a) const noexcept;
};

/// "10.1.0.0/16", "fd00::/64", or an address alone for a block of one.
std::optional<block> parse_block(const std::string& text);

struct address_hash {
  std::size_t operator()(const address& a) const noexcept;
};

} // namespace simnet
