#define CAF_SUITE echo_sender

#include "sides_fixture.hpp"

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
  table[late].begun = monotonic_clock::now() - 501ms;
  CAF_CHECK(waited_too_long(table[late], monotonic_clock::now()));
  sender.send_some(ip4());
  CAF_CHECK_EQUAL(counters.echo_sent, 0u);
  CAF_CHECK((events.given_up == std::vector<std::uint32_t>{late}));
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
