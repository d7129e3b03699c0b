#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace xprober::icmp::test {

using bytes = std::vector<std::uint8_t>;

/// A network namespace of the calling thread's own, and of the threads it starts, with the
/// loopback device up. The destructor goes back to the one before.
class private_network {
public:
  private_network() {
    before_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    ok_ = before_ >= 0 && unshare(CLONE_NEWNET) == 0 && run("ip link set lo up");
  }
  ~private_network() {
    if (before_ >= 0) {
      if (setns(before_, CLONE_NEWNET) != 0) {
        std::abort();
      }
      close(before_);
    }
  }
  private_network(const private_network&) = delete;
  private_network& operator=(const private_network&) = delete;

  bool ok() const { return ok_; }

  /// Runs a command inside; false if it fails.
  static bool run(const std::string& command) {
    return std::system((command + " 2>/dev/null").c_str()) == 0;
  }

private:
  int before_ = -1;
  bool ok_ = false;
};

/// A device whose other end is the test: every packet sent to 10.77.0.0/16 or fd77::/64 goes to
/// `on_packet`, which may send others back, now or later.
class tun_network {
public:
  using sender = std::function<void(bytes packet, std::chrono::milliseconds after)>;
  using handler = std::function<void(const bytes& packet, const sender& send)>;

