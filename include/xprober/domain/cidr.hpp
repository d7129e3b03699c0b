#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/address.hpp"

namespace xprober {

/// A CIDR block (RFC 4632): the addresses that share the first `prefix` bits of `first`. It stands
/// for every address in it, those that a network keeps for itself and for broadcast included.
struct ip_block {
  ip_address first; ///< the bits after the prefix are 0
  int prefix = 32;  ///< 0 to 32, or to 128

  /// How many addresses there are; the largest value where there are more.
  std::uint64_t size() const noexcept;

  /// The address `offset` places after the first, `offset` below `size()`.
  ip_address at(std::uint64_t offset) const noexcept;

  /// True for an address of the block's family in it.
  bool contains(const ip_address& address) const noexcept;

  bool operator==(const ip_block&) const = default;
};

/// Reads "10.4.0.0/24" or "2001:db8::/120". Bits after the prefix are cleared, as most tools do:
/// "10.4.0.7/24" is the same block. On failure `error` says what is wrong.
std::optional<ip_block> parse_block(std::string_view text, std::string& error);

/// Calls `visit(const ip_address&)` for the addresses of the block in order, at most `limit` of
/// them; returns how many were visited.
template <class Visitor>
std::uint64_t for_each_address(const ip_block& block, std::uint64_t limit, Visitor&& visit) {
  const std::uint64_t count = block.size() < limit ? block.size() : limit;
  for (std::uint64_t i = 0; i < count; ++i) {
    visit(block.at(i));
  }
  return count;
}

} // namespace xprober
