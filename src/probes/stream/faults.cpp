#include "xprober/probes/stream/faults.hpp"

#include <cerrno>

#include <boost/asio/ip/udp.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace xprober::stream {

namespace {

// Descriptors, ports, memory: used up here, whatever the target is. ENOSPC: what a user may watch
// by epoll (fs.epoll.max_user_watches).
bool used_up(int number) noexcept {
  return number == EMFILE || number == ENFILE || number == EADDRNOTAVAIL || number == ENOBUFS ||
         number == ENOMEM || number == ENOSPC || number == EAGAIN;
}

} // namespace

probe_error connect_fault(const boost::system::error_code& error) noexcept {
  const int number = error.default_error_condition().value();
  if (used_up(number)) {
    return probe_error::local_no_socket;
  }
  switch (number) {
  case ECONNREFUSED: return probe_error::refused;
  case ECONNRESET: return probe_error::reset;
  case ETIMEDOUT: return probe_error::connect_timeout;
  case EHOSTUNREACH:
  case ENETUNREACH:
  case EAFNOSUPPORT: // a kernel without this family
    return probe_error::unreachable;
  case EACCES:
  case EPERM: return probe_error::local_send;
  default: return probe_error::connect_failed;
  }
}

bool has_way_to(const boost::asio::ip::address& to) noexcept {
  const int fd = socket(to.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return errno != EAFNOSUPPORT; // of no descriptor nothing can be told
  }
  // Any port but 0: nothing is sent.
  const boost::asio::ip::udp::endpoint there{to, 9};
  const int status = ::connect(fd, there.data(), static_cast<socklen_t>(there.size()));
  const int error = errno;
  ::close(fd);
  return status == 0 || (error != EADDRNOTAVAIL && error != ENETUNREACH);
}

bool is_own_broadcast(const boost::asio::ip::address& to) noexcept {
  const int fd = to.is_v4() ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
  if (fd < 0) {
    return false;
  }
  const boost::asio::ip::udp::endpoint there{to, 9};
  const auto is_refused = [&] {
    return ::connect(fd, there.data(), static_cast<socklen_t>(there.size())) != 0 &&
           errno == EACCES;
  };
  // A way that is prohibited is refused with the option, too.
  const int allowed = 1;
  const bool broadcast =
      is_refused() && ::setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &allowed, sizeof(allowed)) == 0 &&
      !is_refused();
  ::close(fd);
  return broadcast;
}

probe_error stream_fault(const boost::system::error_code& error) noexcept {
  const int number = error.default_error_condition().value();
  if (used_up(number)) {
    return probe_error::local_no_socket;
  }
  switch (number) {
  case EACCES:
  case EPERM: return probe_error::local_send;
  case ECONNRESET:
  case EPIPE: return probe_error::reset;
  default: return probe_error::early_close;
  }
}

void count_shortage(const boost::system::error_code& error, stream_counters& counters) noexcept {
  switch (error.default_error_condition().value()) {
  case EMFILE:
  case ENFILE: ++counters.no_descriptor; break;
  case EADDRNOTAVAIL:
  case EAGAIN: ++counters.no_port; break;
  case ENOBUFS:
  case ENOMEM:
  case ENOSPC: ++counters.no_memory; break;
  default: break;
  }
}

} // namespace xprober::stream
