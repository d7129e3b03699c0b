#include "xprober/probes/neighbour_table.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <linux/neighbour.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xprober/probes/netlink.hpp"

namespace xprober {

namespace {

unsigned char number_of(ip_family family) noexcept {
  return family == ip_family::ip4 ? AF_INET : AF_INET6;
}

/// Where packets to an address go next.
struct next_hop {
  ip_address address;
  std::uint32_t interface = 0;
};

ip_address address_of(std::string_view bytes) noexcept {
  ip_address address;
  address.v6 = bytes.size() == address.bytes.size();
  std::memcpy(address.bytes.data(), bytes.data(), std::min(bytes.size(), address.bytes.size()));
  return address;
}

std::size_t bytes_of(const ip_address& address) noexcept { return address.v6 ? 16 : 4; }

/// Nothing where there is no way, or it ends on this machine.
std::optional<next_hop> find_next_hop(const ip_address& to, std::uint32_t interface) noexcept {
  rtmsg wanted{};
  wanted.rtm_family = to.v6 ? AF_INET6 : AF_INET;
  wanted.rtm_dst_len = static_cast<unsigned char>(to.bits());
  netlink_question route{RTM_GETROUTE, 0, wanted};
  route.add(RTA_DST, to.bytes.data(), bytes_of(to));
  if (interface != 0) {
    route.add(RTA_OIF, &interface, sizeof interface);
  }
  if (!route.ask()) {
    return std::nullopt;
  }
  const auto found = route.body<rtmsg>();
  const auto out = route.value<rtmsg, std::uint32_t>(RTA_OIF);
  if (!found || found->rtm_type != RTN_UNICAST || !out) {
    return std::nullopt;
  }
  if (const auto gateway = route.attribute<rtmsg>(RTA_GATEWAY); !gateway.empty()) {
    return next_hop{address_of(gateway), *out};
  }
  // IPv4 by way of an IPv6 gateway: two bytes of its family first.
  if (const auto via = route.attribute<rtmsg>(RTA_VIA); via.size() > 2) {
    return next_hop{address_of(via.substr(2)), *out};
  }
  return next_hop{to, *out};
}

/// False for tunnels, point-to-point links and the loopback interface.
bool has_neighbours(std::uint32_t interface) noexcept {
  ifreq asked{};
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return false;
  }
  const bool told = ::if_indextoname(interface, asked.ifr_name) != nullptr &&
                    ::ioctl(fd, SIOCGIFFLAGS, &asked) == 0;
  ::close(fd);
  return told && (asked.ifr_flags & (IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP)) == 0;
}

} // namespace

std::optional<neighbour_table> read_neighbour_table(ip_family family) noexcept {
  rtgenmsg wanted{};
  wanted.rtgen_family = number_of(family);
  // The table comes first; its devices, of which there may be thousands, are not read.
  netlink_question tables{RTM_GETNEIGHTBL, NLM_F_DUMP, wanted};
  if (!tables.ask() || tables.type() != RTM_NEWNEIGHTBL) {
    return std::nullopt;
  }
  neighbour_table table;
  table.limit = tables.value<ndtmsg, std::uint32_t>(NDTA_THRESH3).value_or(0);
  table.entries = tables.value<ndtmsg, ndt_config>(NDTA_CONFIG).value_or(ndt_config{}).ndtc_entries;
  table.refusals =
      tables.value<ndtmsg, ndt_stats>(NDTA_STATS).value_or(ndt_stats{}).ndts_table_fulls;
  return table;
}

std::string neighbour_limit_text(ip_family family, std::uint32_t limit) {
  return std::string{family == ip_family::ip4 ? "net.ipv4" : "net.ipv6"} +
         ".neigh.default.gc_thresh3 is " + std::to_string(limit) +
         "; it should be twice the number of neighbours that are probed";
}

neighbour_state read_neighbour_state(const ip_address& to, std::uint32_t interface) noexcept {
  const auto next = find_next_hop(to, interface);
  if (!next || !has_neighbours(next->interface)) {
    return neighbour_state::untold;
  }
  ndmsg wanted{};
  wanted.ndm_family = next->address.v6 ? AF_INET6 : AF_INET;
  wanted.ndm_ifindex = static_cast<int>(next->interface);
  netlink_question neighbour{RTM_GETNEIGH, 0, wanted};
  neighbour.add(NDA_DST, next->address.bytes.data(), bytes_of(next->address));
  if (!neighbour.ask()) {
    return neighbour.error() == ENOENT ? neighbour_state::none : neighbour_state::untold;
  }
  const auto found = neighbour.body<ndmsg>();
  if (!found || neighbour.type() != RTM_NEWNEIGH) {
    return neighbour_state::untold;
  }
  if ((found->ndm_state & NUD_FAILED) != 0) {
    return neighbour_state::failed;
  }
  const bool asking = found->ndm_state == NUD_NONE || (found->ndm_state & NUD_INCOMPLETE) != 0;
  return asking ? neighbour_state::asking : neighbour_state::known;
}

} // namespace xprober
