#include "xprober/probes/icmp/address_limits.hpp"

#include <utility>

namespace xprober::icmp {

namespace {

ip_address without_zone(const host_address& address) {
  return {address.bytes, address.family == ip_family::ip6};
}

} // namespace

template <class Judge>
std::string address_limits::first_refusal(Judge judge) const {
  for (const auto* limits : {of_all, of_asker}) {
    auto why = limits != nullptr ? judge(*limits) : std::string{};
    if (!why.empty()) {
      return why;
    }
  }
  return {};
}

std::string address_limits::refusal_of(const parsed_target& target) const {
  return first_refusal([&](const target_limits& limits) {
    return target.kind == target_kind::name ? limits.refusal_of_name(target.host)
                                            : limits.refusal_of({}, without_zone(target.address));
  });
}

std::string address_limits::keep_allowed(const std::string& host,
                                         std::vector<std::string>& addresses) const {
  std::string last;
  std::erase_if(addresses, [&](const std::string& text) {
    const auto address = parse_ip(text.substr(0, text.find('%')));
    const auto judge = [&](const target_limits& limits) {
      return limits.refusal_of(host, *address);
    };
    auto why = address ? first_refusal(judge) : std::string{};
    if (why.empty()) {
      return false;
    }
    last = std::move(why);
    return true;
  });
  return addresses.empty() ? last : std::string{};
}

} // namespace xprober::icmp
