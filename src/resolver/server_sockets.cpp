#include "xprober/resolver/server_sockets.hpp"

#include <cerrno>
#include <cstdint>

#include <ares.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace xprober::dns {

namespace {

// ID and flags: what is shorter is no message.
constexpr std::size_t least_message = 4;

ssize_t send_quietly(int fd, const iovec* parts, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

bool is_datagram(int fd) {
  int type = 0;
  socklen_t length = sizeof(type);
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_DGRAM;
}

// QR, and OPCODE 0 as in the query (RFC 1035, section 4.1.1).
bool is_answer(const void* data, ssize_t size) {
  return size >= static_cast<ssize_t>(least_message) &&
         (static_cast<const std::uint8_t*>(data)[2] & 0xF8U) == 0x80U;
}

} // namespace

void server_sockets::attach(ares_channeldata* channel) {
  static const ares_socket_functions functions{&server_sockets::open, &server_sockets::close,
                                               &server_sockets::connect, &server_sockets::receive,
                                               &server_sockets::send};
  ares_set_socket_functions(channel, &functions, this);
}

int server_sockets::open(int domain, int type, int protocol, void*) {
  const int fd = ::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd >= 0 && type == SOCK_STREAM) {
    // c-ares sets options only on sockets of its own. A second question must not wait for the first
    // one's acknowledgement; where it cannot be set it is slower, no more.
    const int on = 1;
    static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  }
  return fd;
}

int server_sockets::close(int fd, void* self) {
  static_cast<server_sockets*>(self)->untold_.erase(fd);
  return ::close(fd);
}

int server_sockets::connect(int fd, const sockaddr* address, socklen_t length, void*) {
  return ::connect(fd, address, length);
}

ssize_t server_sockets::receive(int fd, void* data, std::size_t size, int flags, sockaddr* from,
                                socklen_t* length, void* self) {
  const bool whole = is_datagram(fd);
  const auto room = length != nullptr ? *length : 0;
  auto got = ::recvfrom(fd, data, size, flags, from, length);
  while (whole && got >= 0 && !is_answer(data, got)) {
    if (length != nullptr) {
      *length = room;
    }
    got = ::recvfrom(fd, data, size, flags, from, length);
  }
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    auto& untold = static_cast<server_sockets*>(self)->untold_;
    if (const auto found = untold.find(fd); found != untold.end()) {
      errno = found->second;
      untold.erase(found);
    }
  }
  return got;
}

ssize_t server_sockets::send(int fd, const iovec* parts, int count, void* self) {
  auto sent = send_quietly(fd, parts, count);
  const int error = errno;
  if (sent >= 0 || error == EAGAIN || error == EWOULDBLOCK || !is_datagram(fd)) {
    return sent;
  }
  sent = send_quietly(fd, parts, count);
  if (sent >= 0) {
    auto& me = *static_cast<server_sockets*>(self);
    me.untold_[fd] = error;
    me.wake_(fd);
  }
  return sent;
}

} // namespace xprober::dns
