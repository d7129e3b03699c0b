#include "xprober/verdict/target_groups.hpp"

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

} // namespace

std::optional<ip_block> neighbour_prefix(std::string_view target) {
  const auto address = parse_ip(host_of_target(target));
  if (!address) {
    return std::nullopt;
  }
  ip_block block{*address, address->v6 ? 48 : 24};
  for (auto i = static_cast<std::size_t>(block.prefix / 8); i < block.first.bytes.size(); ++i) {
    block.first.bytes[i] = 0;
  }
  return block;
}

std::uint32_t target_groups::number_of(std::string text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) {
    return found->second;
  }
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(text);
  numbers_.emplace(std::move(text), number);
  return number;
}

std::vector<std::uint32_t> target_groups::groups_of(std::string_view target,
                                                    std::span<const label> labels) {
  std::vector<std::uint32_t> groups;
  for (const auto& [name, value] : labels) {
    auto text = name;
    text += '=';
    text += value;
    groups.push_back(number_of(std::move(text)));
  }
  if (const auto prefix = neighbour_prefix(target)) {
    groups.push_back(number_of(block_text(*prefix)));
  }
  return groups;
}

} // namespace xprober
