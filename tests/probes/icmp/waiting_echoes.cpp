#define CAF_SUITE waiting_echoes

#include "xprober/probes/icmp/waiting_echoes.hpp"

#include "sides_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace waiting_echoes_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

/// Probes whose echoes nobody sends: the test says what the kernel does.
struct fixture {
  icmp_config config = [] {
    icmp_config c;
    c.timeout = 500ms;
    return c;
  }();
  std::shared_ptr<lane> via = std::make_shared<lane>(config, 0s);
  neighbours nearby{[](ip_family) { return std::optional<neighbour_table>{}; }};
  waiting_echoes waiting{nearby};
  probe_slot slot;
  monotonic_time start{1h};
  std::vector<float> scratch;

  void begin(milliseconds deadline = 15s) {
    slot.via = via;
    slot.target = request_for("127.0.0.1").target;
    slot.address = parse_target("127.0.0.1").address;
    slot.way = waiting.way_of(slot);
    slot.probe.start(via->plan, start, start + deadline);
    slot.probe.next(start);
  }
  bool waits() const { return nearby.waiting(ip_family::ip4) != 0; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(waiting_echoes_tests, fixture)

CAF_TEST(an echo is sent when it leaves and the target is known when it answers) {
  begin();
  CAF_CHECK(slot.way == probe_way::unknown);
  waiting.handed(slot, start);
  CAF_CHECK(waits());
  CAF_CHECK(!waiting.left(slot, {0, 0, 1}, start, true)); // another echo
  CAF_CHECK(waiting.left(slot, {0, 0, 0}, start + 1s, true));
  CAF_CHECK(!waits());
  CAF_CHECK(!slot.is_handed());
  CAF_CHECK(slot.way == probe_way::open);
  CAF_CHECK_EQUAL(slot.probe.reply(0, start + 1s + 2ms), reply_kind::counted);
  waiting.ended(slot, probe_error::none);
  CAF_CHECK(waiting.way_of(slot) == probe_way::open);
}

CAF_TEST(where a neighbour was not silent before it is asked twice in the same time) {
  begin();
  waiting.handed(slot, start);
  CAF_CHECK((waiting_echoes::due(slot) == start + 1500ms));
  waiting.expire(slot, start + 1499ms);
  CAF_CHECK(slot.is_handed());
  waiting.expire(slot, start + 1500ms);
  CAF_CHECK(!slot.is_handed());
  CAF_CHECK_EQUAL(nearby.waiting(ip_family::ip4), 1u); // its entry of the table is there still
  CAF_CHECK(slot.way == probe_way::silent);
  CAF_CHECK(slot.trouble.empty());
  const auto action = slot.probe.next(start + 1500ms);
  CAF_REQUIRE(action.what == echo_action::kind::send);
  CAF_CHECK_EQUAL(action.number, 1u);
  waiting.handed(slot, start + 1510ms);
  CAF_CHECK_EQUAL(nearby.waiting(ip_family::ip4), 1u);
  CAF_CHECK((waiting_echoes::due(slot) == start + 2900ms));
  waiting.expire(slot, start + 2900ms);
  CAF_CHECK(!slot.is_handed());
  CAF_CHECK(!waits());
  CAF_CHECK(slot.trouble.find("the router to it, did not answer ARP for 2900 ms") !=
            std::string::npos);
  const auto verdict = slot.probe.verdict(scratch);
  CAF_CHECK_EQUAL(verdict.error, probe_error::unreachable);
  CAF_CHECK_EQUAL(verdict.summary.sent, 1u);
  waiting.ended(slot, probe_error::unreachable);
  CAF_CHECK(waiting.way_of(slot) == probe_way::silent);

  // Known as silent: once.
  begin();
  waiting.handed(slot, start);
  CAF_CHECK((waiting_echoes::due(slot) == start + 2900ms));
  waiting.expire(slot, start + 2900ms);
  CAF_CHECK(slot.probe.verdict(scratch).error == probe_error::unreachable);
}

CAF_TEST(what the kernel dropped of a burst is no loss) {
  begin();
  waiting.handed(slot, start);
  waiting.expire(slot, start + 1500ms);
  slot.probe.next(start + 1500ms);
  waiting.handed(slot, start + 1501ms);
  CAF_CHECK(waiting.left(slot, {0, 0, 1}, start + 1502ms, true));
  CAF_CHECK(slot.way == probe_way::open);
  CAF_CHECK(!waiting_echoes::waits(slot));
  CAF_CHECK(!waits());
  CAF_CHECK_EQUAL(slot.probe.reply(1, start + 1503ms), reply_kind::counted);
  const auto verdict = slot.probe.verdict(scratch);
  CAF_CHECK(verdict.success);
  CAF_CHECK_EQUAL(verdict.summary.sent, 1u);
  CAF_CHECK_EQUAL(verdict.summary.rtt.max, 1.0F);
}

CAF_TEST(a second echo that finds no room ends in the same time) {
  begin();
  waiting.handed(slot, start);
  waiting.expire(slot, start + 1500ms);
  slot.probe.next(start + 1500ms);
  CAF_CHECK(waiting_echoes::waits(slot));
  CAF_CHECK((waiting_echoes::due(slot) == start + 2900ms));
  waiting.expire(slot, start + 2900ms);
  CAF_CHECK(slot.probe.verdict(scratch).error == probe_error::unreachable);
  CAF_CHECK(!waits());

  // One that came late waits long enough to tell something.
  begin();
  slot.way = probe_way::unknown;
  waiting.handed(slot, start);
  waiting.expire(slot, start + 2950ms); // the thread was held
  slot.probe.next(start + 2950ms);
  waiting.handed(slot, start + 2960ms);
  CAF_CHECK((waiting_echoes::due(slot) == start + 3960ms));
  waiting.ended(slot, probe_error::shutdown);
  CAF_CHECK(!waits());
}

CAF_TEST(a deadline that comes before ends it too if there was time enough) {
  begin(1s);
  waiting.handed(slot, start + 600ms); // by the prober's own fault so late
  CAF_CHECK((waiting_echoes::due(slot) == start + 800ms));
  waiting.expire(slot, start + 1s);
  CAF_CHECK(slot.is_handed());
  waiting.ended(slot, probe_error::local_overload);
  CAF_CHECK(!waits());
  waiting.ended(slot, probe_error::local_overload); // as after an exception
  CAF_CHECK(!waits());

  begin(1s);
  waiting.handed(slot, start);
  waiting.expire(slot, start + 1s);
  CAF_CHECK(slot.probe.verdict(scratch).error == probe_error::unreachable);
}

CAF_TEST(faults of this machine teach nothing) {
  begin();
  waiting.ended(slot, probe_error::none);
  waiting.ended(slot, probe_error::local_overload);
  CAF_CHECK(waiting.way_of(slot) == probe_way::open);
  slot.way = probe_way::open;
  waiting.ended(slot, probe_error::no_reply);
  CAF_CHECK(waiting.way_of(slot) == probe_way::unknown);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace waiting_echoes_suite
