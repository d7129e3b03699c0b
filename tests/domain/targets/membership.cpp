#define CAF_SUITE membership

#include "xprober/domain/targets/membership.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace membership_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using verdict = membership::verdict;

const monotonic_time t0{1h};
const wall_time w0{std::chrono::seconds{1'700'000'000}};

std::string canonical(std::string_view text) {
  return canonical_host_address(text).value_or("none");
}

struct fixture {
  membership members{60s};

  verdict seen(const std::string& region, const std::string& ip, monotonic_time now = t0) {
    return members.seen({region, ip}, {"peer", "process"}, now, w0 + (now - t0));
  }
};

} // namespace

CAF_TEST(addresses of one machine have one spelling) {
  CAF_CHECK_EQUAL(canonical("10.0.0.1"), "10.0.0.1");
  CAF_CHECK_EQUAL(canonical("127.0.0.1"), "127.0.0.1");
  CAF_CHECK_EQUAL(canonical("2001:DB8:0::1"), "2001:db8::1");
  CAF_CHECK_EQUAL(canonical("::1"), "::1");
  CAF_CHECK_EQUAL(canonical("::ffff:10.0.0.1"), "10.0.0.1");
  CAF_CHECK_EQUAL(canonical("169.253.0.1"), "169.253.0.1");
  CAF_CHECK_EQUAL(canonical("fec0::1"), "fec0::1");
}

CAF_TEST(what names no single machine is no member address) {
  for (const auto* text :
       {"", "host.example", "10.0.0", "10.0.0.1/24", "10.0.0.256", "0.0.0.0", "::", "224.0.0.1",
        "255.255.255.255", "::ffff:255.255.255.255", "ff02::1", "10.0.0.1 ", "fe80::1%eth0",
        "fe80::1", "febf::1", "169.254.0.1", "::ffff:169.254.0.1", "0.1.2.3", "240.0.0.1"}) {
    CAF_MESSAGE("address '" << text << "'");
    CAF_CHECK(!canonical_host_address(text));
  }
  CAF_CHECK(!canonical_host_address(std::string(100'000, '1')));
  CAF_CHECK(!canonical_host_address(std::string_view("10.0.0.1\0", 9)));
}

CAF_TEST_FIXTURE_SCOPE(membership_tests, fixture)

CAF_TEST(an agent joins once and renews its lease) {
  CAF_CHECK(seen("eu", "10.0.0.1") == verdict::joined);
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 5s) == verdict::renewed);
  CAF_CHECK_EQUAL(members.size(), 1u);
  const auto list = members.list();
  CAF_REQUIRE_EQUAL(list.size(), 1u);
  CAF_CHECK(list[0].first_seen == w0);
  CAF_CHECK(list[0].last_seen == w0 + 5s);
}

CAF_TEST(two spellings of an address are one member) {
  CAF_CHECK(seen("eu", "2001:db8::1") == verdict::joined);
  CAF_CHECK(seen("eu", "2001:DB8:0:0::1") == verdict::renewed);
  CAF_CHECK(members.identities().at(0).local_ip == "2001:db8::1");
}

CAF_TEST(one address in two regions is two members) {
  seen("eu", "10.0.0.1");
  CAF_CHECK(seen("us", "10.0.0.1") == verdict::joined);
  CAF_CHECK_EQUAL(members.size(), 2u);
}

CAF_TEST(members are sorted by region and address) {
  seen("us", "10.0.0.1");
  seen("eu", "10.0.0.9");
  seen("eu", "10.0.0.2");
  const auto all = members.identities();
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  CAF_CHECK(all[0] == (agent_identity{"eu", "10.0.0.2"}));
  CAF_CHECK(all[1] == (agent_identity{"eu", "10.0.0.9"}));
  CAF_CHECK(all[2] == (agent_identity{"us", "10.0.0.1"}));
}

CAF_TEST(a member that stops asking leaves when its lease is over) {
  seen("eu", "10.0.0.1", t0);
  seen("eu", "10.0.0.2", t0 + 30s);
  CAF_CHECK_EQUAL(members.expire(t0 + 59s), 0u);
  CAF_CHECK_EQUAL(members.expire(t0 + 60s), 1u);
  CAF_CHECK(members.identities().at(0).local_ip == "10.0.0.2");
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 61s) == verdict::joined);
}

