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
  CAF_CHECK_EQUAL(nearby.room(ip4, false), 896u);
  CAF_CHECK_EQUAL(nearby.room(ip4, true), 840u);
  wait_for(840);
  CAF_CHECK_EQUAL(nearby.room(ip4, true), 0u);
  CAF_CHECK_EQUAL(nearby.room(ip4, false), 56u);
  CAF_CHECK_EQUAL(nearby.room(ip_family::ip6, true), 840u);
  nearby.ended(ip4);
  CAF_CHECK_EQUAL(nearby.room(ip4, true), 1u);
}

CAF_TEST(a refusal allows less and calm allows more again) {
  CAF_CHECK(!nearby.was_full(ip4, now)); // a device's queue: no entry was refused
  wait_for(400);
  table.refusals = 8;
  CAF_CHECK(nearby.was_full(ip4, now));
  CAF_CHECK_EQUAL(nearby.room(ip4, false), 0u);
  table.refusals = 9;
  CAF_CHECK(nearby.was_full(ip4, now + 1ms)); // of the same moment
  for (int i = 0; i < 101; ++i) {
    nearby.ended(ip4);
  }
  CAF_CHECK_EQUAL(nearby.room(ip4, false), 1u);
  nearby.look(now + 10s);
  CAF_CHECK_EQUAL(nearby.room(ip4, false), 1u);
  for (int i = 16; i < 100; ++i) {
    nearby.look(now + i * 1s);
  }
  CAF_CHECK_EQUAL(nearby.room(ip4, false), 896u - 299u);
}

CAF_TEST(some may always wait) {
  wait_for(4);
  for (int i = 0; i < 20; ++i) {
    ++table.refusals;
    CAF_CHECK(nearby.was_full(ip4, now + i * 1s));
  }
  CAF_CHECK_EQUAL(nearby.room(ip4, true), 12u);
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
  CAF_CHECK_EQUAL(nearby.room(ip4, false), 57344u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace neighbours_suite
