#include "xprober/probes/icmp/known_ways.hpp"

#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

namespace xprober::icmp {

namespace {

constexpr std::size_t most_known = 100'000;

/// What connect(2) says of a datagram's way; 0: nothing.
int error_of_way(const host_address& to, bool may_broadcast) noexcept {
  const int family = to.family == ip_family::ip4 ? AF_INET : AF_INET6;
  const int fd = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return errno == EAFNOSUPPORT ? errno : 0; // of no descriptor nothing can be told
  }
  const int allowed = may_broadcast ? 1 : 0;
  ::setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &allowed, sizeof(allowed));
  sockaddr_in6 there{};
  const auto length = to_sockaddr(to, there);
  there.sin6_port = htons(9); // where IPv4's is, too. Any but 0: nothing is sent
  const int status = ::connect(fd, reinterpret_cast<const sockaddr*>(&there), length);
  const int error = errno;
  ::close(fd);
  return status == 0 ? 0 : error;
}

bool kernel_knows_way(const host_address& to) noexcept {
  const int error = error_of_way(to, true);
  return error == 0 || error == EPERM; // a filter's word: it tells nothing of the way
}

} // namespace

bool is_own_broadcast(const host_address& to) noexcept {
  // A way that is prohibited is refused with the option, too.
  return error_of_way(to, false) == EACCES && error_of_way(to, true) != EACCES;
}

std::uint64_t known_ways::key_of(const host_address& address) noexcept {
  const auto seed = std::uint64_t{address.scope} * 2 + (address.family == ip_family::ip6 ? 1U : 0U);
  return XXH3_64bits_withSeed(address.bytes.data(), address.bytes.size(), seed);
}

bool known_ways::lead_to(const host_address& to) {
  const auto key = key_of(to);
  if (known_.contains(key)) {
    return true;
  }
  if (!kernel_knows_way(to)) {
    return false;
  }
  if (known_.size() >= most_known) {
    known_.clear();
  }
  known_.insert(key);
  return true;
}

} // namespace xprober::icmp
