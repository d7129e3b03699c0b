#include "xprober/probes/icmp/neighbour_table.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xprober::icmp {

namespace {

struct question {
  nlmsghdr head{};
  rtgenmsg what{};
};

template <class T>
T value_of(const rtattr* attribute) noexcept {
  T value{};
  std::memcpy(&value, RTA_DATA(attribute),
              std::min(sizeof(value), static_cast<std::size_t>(RTA_PAYLOAD(attribute))));
  return value;
}

neighbour_table table_of(const nlmsghdr* message) noexcept {
  neighbour_table table;
  auto rest = static_cast<int>(message->nlmsg_len - NLMSG_LENGTH(sizeof(ndtmsg)));
  const auto* attribute = reinterpret_cast<const rtattr*>(reinterpret_cast<const char*>(message) +
                                                          NLMSG_LENGTH(sizeof(ndtmsg)));
  for (; RTA_OK(attribute, rest); attribute = RTA_NEXT(attribute, rest)) {
    switch (attribute->rta_type & NLA_TYPE_MASK) {
    case NDTA_THRESH3: table.limit = value_of<std::uint32_t>(attribute); break;
    case NDTA_CONFIG: table.entries = value_of<ndt_config>(attribute).ndtc_entries; break;
    case NDTA_STATS: table.refusals = value_of<ndt_stats>(attribute).ndts_table_fulls; break;
    default: break;
    }
  }
  return table;
}

} // namespace

std::optional<neighbour_table> read_neighbour_table(ip_family family) noexcept {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) {
    return std::nullopt;
  }
  question asked;
  asked.head.nlmsg_len = NLMSG_LENGTH(sizeof(rtgenmsg));
  asked.head.nlmsg_type = RTM_GETNEIGHTBL;
  asked.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  asked.what.rtgen_family = family == ip_family::ip4 ? AF_INET : AF_INET6;
  // The table comes first; its devices, of which there may be thousands, are not read.
  alignas(nlmsghdr) std::array<char, 16384> answer;
  ssize_t got = send(fd, &asked, asked.head.nlmsg_len, 0);
  got = got < 0 ? got : recv(fd, answer.data(), answer.size(), MSG_DONTWAIT);
  close(fd);
  const auto* message = reinterpret_cast<const nlmsghdr*>(answer.data());
  const bool whole = got > 0 && NLMSG_OK(message, static_cast<std::uint32_t>(got)) &&
                     message->nlmsg_type == RTM_NEWNEIGHTBL &&
                     message->nlmsg_len > NLMSG_LENGTH(sizeof(ndtmsg));
  return whole ? std::optional{table_of(message)} : std::nullopt;
}

} // namespace xprober::icmp
