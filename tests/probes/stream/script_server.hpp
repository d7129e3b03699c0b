#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xprober::stream::test {

/// One accepted connection, as a script sees it. Blocking, but for at most ten seconds.
class peer {
public:
  explicit peer(int fd) : fd_(fd) {}

  int fd() const { return fd_; }

  /// The request up to its empty line; what was read if the client closed before.
  std::string read_request() {
    std::string text;
    char byte = 0;
    while (!text.ends_with("\r\n\r\n") && wait(POLLIN) && ::recv(fd_, &byte, 1, 0) == 1) {
      text += byte;
    }
    return text;
  }

  /// So many bytes, or those that came before the client closed.
  std::string read_bytes(std::size_t count) {
    std::string text(count, '\0');
    std::size_t got = 0;
    while (got < count && wait(POLLIN)) {
      const auto n = ::recv(fd_, text.data() + got, count - got, 0);
      if (n <= 0) {
        break;
      }
      got += static_cast<std::size_t>(n);
    }
    text.resize(got);
    return text;
  }

  /// Hands bytes on both ways between this client and a server on a loopback port, until one of
  /// them closes.
  void join(std::uint16_t port) {
    const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(other, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) {
      pollfd both[] = {{fd_, POLLIN, 0}, {other, POLLIN, 0}};
      char buffer[4096];
      for (bool open = true; open && ::poll(both, 2, 10'000) > 0;) {
        for (int i = 0; i < 2; ++i) {
          if (both[i].revents != 0) {
            const auto n = ::recv(both[i].fd, buffer, sizeof(buffer), 0);
            open = open && n > 0 &&
                   ::send(both[1 - i].fd, buffer, static_cast<std::size_t>(n), MSG_NOSIGNAL) == n;
          }
        }
      }
    }
    ::close(other);
  }

  /// What comes first.
  void read_some() {
    char buffer[4096];
    if (wait(POLLIN)) {
      [[maybe_unused]] const auto n = ::recv(fd_, buffer, sizeof(buffer), 0);
    }
  }

  /// False once the client has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Waits until the client closes; false if it has not after ten seconds.
  bool wait_closed() {
    char buffer[4096];
    while (wait(POLLIN)) {
      if (::recv(fd_, buffer, sizeof(buffer), 0) <= 0) {
        return true;
      }
    }
    return false;
  }

  /// Closes with a reset.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }

private:
  bool wait(short events) {
    pollfd entry{fd_, events, 0};
    return ::poll(&entry, 1, 10'000) == 1;
  }

  int fd_;
};

/// A listener on a free port of a loopback address, and for each connection a thread that runs
/// the script. The connection is closed when the script returns.
class script_server {
public:
  using script = std::function<void(peer&)>;

  explicit script_server(script run, bool ip6 = false) : run_(std::move(run)) {
    listener_ = ::socket(ip6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = ip6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
    socklen_t size = ip6 ? sizeof(v6) : sizeof(v4);
    if (::bind(listener_, address, size) != 0 || ::listen(listener_, 256) != 0) {
      return;
    }
    ::getsockname(listener_, address, &size);
    port_ = ntohs(ip6 ? v6.sin6_port : v4.sin_port);
    acceptor_ = std::thread{[this] { accept(); }};
  }

  ~script_server() {
    ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable()) {
      acceptor_.join();
    }
    for (auto& one : connections_) {
      ::shutdown(one.fd, SHUT_RDWR);
      one.thread.join();
      ::close(one.fd);
    }
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; } ///< 0: the address cannot be listened on
  std::string authority(std::string_view host = "127.0.0.1") const {
    return std::string{host} + ":" + std::to_string(port_);
  }
  int accepted() const { return accepted_; }
  int most_at_once() const { return most_; }

private:
  struct connection {
    int fd = -1;
    std::thread thread;
  };

  void accept() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) {
        return;
      }
      ++accepted_;
      most_ = std::max(most_.load(), ++open_);
      auto& one = connections_.emplace_back();
      one.fd = fd;
      one.thread = std::thread{[this, fd] {
        peer client{fd};
        run_(client);
        --open_;
        // The descriptor itself is closed with the server, so that its number stays this one.
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(null, fd);
        ::close(null);
      }};
    }
  }

  script run_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_{0};
  std::atomic<int> open_{0};
  std::atomic<int> most_{0};
  std::list<connection> connections_; ///< of the acceptor's thread, then of the destructor
  std::thread acceptor_;
};

} // namespace xprober::stream::test
