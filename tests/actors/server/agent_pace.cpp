#define CAF_SUITE agent_pace

#include "xprober/actors/server/agent_pace.hpp"

#include "caf/test/unit_test.hpp"

namespace agent_pace_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const monotonic_time t0{1h};

struct fixture {
  agent_pace pace;

  fixture() { pace.set_rate(100); }

  bool may(std::uint64_t agent, monotonic_time now) { return pace.wait(agent, now) == 0ns; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_pace_tests, fixture)

CAF_TEST(a burst is taken and then it is paced) {
  for (int i = 0; i < 30; ++i) {
    CAF_CHECK(may(1, t0));
    pace.spend(1, 100, t0);
  }
  CAF_CHECK(!may(1, t0));
  CAF_CHECK(may(1, t0 + 1s));
  CAF_CHECK(may(2, t0));
}

CAF_TEST(what is larger than a burst is taken and paid for) {
  CAF_CHECK(may(1, t0));
  pace.spend(1, 100'000, t0);
  const auto wait = pace.wait(1, t0);
  CAF_CHECK(wait >= 970s && wait < 971s);
  CAF_CHECK(!may(1, t0 + 969s));
  CAF_CHECK(may(1, t0 + 971s));
}

CAF_TEST(in the long run it is the rate) {
  std::uint64_t sent = 0;
  for (auto now = t0; now < t0 + 1000s; now += 100ms) {
    if (may(1, now)) {
      pace.spend(1, 50, now);
      sent += 50;
    }
  }
  CAF_CHECK(sent >= 100'000 && sent <= 103'100);
}

CAF_TEST(very many agents take bounded memory and hurt no other) {
  pace.spend(7, 100'000, t0);
  for (std::uint64_t i = 10; i < 10 + 2 * agent_pace::most_agents; ++i) {
    pace.spend(i, 1, t0 + 1s);
  }
  CAF_CHECK(pace.size() <= agent_pace::most_agents + 1);
  CAF_CHECK(!may(7, t0 + 1s));
  CAF_CHECK(may(10, t0 + 1s));
  CAF_MESSAGE("whoever has got everything back makes room");
  pace.spend(5, 1, t0 + 10s);
  CAF_CHECK(pace.size() < 10u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace agent_pace_suite
