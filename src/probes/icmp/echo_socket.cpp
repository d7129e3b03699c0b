#include "xprober/probes/icmp/echo_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

// The kernel's headers define struct icmp_filter; glibc's <netinet/ip_icmp.h> would clash.
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <netinet/icmp6.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xprober/probes/icmp/message_batch.hpp"
#include "xprober/probes/icmp/packet.hpp"
#include "xprober/probes/icmp/socket_filter.hpp"

namespace xprober::icmp {

namespace {

std::string errno_text(int error) { return std::generic_category().message(error); }

template <class T>
bool set_option(int fd, int level, int name, const T& value) noexcept {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/// Asks for a buffer above the system's limit, and for what the limit allows where that is refused.
void set_buffer(int fd, int forced, int plain, int bytes) noexcept {
  if (bytes > 0 && !set_option(fd, SOL_SOCKET, forced, bytes)) {
    set_option(fd, SOL_SOCKET, plain, bytes);
  }
}

int discovery_of(fragmenting wanted) noexcept {
  switch (wanted) {
  case fragmenting::never: return IP_PMTUDISC_PROBE;
  case fragmenting::where_known: return IP_PMTUDISC_WANT;
  case fragmenting::anywhere: break;
  }
  return IP_PMTUDISC_DONT;
}

std::string permission_problem(std::string_view what, int error) {
  std::string text = "cannot open an ICMP socket (";
  text.append(what).append(": ").append(errno_text(error));
  text += "): give the program CAP_NET_RAW (setcap cap_net_raw+ep /path/to/xprober, or "
          "AmbientCapabilities=CAP_NET_RAW in its systemd unit), or allow ping sockets to its "
          "group (sysctl -w net.ipv4.ping_group_range=\"0 2147483647\")";
  return text;
}

const char* family_name(ip_family family) noexcept {
  return family == ip_family::ip4 ? "IPv4" : "IPv6";
}

} // namespace

echo_socket::~echo_socket() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

echo_socket::echo_socket(echo_socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), family_(other.family_), raw_(other.raw_), id_(other.id_) {}

echo_socket& echo_socket::operator=(echo_socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(family_, other.family_);
  std::swap(raw_, other.raw_);
  std::swap(id_, other.id_);
  return *this;
}

echo_socket echo_socket::open(ip_family family, const echo_socket_options& options,
                              std::string& problem) {
  echo_socket s;
  s.family_ = family;
  if (!s.open_fd(options, problem)) {
    return {};
  }
  s.set_options(options);
  if (!s.tell_leaving(options, problem)) {
    return {};
  }
  if (s.raw_) {
    s.id_ = options.replies_to;
    // Not 0: some middleboxes take that for broken.
    while (s.id_ == 0) {
      if (getrandom(&s.id_, sizeof(s.id_), 0) != static_cast<ssize_t>(sizeof(s.id_))) {
        s.id_ = static_cast<std::uint16_t>(getpid());
      }
    }
    s.set_filter(options.replies_to == 0);
  }
  if (!s.bind_source(options, problem)) {
    return {};
  }
  return s;
}

bool echo_socket::open_fd(const echo_socket_options& options, std::string& problem) {
  const int domain = family_ == ip_family::ip4 ? AF_INET : AF_INET6;
  const int protocol =
      family_ == ip_family::ip4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
  constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  int error = 0;
  const char* tried = "raw";
  if (options.kind != icmp_socket::dgram) {
    fd_ = socket(domain, SOCK_RAW | flags, protocol);
    raw_ = fd_ >= 0;
    error = raw_ ? 0 : errno; // where it succeeds, errno is an older call's
  }
  const bool denied = error == EPERM || error == EACCES;
  if (options.kind == icmp_socket::dgram || (options.kind == icmp_socket::automatic && denied)) {
    fd_ = socket(domain, SOCK_DGRAM | flags, protocol);
    error = errno;
    tried = options.kind == icmp_socket::dgram ? "datagram" : "raw and datagram";
  }
  if (fd_ >= 0) {
    return true;
  }
  if (error == EPERM || error == EACCES) {
    problem = permission_problem(tried, error);
  } else if (error == EAFNOSUPPORT || error == EPROTONOSUPPORT) {
    problem = std::string(family_name(family_)) + " is not available on this machine";
  } else {
    problem = std::string("cannot open an ") + family_name(family_) + " ICMP socket (" + tried +
              "): " + errno_text(error);
  }
  return false;
}

void echo_socket::set_options(const echo_socket_options& options) const {
  set_buffer(fd_, SO_RCVBUFFORCE, SO_RCVBUF, options.receive_buffer);
  set_buffer(fd_, SO_SNDBUFFORCE, SO_SNDBUF, options.send_buffer);
  set_option(fd_, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  const int traffic_class = options.dscp << 2;
  // With the error queue on, the kernel also reports packets that a device's queue dropped
  // (ENOBUFS), which it keeps to itself otherwise.
  if (family_ == ip_family::ip4) {
    set_option(fd_, IPPROTO_IP, IP_RECVERR, 1);
    // SO_BROADCAST stays off: whatever a list names, no echo is answered by a whole network.
    set_option(fd_, IPPROTO_IP, IP_TTL, options.ttl);
    if (!raw_) {
      set_option(fd_, IPPROTO_IP, IP_RECVTTL, 1); // raw sockets deliver the header itself
    }
    set_option(fd_, IPPROTO_IP, IP_TOS, traffic_class);
    set_option(fd_, IPPROTO_IP, IP_MTU_DISCOVER, discovery_of(options.fragments));
  } else {
    set_option(fd_, IPPROTO_IPV6, IPV6_RECVERR, 1);
    set_option(fd_, IPPROTO_IPV6, IPV6_UNICAST_HOPS, options.ttl);
    set_option(fd_, IPPROTO_IPV6, IPV6_TCLASS, traffic_class);
    set_option(fd_, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  }
}

bool echo_socket::tell_leaving(const echo_socket_options& options, std::string& problem) const {
  // The stamp is taken behind the queue of packets that wait for their neighbour's address.
  if (!options.tells_leaving ||
      set_option(fd_, SOL_SOCKET, SO_TIMESTAMPING, int{SOF_TIMESTAMPING_TX_SCHED})) {
    return true;
  }
  problem = "the kernel does not tell when packets leave: " + errno_text(errno);
  return false;
}

void echo_socket::set_filter(bool with_replies) const {
  // By type first: these run before a packet is copied for the socket, so our own requests on
  // the loopback device cost nothing.
  if (family_ == ip_family::ip4) {
    const icmp_filter only_replies{with_replies ? ~(1U << echo_reply4) : ~0U};
    set_option(fd_, SOL_RAW, ICMP_FILTER, only_replies);
  } else {
    icmp6_filter only_replies;
    ICMP6_FILTER_SETBLOCKALL(&only_replies);
    if (with_replies) {
      ICMP6_FILTER_SETPASS(echo_reply6, &only_replies);
    }
    set_option(fd_, IPPROTO_ICMPV6, ICMP6_FILTER, only_replies);
  }
  reply_filter program = make_reply_filter(family_, id_);
  const sock_fprog attached{static_cast<unsigned short>(program.size()), program.data()};
  set_option(fd_, SOL_SOCKET, SO_ATTACH_FILTER, attached);
}

bool echo_socket::bind_source(const echo_socket_options& options, std::string& problem) {
  host_address source;
  source.family = family_;
  const bool wanted = options.source && options.source->family == family_;
  if (wanted) {
    source = *options.source;
  }
  if (!wanted && raw_) {
    return true;
  }
  sockaddr_in6 name{};
  socklen_t length = to_sockaddr(source, name);
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&name), length) != 0) {
    problem = "cannot send from " + to_string(source) + ": " + errno_text(errno) +
              " (icmp.source must be an address of this machine)";
    return false;
  }
  if (!raw_) {
    // A datagram socket's port is its identifier.
    length = sizeof(name);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &length);
    id_ = ntohs(name.sin6_port);
  }
  return true;
}

