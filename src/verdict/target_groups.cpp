#include "xprober/verdict/target_groups.hpp"

#include <algorithm>

#include "xprober/domain/address.hpp"

namespace xprober {

namespace {

/// The host of "host", "host:port", "host/path" or a URL, without brackets.
std::string host_of_target(std::string_view target) {
  std::string error;
  if (scheme_prefix(target) > 0) {
    const auto url = parse_url(target, error);
    return url ? url->host : std::string{};
  }
  target = target.substr(0, target.find('/')); // a URL without its scheme
  if (parse_ip(target)) {
    return std::string{target};
  }
  const auto address = parse_host_port(target, error);
  return address ? address->host : std::string{target};
}

std::string block_text(const ip_block& block) {
  return to_string(block.first) + "/" + std::to_string(block.prefix);
}

ip_block block_of(const ip_address& address, int prefix) {
  ip_block block{address, prefix};
  for (auto i = static_cast<std::size_t>(prefix / 8); i < block.first.bytes.size(); ++i) {
    block.first.bytes[i] = 0;
  }
  return block;
}

} // namespace

std::vector<ip_block> neighbour_prefixes(std::string_view target) {
  const auto address = parse_ip(host_of_target(target));
  if (!address) {
    return {};
  }
  return {block_of(*address, address->v6 ? 48 : 24), block_of(*address, address->v6 ? 32 : 16)};
}

/// A target may say the same twice: it is in a group once.
void target_groups::add(const std::string& text, std::vector<std::uint32_t>& to) {
  const auto known = texts_.find(text);
  if (known ? std::ranges::find(to, *known) == to.end() : texts_.size() < most_groups) {
    to.push_back(texts_.acquire(text));
  }
}

std::vector<std::uint32_t> target_groups::acquire(std::string_view target,
                                                  std::span<const label> labels) {
  std::vector<std::uint32_t> groups;
  for (const auto& [name, value] : labels) {
    auto text = name;
    text += '=';
    text += value;
    add(text, groups);
  }
  for (const auto& prefix : neighbour_prefixes(target)) {
    add(block_text(prefix), groups);
  }
  return groups;
}

void target_groups::release(std::span<const std::uint32_t> groups) {
  for (const auto group : groups) {
    texts_.release(group);
  }
}

} // namespace xprober
