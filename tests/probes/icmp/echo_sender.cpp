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

} // namespace echo_sender_suite
