#include "xprober/config/identity.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "xprober/config/problem.hpp"
#include "xprober/domain/ascii.hpp"

namespace xprober::config {

namespace {

bool is_loopback_v4(const ip_address& address) noexcept {
  return !address.v6 && address.bytes[0] == 127;
}

/// The IPv4 addresses of all interfaces in the kernel's order; `errno` on failure.
int read_interfaces(std::vector<interface_address>& out) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) {
    return errno;
  }
  for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr || i->ifa_addr->sa_family != AF_INET) {
      continue;
    }
    sockaddr_in socket_address{};
    std::memcpy(&socket_address, i->ifa_addr, sizeof(socket_address));
    interface_address found;
    std::memcpy(found.address.bytes.data(), &socket_address.sin_addr, 4);
    found.up = (i->ifa_flags & IFF_UP) != 0;
    found.loopback = (i->ifa_flags & IFF_LOOPBACK) != 0;
    out.push_back(found);
  }
  ::freeifaddrs(list);
  return 0;
}

} // namespace

found_text pick_address(std::span<const interface_address> addresses) {
  const auto found =
      std::find_if(addresses.begin(), addresses.end(), [](const interface_address& candidate) {
        return candidate.up && !candidate.loopback && !candidate.address.v6 &&
               !is_loopback_v4(candidate.address);
      });
  if (found != addresses.end()) {
    return {to_string(found->address), {}};
  }
  return {{},
          "no interface of this machine is up and has an IPv4 address that is not a loopback "
          "address; set local_ip to the address by which others reach this agent"};
}

found_text local_address(std::string_view configured) {
  if (!configured.empty()) {
    const auto address = parse_ip(configured);
    return address ? found_text{to_string(*address), {}}
                   : found_text{{},
                                "local_ip is " + in_quotes(configured) +
                                    ", which is not an address; set it to a numeric IPv4 or IPv6 "
                                    "address, or leave it empty"};
  }
  std::vector<interface_address> addresses;
  if (const int error = read_interfaces(addresses); error != 0) {
    return {{},
            "the addresses of this machine cannot be read: " +
                std::generic_category().message(error) + "; set local_ip"};
  }
  return pick_address(addresses);
}

found_text region_of_zone(std::string_view zone) {
  const auto whole = zone;
  while (!zone.empty() && (zone.back() == '\n' || zone.back() == '\r' || zone.back() == ' ')) {
    zone.remove_suffix(1);
  }
  const bool plain = std::all_of(zone.begin(), zone.end(), [](char c) {
    return ascii::is_small_letter(c) || ascii::is_digit(c) || c == '-';
  });
  if (!plain || zone.size() < 3 || zone.size() > 64 || !ascii::is_small_letter(zone.back()) ||
      !ascii::is_digit(zone[zone.size() - 2])) {
    return {{}, in_quotes(whole) + " is not the name of a zone such as us-east-1a"};
  }
  return {std::string{zone.substr(0, zone.size() - 1)}, {}};
}

} // namespace xprober::config
