#include "xprober/probes/icmp/address_choice.hpp"

#include <algorithm>

namespace xprober::icmp {

namespace {

bool is_allowed(const host_address& address, const icmp_config& config) {
  return config.ip_protocol_fallback || address.family == config.preferred_ip_protocol;
}

} // namespace

std::optional<host_address> choose_address(const std::vector<std::string>& addresses,
                                           const lane& via, const way_finder& leads_to,
                                           std::string& problem) {
  std::vector<host_address> usable;
  for (const std::string& text : addresses) {
    auto parsed = parse_target(text);
    if (parsed.kind == target_kind::bad) {
      problem = ": " + parsed.problem;
    } else if (parsed.kind == target_kind::address && is_allowed(parsed.address, via.config)) {
      usable.push_back(parsed.address);
    }
  }
  const bool both = std::ranges::any_of(
      usable, [&](const auto& one) { return one.family != usable.front().family; });
  std::optional<host_address> first;      ///< that there is a socket for, and no way to
  std::optional<ip_family> without_way{}; ///< the last one of that kind
  for (const auto& one : usable) {
    if (!via.endpoint_for(one) || without_way == one.family) {
      continue;
    }
    if (!both || leads_to(one)) {
      return one;
    }
    without_way = one.family;
    first = first ? first : one;
  }
  return first || usable.empty() ? first : std::optional{usable.front()};
}

} // namespace xprober::icmp