echo_socket::send_result echo_socket::send(send_batch& batch, std::size_t from) const noexcept {
  const int n = sendmmsg(fd_, batch.messages() + from,
                         static_cast<unsigned int>(batch.size() - from), MSG_DONTWAIT);
  if (n < 0) {
    return {0, errno};
  }
  return {static_cast<std::size_t>(n), 0};
}

bool echo_socket::receive(receive_batch& batch) const noexcept {
  const bool with_names = !raw_ || family_ == ip_family::ip6;
  mmsghdr* messages = batch.prepare(with_names);
  const int n =
      recvmmsg(fd_, messages, static_cast<unsigned int>(batch.capacity()), MSG_DONTWAIT, nullptr);
  if (n < 0) {
    return errno != EAGAIN && errno != EINTR;
  }
  batch.set_size(static_cast<std::size_t>(n));
  return false;
}

std::optional<queued_error> echo_socket::take_error(std::span<std::uint8_t> buffer) const noexcept {
  sockaddr_in6 destination{};
  iovec part{buffer.data(), buffer.size()};
  alignas(8) std::array<std::uint8_t, 512> control;
  msghdr header{};
  header.msg_name = &destination;
  header.msg_namelen = sizeof(destination);
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t n = recvmsg(fd_, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (n < 0) {
    return std::nullopt;
  }
  queued_error result;
  result.destination = from_sockaddr(destination);
  result.quoted = buffer.first(static_cast<std::size_t>(n));
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
      result.stamp = std::chrono::seconds{stamp.tv_sec} + nanoseconds{stamp.tv_nsec};
      continue;
    }
    const bool ip4 = c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR;
    const bool ip6 = c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR;
    if (!ip4 && !ip6) {
      continue;
    }
    sock_extended_err error;
    std::memcpy(&error, CMSG_DATA(c), sizeof(error));
    result.type = error.ee_type;
    result.code = error.ee_code;
    result.number = static_cast<int>(error.ee_errno);
    result.mtu = error.ee_info;
    result.left = error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING && error.ee_info == SCM_TSTAMP_SCHED;
    result.is_icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
    sockaddr_in6 offender{};
    const std::size_t room = c->cmsg_len - CMSG_LEN(sizeof(error));
    std::memcpy(&offender, CMSG_DATA(c) + sizeof(error), std::min(room, sizeof(offender)));
    result.offender = from_sockaddr(offender);
  }
  return result;
}

std::uint32_t echo_socket::buffered() const noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof(info);
  getsockopt(fd_, SOL_SOCKET, SO_MEMINFO, info.data(), &length);
  return info[SK_MEMINFO_WMEM_ALLOC];
}

socket_memory echo_socket::memory() const noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof(info);
  if (getsockopt(fd_, SOL_SOCKET, SO_MEMINFO, info.data(), &length) != 0) {
    return {};
  }
  return {info[SK_MEMINFO_RMEM_ALLOC], info[SK_MEMINFO_RCVBUF], info[SK_MEMINFO_DROPS]};
}

} // namespace xprober::icmp
