#define CAF_SUITE echo_sender

#include <cerrno>
#include <iostream>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sides_fixture.hpp"
#include "tun_network.hpp"

#include "caf/test/unit_test.hpp"

namespace echo_sender_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(echo_sender_tests, sides_fixture)

CAF_TEST(what waits leaves a batch at a time and in its order) {
  if (!ready()) {
    return;
  }
  for (int i = 0; i < 70; ++i) {
    queue_probe("127.0.0.1");
  }
  CAF_CHECK(sender.send_some(ip4()));
  CAF_CHECK_EQUAL(events.sent.size(), 64u);
  CAF_CHECK(sender.send_some(ip4()));
  CAF_CHECK_EQUAL(events.sent.size(), 70u);
  CAF_CHECK(!sender.send_some(ip4()));
  for (std::uint32_t i = 0; i < 70; ++i) {
    CAF_CHECK_EQUAL(events.sent[i].slot, i);
  }
  CAF_CHECK_EQUAL(counters.echo_sent, 70u);
}

CAF_TEST(a probe that has ended sends nothing) {
  if (!ready()) {
    return;
  }
  const auto gone = queue_probe("127.0.0.1");
  queue_probe("127.0.0.2");
  table.release(gone);
  sender.send_some(ip4());
  CAF_CHECK_EQUAL(counters.echo_sent, 1u);
  CAF_CHECK_EQUAL(events.sent.front().slot, 1u);
}

CAF_TEST(a first echo that waited too long is given up) {
  if (!ready()) {
    return;
  }
  const auto late = queue_probe("127.0.0.1");
  auto& s = table[late];
  const auto could_leave = s.begun - 501ms;
  s.probe.start(s.via->plan, could_leave, could_leave + s.via->config.deadline);
  CAF_CHECK(waited_too_long(table[late], monotonic_clock::now()));
  sender.send_some(ip4());
  CAF_CHECK_EQUAL(counters.echo_sent, 0u);
  CAF_CHECK((events.given_up == std::vector<std::uint32_t>{late}));
}

