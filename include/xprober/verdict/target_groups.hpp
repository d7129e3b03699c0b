#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/cidr.hpp"

namespace xprober {

/// The prefix that a target's neighbours share: /24 of an IPv4 address, /48 of an IPv6 address
/// (what a site is given, RFC 6177). The address may stand alone, with a port or in a URL; nothing
/// for a name.
std::optional<ip_block> neighbour_prefix(std::string_view target);

/// The groups that targets can fail in together, numbered from 0: labels, as "name=value", and
/// prefixes, as "192.0.2.0/24".
class target_groups {
public:
  using label = std::pair<std::string, std::string>;

  /// The numbers of the groups of a target.
  std::vector<std::uint32_t> groups_of(std::string_view target, std::span<const label> labels);

  const std::string& text(std::uint32_t group) const { return texts_[group]; }
  std::size_t size() const noexcept { return texts_.size(); }

private:
  std::uint32_t number_of(std::string text);

  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::string> texts_;
};

} // namespace xprober
