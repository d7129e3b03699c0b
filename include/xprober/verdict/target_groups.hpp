#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/cidr.hpp"
#include "xprober/verdict/counted_names.hpp"

namespace xprober {

/// The prefixes that a target's neighbours share, the narrower one first: /24 and /16 of an IPv4
/// address, /48 (what a site is given, RFC 6177) and /32 (what a provider is given) of an IPv6
/// address. The address may stand alone, with a port or in a URL; nothing for a name.
std::vector<ip_block> neighbour_prefixes(std::string_view target);

/// The groups that targets can fail in together, numbered from 0: labels, as "name=value", and
/// prefixes, as "192.0.2.0/24". A group goes with its last target.
class target_groups {
public:
  using label = std::pair<std::string, std::string>;

  /// Some 20 MB of names. What would be one more is no group: a label that is another one for each
  /// target groups nothing.
  static constexpr std::size_t most_groups = 100'000;

  /// The numbers of the groups of a target, which is in them until it is released.
  std::vector<std::uint32_t> acquire(std::string_view target, std::span<const label> labels);
  void release(std::span<const std::uint32_t> groups);

  const std::string& text(std::uint32_t group) const { return texts_[group]; }
  std::size_t size() const noexcept { return texts_.size(); }

private:
  void add(const std::string& text, std::vector<std::uint32_t>& to);

  counted_names texts_;
};

} // namespace xprober
