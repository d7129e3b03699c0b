#define CAF_SUITE echo_receiver

#include <array>
#include <optional>

#include "sides_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace echo_receiver_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(echo_receiver_tests, sides_fixture)

CAF_TEST(a reply finds its probe) {
  if (!ready()) {
    return;
  }
  const auto index = queue_probe("127.0.0.1");
  sender.send_some(ip4());
  CAF_REQUIRE(receive_until_moved());
  CAF_CHECK_EQUAL(events.moves.front(), index);
  CAF_CHECK_EQUAL(counters.echo_received, 1u);
  CAF_CHECK_EQUAL(table[index].reply_ttl, 64);
  CAF_CHECK(receiver.take_receive_gaps()->count() == 1);
  CAF_CHECK(receiver.take_receive_gaps()->count() == 0);
}

CAF_TEST(a reply to a probe that has ended is late) {
  if (!ready()) {
    return;
  }
  const auto gone = queue_probe("127.0.0.1");
  sender.send_some(ip4());
  table.release(gone);
  // The same slot runs another probe by now.
  CAF_REQUIRE_EQUAL(queue_probe("127.0.0.1"), gone);
  sender.send_some(ip4());
  CAF_REQUIRE(receive_until_moved());
  receiver.receive_all(*ip4(), monotonic_clock::now());
  CAF_CHECK_EQUAL(counters.late, 1u);
  CAF_CHECK_EQUAL(counters.echo_received, 1u);
}

CAF_TEST(a reply from another address is a stranger) {
  if (!ready()) {
    return;
  }
  const auto index = queue_probe("127.0.0.1");
  sender.send_some(ip4());
  table[index].address = parse_target("127.0.0.2").address;
  const auto end = monotonic_clock::now() + 2s;
  while (counters.foreign == 0 && monotonic_clock::now() < end) {
    receiver.receive_backlog(*ip4());
  }
  CAF_CHECK_EQUAL(counters.foreign, 1u);
  CAF_CHECK(events.moves.empty());
}

CAF_TEST(an empty socket has nothing) {
  if (!ready()) {
    return;
  }
  CAF_CHECK(!receiver.receive_backlog(*ip4()));
  CAF_CHECK(!receiver.take_errors(*ip4()));
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct outlet_fixture : sides_fixture {
  outlet_fixture() : sides_fixture(1 << 20) {}

  /// A probe whose echo an outlet sent, after it had waited for 100 ms; nobody has looked yet what
  /// the outlet tells. Nothing where replies do not come to the main socket.
  std::optional<std::uint32_t> sent_by_outlet() {
    if (!ready() || !ip4()->outlets[0] || !ip4()->outlets[0]->only_sends()) {
      return std::nullopt;
    }
    deaf = true;
    const auto index = queue_probe("127.0.0.1");
    sender.send_some(ip4()->outlets[0]);
    table[index].handed_at = monotonic_clock::now() - 100ms;
    return index;
  }
  float longest(std::uint32_t index) {
    std::vector<float> scratch;
    return table[index].probe.verdict(scratch).summary.rtt.max;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(outlet_tests, outlet_fixture)

CAF_TEST(a reply that is read before its leaving takes no time of waiting into its own) {
  const auto index = sent_by_outlet();
  if (!index) {
    return;
  }
  CAF_REQUIRE(receive_until_moved());
  CAF_CHECK((events.left_exactly == std::vector<bool>{true}));
  CAF_CHECK(longest(*index) < 90);
  CAF_CHECK(ip4()->stamps == leaving_stamps::come);
}

CAF_TEST(where nobody tells of the leaving the time is not exact) {
  const auto index = sent_by_outlet();
  if (!index) {
    return;
  }
  std::array<std::uint8_t, 256> thrown_away{};
  CAF_CHECK(ip4()->may_wait() == (ip4()->outlets[0]->socket.buffered() != 0));
  while (ip4()->outlets[0]->socket.take_error(thrown_away)) {
  }
  CAF_REQUIRE(receive_until_moved());
  CAF_CHECK((events.left_exactly == std::vector<bool>{false}));
  CAF_CHECK(longest(*index) > 90);
  CAF_CHECK(ip4()->stamps == leaving_stamps::missing);
  CAF_CHECK(!ip4()->may_wait());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace echo_receiver_suite