CAF_TEST(an echo to a name that took long to resolve has not waited) {
  if (!ready()) {
    return;
  }
  const auto named = queue_probe("127.0.0.1");
  table[named].begun -= 501ms;
  CAF_CHECK(!waited_too_long(table[named], monotonic_clock::now()));
  sender.send_some(ip4());
  CAF_CHECK_EQUAL(counters.echo_sent, 1u);
  CAF_CHECK(events.given_up.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

/// Makes ICMP errors that come at once: what the loopback device is given has been received when
/// the system call returns.
class error_storm {
public:
  error_storm() : fd_(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)) {}
  ~error_storm() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  error_storm(const error_storm&) = delete;
  error_storm& operator=(const error_storm&) = delete;

  bool ok() const { return fd_ >= 0; }

  /// "Host unreachable", of an echo with the identifier `id` and a number that none has here;
  /// quotes its eight bytes.
  void strike(std::uint16_t id) const {
    bytes request{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1, // IP
                  8,    0, 0, 0,  0, 0, 0, 0};                                         // echo
    store16(request, 24, id);
    store16(request, 26, 0xFFFF);
    finish(request);
    const auto whole = error_about(request, 3, 1, 8);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CAF_REQUIRE(sendto(fd_, whole.data() + 20, whole.size() - 20, 0,
                       reinterpret_cast<const sockaddr*>(&to),
                       sizeof(to)) == static_cast<ssize_t>(whole.size() - 20));
  }

private:
  int fd_;
};

/// Before the sockets of the sides, which belong to it.
struct storm_network {
  private_network network;
  error_storm storm;
};

struct pending_fixture : storm_network, sides_fixture {
  /// False where the kind of socket cannot be had here.
  bool use(icmp_socket kind) {
    settings all;
    all.own.count = 3;
    all.own.socket = kind;
    const bool allowed =
        network.ok() && storm.ok() &&
        private_network::run("sysctl -qw net.ipv4.ping_group_range='0 2147483647'");
    ways.take(all);
    if (!allowed || !ip4()) {
      std::cout << "SKIPPED: needs root for a network namespace" << std::endl;
      return false;
    }
    return true;
  }

  /// Sends an echo while errors of earlier ones come: one before, and one whenever they were taken.
  void send_in_storm(int errors) {
    int left = errors;
    const auto strike = [this, &left](endpoint& via) {
      if (left > 0) {
        --left;
        storm.strike(via.socket.id());
      }
    };
    errors_taken = strike;
    strike(*ip4());
    queue_probe("127.0.0.1");
    sender.send_some(ip4());
    errors_taken = [](endpoint&) {};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pending_error_tests, pending_fixture)

CAF_TEST(errors of earlier echoes refuse nobody and send nothing twice) {
  for (const auto kind : {icmp_socket::raw, icmp_socket::dgram}) {
    if (!use(kind)) {
      return;
    }
    events = {};
    events.table = &table;
    counters = {};
    send_in_storm(20);
    CAF_CHECK(events.refused.empty());
    CAF_CHECK_EQUAL(events.sent.size(), 1u);
    CAF_CHECK_EQUAL(counters.echo_sent, 1u);
    CAF_CHECK_EQUAL(counters.send_errors, 0u);
    CAF_REQUIRE(receive_until_moved());
    CAF_CHECK_EQUAL(counters.echo_received, 1u);
    CAF_CHECK_EQUAL(counters.duplicate, 0u);
  }
}

CAF_TEST(errors without an end do not hold up the others) {
  if (!use(icmp_socket::dgram)) {
    return;
  }
  send_in_storm(1000);
  CAF_CHECK(ip4()->blocked);
  CAF_CHECK(events.sent.empty());
  CAF_CHECK(events.refused.empty());
  CAF_CHECK_EQUAL(counters.send_blocked, 1u);
  io.run(); // tries again a little later
  CAF_CHECK(had_room);
  CAF_CHECK(sender.send_some(ip4()));
  CAF_CHECK_EQUAL(events.sent.size(), 1u);
}

CAF_TEST(what the kernel refuses is refused among errors of others) {
  if (!use(icmp_socket::dgram)) {
    return;
  }
  // Not one send without an error of another one, or of its own: a packet filter that rejects an
  // echo refuses it and sends an error. The others go all the same.
  errors_taken = [&](endpoint& via) { storm.strike(via.socket.id()); };
  queue_probe("10.99.0.1"); // there is no way to it
  const auto other = queue_probe("127.0.0.1");
  sender.send_some(ip4());
  CAF_CHECK(ip4()->blocked);
  CAF_REQUIRE_EQUAL(events.refused.size(), 1u);
  CAF_CHECK_EQUAL(events.refused[0], ENETUNREACH);
  errors_taken = [](endpoint&) {};
  io.run();
  CAF_CHECK(sender.send_some(ip4()));
  CAF_REQUIRE_EQUAL(events.sent.size(), 1u);
  CAF_CHECK_EQUAL(events.sent[0].slot, other);
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct outlet_fixture : sides_fixture {
  outlet_fixture() : sides_fixture(1 << 20) {}
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(outlet_tests, outlet_fixture)

CAF_TEST(an echo to a target that is not known goes by an outlet and is told when it has left) {
  if (!ready()) {
    return;
  }
  const auto first = queue_probe("127.0.0.1");
  CAF_CHECK(ip4()->queue.empty());
  const auto outlet = ip4()->outlets[0];
  CAF_REQUIRE(outlet);
  CAF_CHECK(sender.send_some(outlet));
  CAF_CHECK(events.sent.empty());
  CAF_REQUIRE_EQUAL(events.handed.size(), 1u);
  CAF_REQUIRE_EQUAL(events.left.size(), 1u);
  CAF_CHECK((events.left[0] == echo_tag{first, table[first].generation, 0}));
  // Raw sockets of one identifier: the main one has the reply, and nobody else.
  if (outlet->only_sends()) {
    table[first].probe.sent(monotonic_clock::now(), true);
    CAF_CHECK(receive_until_moved());
    CAF_CHECK(!receiver.receive_backlog(*outlet));
  }
}

CAF_TEST(no more wait for their neighbours than may) {
  if (!ready()) {
    return;
  }
  queue_probe("127.0.0.1");
  const auto family = ip_family::ip4;
  while (nearby.room(family, false, monotonic_clock::now()) != 0) {
    nearby.began(family);
  }
  const auto outlet = ip4()->outlets[0];
  CAF_CHECK(sender.send_some(outlet));
  CAF_CHECK(outlet->blocked);
  CAF_CHECK(outlet->lacked_neighbours != monotonic_time::min());
  CAF_CHECK(events.handed.empty());
  nearby.ended(family);
  io.run();
  CAF_CHECK(had_room);
  CAF_CHECK(sender.send_some(outlet));
  CAF_CHECK_EQUAL(events.handed.size(), 1u);
}

CAF_TEST(an echo that goes out in the place of another needs no room) {
  if (!ready()) {
    return;
  }
  for (int i = 0; i < 896; ++i) {
    nearby.began(ip_family::ip4);
  }
  queue_probe("127.0.0.1");
  const auto second = queue_probe("127.0.0.2");
  table[second].silent_since = monotonic_clock::now();
  auto& outlet = ip4()->outlets[0];
  CAF_CHECK(sender.send_some(outlet));
  CAF_CHECK(outlet->blocked);
  CAF_CHECK(events.handed.empty()); // behind another one
  outlet->blocked = false;
  const queued_echo item{second, table[second].generation};
  outlet->queue.put_back(&item, &item + 1);
  CAF_CHECK(sender.send_some(outlet));
  CAF_REQUIRE_EQUAL(events.handed.size(), 1u);
  CAF_CHECK_EQUAL(events.handed[0].slot, second);
}

CAF_TEST(more may wait where the table of neighbours has few entries) {
  if (!ready()) {
    return;
  }
  for (int i = 0; i < 1000; ++i) { // behind one router
    nearby.began(ip_family::ip4);
  }
  kernel.entries = 12;
  queue_probe("127.0.0.1");
  CAF_CHECK(sender.send_some(ip4()->outlets[0]));
  CAF_CHECK_EQUAL(events.handed.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace echo_sender_suite