  tun_network() {
    fd_ = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::strcpy(request.ifr_name, "test0");
    ok_ = fd_ >= 0 && ioctl(fd_, TUNSETIFF, &request) == 0 &&
          private_network::run("ip addr add 10.77.0.1/16 dev test0") &&
          private_network::run("ip link set test0 up");
    // Not every machine has IPv6; the tests that need it ask.
    ip6_ = ok_ && private_network::run("ip -6 addr add fd77::1/64 dev test0 nodad");
    stop_ = eventfd(0, EFD_CLOEXEC);
  }
  ~tun_network() {
    stop();
    close(stop_);
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  tun_network(const tun_network&) = delete;
  tun_network& operator=(const tun_network&) = delete;

  bool ok() const { return ok_; }
  bool has_ip6() const { return ip6_; }

  /// Starts to hand packets to `on_packet`, on a thread of its own.
  void serve(handler on_packet) {
    thread_ = std::thread([this, on_packet = std::move(on_packet)] { loop(on_packet); });
  }

  /// Ends the serving: what `on_packet` has written can be read from now on.
  void stop() {
    if (thread_.joinable()) {
      eventfd_write(stop_, 1);
      thread_.join();
    }
  }

private:
  using clock = std::chrono::steady_clock;

  void loop(const handler& on_packet) {
    std::multimap<clock::time_point, bytes> later;
    const sender send = [&](bytes packet, std::chrono::milliseconds after) {
      if (after.count() == 0) {
        (void)!write(fd_, packet.data(), packet.size());
      } else {
        later.emplace(clock::now() + after, std::move(packet));
      }
    };
    for (;;) {
      int timeout = -1;
      if (!later.empty()) {
        const auto left = later.begin()->first - clock::now();
        timeout = static_cast<int>(
            std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0));
      }
      std::array<pollfd, 2> fds{pollfd{fd_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
      poll(fds.data(), fds.size(), timeout);
      if (fds[1].revents != 0) {
        return;
      }
      while (!later.empty() && later.begin()->first <= clock::now()) {
        send(later.begin()->second, {});
        later.erase(later.begin());
      }
      bytes packet(65536);
      for (;;) {
        const ssize_t n = read(fd_, packet.data(), packet.size());
        if (n <= 0) {
          break;
        }
        on_packet(bytes(packet.begin(), packet.begin() + n), send);
      }
    }
  }

  int fd_ = -1;
  int stop_ = -1;
  bool ok_ = false;
  bool ip6_ = false;
  std::thread thread_;
};

// -- Packets ---------------------------------------------------------------------------------

inline std::uint16_t load16(const bytes& b, std::size_t at) {
  return static_cast<std::uint16_t>(b[at] << 8 | b[at + 1]);
}
inline void store16(bytes& b, std::size_t at, std::uint32_t value) {
  b[at] = static_cast<std::uint8_t>(value >> 8);
  b[at + 1] = static_cast<std::uint8_t>(value);
}

/// RFC 1071 over [from, to), beginning with `sum`.
inline std::uint16_t checksum(const bytes& b, std::size_t from, std::size_t to,
                              std::uint32_t sum = 0) {
  for (std::size_t i = from; i < to; i += 2) {
    sum += static_cast<std::uint32_t>(b[i] << 8 | (i + 1 < to ? b[i + 1] : 0));
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

inline bool is_ip6(const bytes& packet) { return packet[0] >> 4 == 6; }
inline std::size_t header_size(const bytes& packet) { return is_ip6(packet) ? 40 : 20; }

inline bool is_echo_request(const bytes& packet) {
  if (packet.size() < 28) {
    return false;
  }
  return is_ip6(packet) ? packet.size() >= 48 && packet[6] == 58 && packet[40] == 128
                        : packet[9] == 1 && packet[20] == 8;
}

/// Fills in the checksums of a packet that was made or changed.
inline void finish(bytes& packet) {
  const std::size_t header = header_size(packet);
  store16(packet, header + 2, 0);
  if (is_ip6(packet)) {
    // The pseudo-header of RFC 8200, section 8.1: addresses, length, next header 58.
    const auto length = static_cast<std::uint32_t>(packet.size() - header);
    const auto addresses = static_cast<std::uint16_t>(~checksum(packet, 8, 40));
    const std::uint32_t pseudo = addresses + length + 58U;
    store16(packet, 42, checksum(packet, header, packet.size(), pseudo));
    return;
  }
  store16(packet, 10, 0);
  store16(packet, 10, checksum(packet, 0, header));
  store16(packet, 22, checksum(packet, header, packet.size()));
}

/// The answer to an echo request.
inline bytes reply_to(const bytes& request) {
  bytes reply = request;
  const std::size_t size = is_ip6(request) ? 16 : 4;
  const std::size_t source = is_ip6(request) ? 8 : 12;
  std::swap_ranges(reply.begin() + static_cast<std::ptrdiff_t>(source),
                   reply.begin() + static_cast<std::ptrdiff_t>(source + size),
                   reply.begin() + static_cast<std::ptrdiff_t>(source + size));
  reply[header_size(reply)] = is_ip6(reply) ? 129 : 0;
  finish(reply);
  return reply;
}

/// An ICMP error from 10.77.0.254 or fd77::fe about `request`, which quotes its IP header and
/// `quote` bytes more.
inline bytes error_about(const bytes& request, int type, int code, std::size_t quote) {
  const std::size_t header = header_size(request);
  const std::size_t quoted = std::min(header + quote, request.size());
  bytes error(request.begin(), request.begin() + static_cast<std::ptrdiff_t>(header));
  if (is_ip6(request)) {
    std::copy_n(request.begin() + 8, 16, error.begin() + 24);
    error[23] = 0xFE;
    std::copy_n(request.begin() + 8, 15, error.begin() + 8);
    store16(error, 4, static_cast<std::uint32_t>(8 + quoted));
  } else {
    std::copy_n(request.begin() + 12, 4, error.begin() + 16);
    const std::array<std::uint8_t, 4> router{10, 77, 0, 254};
    std::copy(router.begin(), router.end(), error.begin() + 12);
    store16(error, 2, static_cast<std::uint32_t>(header + 8 + quoted));
    store16(error, 6, 0);
    error[8] = 64;
  }
  error.resize(header + 8);
  error[header] = static_cast<std::uint8_t>(type);
  error[header + 1] = static_cast<std::uint8_t>(code);
  error.insert(error.end(), request.begin(), request.begin() + static_cast<std::ptrdiff_t>(quoted));
  finish(error);
  return error;
}

} // namespace xprober::icmp::test
