#define CAF_SUITE crew_memory

#include "xprober/actors/server/crew_memory.hpp"

#include <string>
#include <vector>

#include "xprober/domain/string_hash.hpp"

#include "caf/test/unit_test.hpp"

namespace crew_memory_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto hand_over = crew_memory::hand_over;
const monotonic_time t0{100h};
const std::string a = "10.1.1.1";
const std::string b = "10.1.1.2";
const std::string c = "10.1.1.3";

struct fixture {
  /// These of the region "eu" ask for targets.
  void there(const std::vector<std::string>& addresses, monotonic_time now) {
    std::vector<agent_identity> active;
    for (const auto& address : addresses) {
      active.push_back({"eu", address});
    }
    crews.enter(active, now);
  }

  /// How many of 300 targets an agent can have.
  int share(const std::string& agent, monotonic_time now, const std::string& region = "eu") {
    int targets = 0;
    for (std::uint64_t i = 0; i < 300; ++i) {
      targets += crews.can_have(region, agent, combine_hash(7, i), now) ? 1 : 0;
    }
    return targets;
  }

  crew_memory crews;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(crew_memory_tests, fixture)

CAF_TEST(settled agents have their shares and no more) {
  there({a, b, c}, t0);
  CAF_MESSAGE("at first each can have had everything");
  CAF_CHECK_EQUAL(share(a, t0), 300);
  CAF_CHECK_EQUAL(share(a, t0 + hand_over - 1s), 300);
  const auto now = t0 + hand_over;
  const rendezvous owners{{a, b, c}};
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto hash = combine_hash(7, i);
    CAF_CHECK(crews.can_have("eu", a, hash, now) == (owners.owner(hash) == 0));
  }
  CAF_CHECK_EQUAL(share(a, now) + share(b, now) + share(c, now), 300);
  CAF_MESSAGE("other regions, and who gave no address that could be told apart");
  CAF_CHECK_EQUAL(share(a, now, "us"), 300);
  CAF_CHECK_EQUAL(share("somewhere", now), 300);
  CAF_MESSAGE("who asks for the first time has taken a part from each");
  const auto fourth = share("10.1.1.4", now);
  CAF_CHECK(fourth > 30 && fourth < 150);
}

CAF_TEST(shares move when somebody comes or goes) {
  there({a, b}, t0);
  auto now = t0 + 5 * hand_over;
  const auto half = share(a, now);
  CAF_CHECK(half > 100 && half < 200);
  CAF_MESSAGE("b goes: all is a's at once");
  there({a}, now);
  CAF_CHECK_EQUAL(share(a, now), 300);
  CAF_MESSAGE("b is back: what a was given meanwhile is welcome for a while");
  now += 5 * hand_over;
  there({a, b}, now);
  CAF_CHECK_EQUAL(share(a, now + hand_over - 1s), 300);
  CAF_CHECK_EQUAL(share(a, now + hand_over), half);
  CAF_CHECK(share(b, now) < 200);
}

CAF_TEST(a spool is of the list that its agent had when it went) {
  there({a, b}, t0);
  auto now = t0 + 5 * hand_over;
  there({a}, now); // a has everything,
  now += 1min;
  there({}, now); // is cut off,
  now += 1min;
  there({b}, now); // and b is back
  now += 10 * hand_over;
  CAF_MESSAGE("a comes back with results of all");
  CAF_CHECK_EQUAL(share(a, now), 300);
  there({a, b}, now);
  CAF_CHECK_EQUAL(share(a, now + hand_over - 1s), 300);
  CAF_MESSAGE("and has its share afterwards");
  CAF_CHECK(share(a, now + hand_over) < 200);
  CAF_MESSAGE("who was in its place before and after stays in it");
  const auto before = share(b, now + hand_over);
  there({a}, now + 2 * hand_over);
  there({a, b}, now + 20 * hand_over);
  CAF_CHECK_EQUAL(share(b, now + 20 * hand_over), before);
}

CAF_TEST(who has gone for long is forgotten) {
  there({a, b}, t0);
  CAF_CHECK_EQUAL(crews.size(), 2u);
  there({a}, t0 + 1h);
  there({a}, t0 + 1h + crew_memory::remembered - 1s);
  CAF_CHECK_EQUAL(crews.size(), 2u);
  there({a}, t0 + 1h + crew_memory::remembered);
  CAF_CHECK_EQUAL(crews.size(), 1u);
  there({}, t0 + 40h);
  there({}, t0 + 80h);
  CAF_CHECK_EQUAL(crews.size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace crew_memory_suite
