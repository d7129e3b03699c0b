#define CAF_SUITE socket_filter

#include "xprober/probes/icmp/socket_filter.hpp"

#include <array>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace socket_filter_suite {

using namespace xprober;
using namespace xprober::icmp;

namespace {

/// A pair of local sockets with the program on the receiving end: the kernel runs it as it would
/// on an ICMP socket.
class filtered_pair {
public:
  explicit filtered_pair(reply_filter program) {
    CAF_REQUIRE_EQUAL(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds_.data()), 0);
    const sock_fprog attached{static_cast<unsigned short>(program.size()), program.data()};
    CAF_REQUIRE_EQUAL(
        setsockopt(fds_[1], SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof(attached)), 0);
  }
  ~filtered_pair() {
    close(fds_[0]);
    close(fds_[1]);
  }

  bool passes(const std::vector<std::uint8_t>& packet) {
    (void)!write(fds_[0], packet.data(), packet.size());
    std::array<std::uint8_t, 256> buffer{};
    const ssize_t n = read(fds_[1], buffer.data(), buffer.size());
    CAF_CHECK(n < 0 || static_cast<std::size_t>(n) == packet.size());
    return n > 0;
  }

private:
  std::array<int, 2> fds_{};
};

std::vector<std::uint8_t> icmp_packet(int type, int id, std::size_t ip_header_words) {
  std::vector<std::uint8_t> packet(ip_header_words * 4 + 40);
  if (ip_header_words != 0) {
    packet[0] = static_cast<std::uint8_t>(0x40 | ip_header_words);
  }
  const std::size_t at = ip_header_words * 4;
  packet[at] = static_cast<std::uint8_t>(type);
  packet[at + 4] = static_cast<std::uint8_t>(id >> 8);
  packet[at + 5] = static_cast<std::uint8_t>(id);
  return packet;
}

} // namespace

CAF_TEST(only_our_ip4_replies_pass) {
  filtered_pair sockets(make_reply_filter(ip_family::ip4, 0xABCD));
  CAF_CHECK(sockets.passes(icmp_packet(0, 0xABCD, 5)));
  CAF_CHECK(sockets.passes(icmp_packet(0, 0xABCD, 8))); // with IP options
  CAF_CHECK(!sockets.passes(icmp_packet(0, 0xABCE, 5)));
  CAF_CHECK(!sockets.passes(icmp_packet(8, 0xABCD, 5)));
  CAF_CHECK(!sockets.passes(icmp_packet(3, 0xABCD, 5)));
  CAF_CHECK(!sockets.passes({0x45, 0, 0}));
}

CAF_TEST(only_our_ip6_replies_pass) {
  filtered_pair sockets(make_reply_filter(ip_family::ip6, 0x0102));
  CAF_CHECK(sockets.passes(icmp_packet(129, 0x0102, 0)));
  CAF_CHECK(!sockets.passes(icmp_packet(129, 0x0201, 0)));
  CAF_CHECK(!sockets.passes(icmp_packet(128, 0x0102, 0)));
  CAF_CHECK(!sockets.passes({129, 0}));
}

} // namespace socket_filter_suite
