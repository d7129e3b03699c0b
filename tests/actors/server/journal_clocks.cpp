#define CAF_SUITE journal_clocks

#include "xprober/actors/server/journal_clocks.hpp"

#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace journal_clocks_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  journal_clocks subject;

  fixture() { log::set_level(log::level::off); }
  ~fixture() { log::set_level(log::level::info); }

  wall_time read(std::chrono::seconds passed, std::chrono::hours off = 0h) {
    return subject.read(monotonic_time{1h} + passed, noon + passed + off, 1000s + passed);
  }
  /// What is taken out of the times of an agent whose clock is an hour ahead of `at`.
  std::int64_t skew(wall_time at) {
    batch_header header;
    header.instance[0] = 1;
    header.sent_unix_ms = to_unix_ms(at + 1h);
    return subject.agents().note(header, {"eu", "10.0.0.1"}, to_unix_ms(at));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_clocks_tests, fixture)

CAF_TEST(this clock is proven after its probation) {
  CAF_CHECK(read(0s) == noon);
  CAF_CHECK(!subject.is_proven());
  read(std::chrono::duration_cast<std::chrono::seconds>(server_clock::probation));
  CAF_CHECK(subject.is_proven());
}

CAF_TEST(agents are compared anew when this clock was set) {
  CAF_CHECK_EQUAL(skew(read(0s)), 3'600'000);
  batch_header header;
  header.instance[0] = 1;
  header.sent_unix_ms = to_unix_ms(noon + 2h);
  const auto again = [&](std::chrono::seconds passed) {
    const auto at = read(passed, 5h);
    header.sent_unix_ms = to_unix_ms(at); // the agent has the same time now
    return subject.agents().note(header, {"eu", "10.0.0.1"}, to_unix_ms(at));
  };
  // Doubted for a while, and then believed: nothing of before is left.
  for (auto passed = 1s; passed < 70s; passed += 1s) {
    read(passed, 5h);
  }
  CAF_CHECK_EQUAL(again(70s), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_clocks_suite
