#define CAF_SUITE neighbours

#include "xprober/probes/icmp/neighbours.hpp"

#include "caf/test/unit_test.hpp"

namespace neighbours_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace std::chrono_literals;

namespace {

constexpr auto ip4 = ip_family::ip4;

struct fixture {
  neighbour_table table{.entries = 10, .limit = 1024, .refusals = 7};
  int looks = 0;
  neighbours nearby{[this](ip_family) {
    ++looks;
    return std::optional{table};
  }};
  monotonic_time now{1h};

  void wait_for(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      nearby.began(ip4);
    }
  }
  std::size_t room(bool silent_before) { return nearby.room(ip4, silent_before, now); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(neighbours_tests, fixture)

CAF_TEST(the kernel says how full its tables are) {
  for (const auto family : {ip_family::ip4, ip_family::ip6}) {
    const auto real = read_neighbour_table(family);
    CAF_REQUIRE(real.has_value());
    CAF_CHECK(real->limit > 0);
  }
}

CAF_TEST(an eighth of the table is left alone and those that were silent leave room for others) {
  table.entries = 1000;
  CAF_CHECK_EQUAL(room(false), 896u);
  CAF_CHECK_EQUAL(room(true), 840u);
  wait_for(840);
  CAF_CHECK_EQUAL(room(true), 0u);
  CAF_CHECK_EQUAL(room(false), 56u);
  CAF_CHECK_EQUAL(nearby.room(ip_family::ip6, true, now), 840u);
  nearby.ended(ip4);
  CAF_CHECK_EQUAL(room(true), 1u);
}

CAF_TEST(targets behind one router share its entry of the table) {
  table.entries = 12;
  wait_for(896);
  const int before = looks;
  CAF_CHECK_EQUAL(room(false), 884u);
  CAF_CHECK_EQUAL(room(true), 884u - 56u);
  wait_for(10); // which may be neighbours with entries of their own
  table.entries = 500;
  now += 19ms;
  CAF_CHECK_EQUAL(room(false), 874u);
  CAF_CHECK_EQUAL(looks, before + 1);
  now += 1ms;
  CAF_CHECK_EQUAL(room(false), 396u);
  wait_for(1000);
  CAF_CHECK_EQUAL(room(false), 0u);
  table.entries = 2000;
  now += 20ms;
  CAF_CHECK_EQUAL(room(false), 0u);
}

CAF_TEST(what the kernel said of its table holds no longer once it refused an entry) {
  table.entries = 500;
  wait_for(896);
  CAF_CHECK_EQUAL(room(false), 396u);
  ++table.refusals;
  CAF_CHECK(nearby.was_full(ip4, now));
  CAF_CHECK_EQUAL(room(false), 0u);
}

CAF_TEST(a table that others filled takes a part of what may wait) {
  table.entries = 1024;
  ++table.refusals;
  CAF_CHECK(nearby.was_full(ip4, now));
  CAF_CHECK_EQUAL(room(false), 336u); // and not the least, though nothing waits
}

CAF_TEST(a refusal allows less and calm allows more again) {
  CAF_CHECK(!nearby.was_full(ip4, now)); // a device's queue: no entry was refused
  table.entries = 1024;
  wait_for(500);
  table.refusals = 8;
  CAF_CHECK(nearby.was_full(ip4, now));
  CAF_CHECK_EQUAL(room(false), 0u);
  table.refusals = 9;
  CAF_CHECK(nearby.was_full(ip4, now + 1ms)); // of the same moment
  for (int i = 0; i < 126; ++i) {             // 375 are allowed
    nearby.ended(ip4);
  }
  CAF_CHECK_EQUAL(room(false), 1u);
  nearby.look(now + 10s);
  CAF_CHECK_EQUAL(room(false), 1u);
  for (int i = 16; i < 100; ++i) {
    nearby.look(now + i * 1s);
  }
  CAF_CHECK_EQUAL(room(false), 896u - 374u);
}

CAF_TEST(some may always wait) {
  table.entries = 1024;
  wait_for(4);
  for (int i = 0; i < 20; ++i) {
    ++table.refusals;
    CAF_CHECK(nearby.was_full(ip4, now + i * 1s));
  }
  CAF_CHECK_EQUAL(room(true), 12u);
}

CAF_TEST(a table that was made larger is seen) {
  CAF_CHECK(nearby.shortage(ip4).find("net.ipv4.neigh.default.gc_thresh3 is 1024") !=
            std::string::npos);
  CAF_CHECK(nearby.shortage(ip_family::ip6).find("net.ipv6.neigh.default.gc_thresh3") !=
            std::string::npos);
  table.limit = 65536;
  const int before = looks;
  nearby.look(now);
  CAF_CHECK_EQUAL(looks, before); // nobody waits: not looked at
  nearby.gave_up(ip4);
  nearby.look(now + 1s);
  CAF_CHECK_EQUAL(room(false), 57344u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace neighbours_suite