CAF_TEST(a new lease counts for members that are here already) {
  seen("eu", "10.0.0.1", t0);
  members.set_lease(10s);
  CAF_CHECK_EQUAL(members.expire(t0 + 10s), 1u);
}

CAF_TEST(the skew of a clock is known of members alone) {
  seen("eu", "10.0.0.1");
  CAF_CHECK(!members.list()[0].clock_skew_ms);
  members.set_clock_skew({"eu", "::ffff:10.0.0.1"}, -250);
  members.set_clock_skew({"eu", "10.0.0.2"}, 5);
  members.set_clock_skew({"eu", "no address"}, 5);
  CAF_CHECK_EQUAL(members.size(), 1u);
  CAF_CHECK(members.list()[0].clock_skew_ms == std::optional<std::int64_t>{-250});
}

CAF_TEST(two agents with one identity show by processes that come back) {
  const auto from = [&](const char* peer, monotonic_time now) {
    members.seen({"eu", "10.0.0.1"}, {peer, peer}, now, w0);
  };
  for (const auto* peer : {"a:1", "a:2", "a:2", "a:3", "a:4"}) {
    from(peer, t0); // one that makes new connections
  }
  CAF_CHECK(members.clashes(t0).empty());
  from("a:3", t0 + 1s);
  CAF_CHECK(members.clashes(t0 + 1s) ==
            (std::vector<identity_clash>{{{"eu", "10.0.0.1"}, "a:3", "a:4"}}));
  from("a:4", t0 + 2s);
  from("a:4", t0 + 50s);
  CAF_CHECK_EQUAL(members.clashes(t0 + 61s).size(), 1u);
  CAF_CHECK(members.clashes(t0 + 62s).empty());
}

CAF_TEST(an agent whose calls come from here and there is one) {
  for (const auto* peer : {"proxy:1", "proxy:2", "proxy:1", "proxy:3", "proxy:2"}) {
    members.seen({"eu", "10.0.0.1"}, {peer, "process a"}, t0, w0);
    members.seen({"eu", "10.0.0.2"}, {peer, ""}, t0, w0); // says nothing of its process
  }
  CAF_CHECK(members.clashes(t0).empty());
  const auto all = members.list();
  CAF_CHECK_EQUAL(all.at(0).peer, "proxy:2");
  CAF_MESSAGE("and two are two, wherever they call from");
  members.seen({"eu", "10.0.0.1"}, {"proxy:1", "process b"}, t0, w0);
  CAF_CHECK(members.clashes(t0).empty());
  members.seen({"eu", "10.0.0.1"}, {"proxy:1", "process a"}, t0, w0);
  CAF_CHECK(members.clashes(t0) ==
            (std::vector<identity_clash>{{{"eu", "10.0.0.1"}, "proxy:1", "proxy:1"}}));
}

CAF_TEST(bad identities are refused and counted) {
  CAF_CHECK(seen("", "10.0.0.1") == verdict::refused_region);
  CAF_CHECK(seen("eu\n", "10.0.0.1") == verdict::refused_region);
  CAF_CHECK(seen(std::string(1000, 'r'), "10.0.0.1") == verdict::refused_region);
  CAF_CHECK(seen("eu", "") == verdict::refused_address);
  CAF_CHECK(seen("eu", "agent.example") == verdict::refused_address);
  CAF_CHECK_EQUAL(members.size(), 0u);
  CAF_CHECK_EQUAL(members.refused(), 5u);
}

CAF_TEST(a full membership takes nobody new and keeps who is there) {
  members = membership{60s, 2};
  seen("eu", "10.0.0.1");
  seen("eu", "10.0.0.2");
  CAF_CHECK(seen("eu", "10.0.0.3") == verdict::refused_full);
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 30s) == verdict::renewed);
  CAF_CHECK_EQUAL(members.size(), 2u);
  CAF_CHECK_EQUAL(members.refused(), 1u);
  members.expire(t0 + 60s);
  CAF_CHECK(seen("eu", "10.0.0.3", t0 + 60s) == verdict::joined);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace membership_suite
