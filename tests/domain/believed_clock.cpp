#define CAF_SUITE believed_clock

#include "xprober/domain/believed_clock.hpp"

#include "caf/test/unit_test.hpp"

namespace believed_clock_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  believed_clock subject;
  nanoseconds since_boot{1000s};

  /// What is believed when the wall clock is `off` from noon and the time that has passed since.
  nanoseconds at(nanoseconds passed, nanoseconds off = 0s) {
    const auto wall = noon + std::chrono::duration_cast<wall_clock::duration>(passed + off);
    return subject.now(wall, since_boot + passed) - noon;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(believed_clock_tests, fixture)

CAF_TEST(a step that passes has not been) {
  CAF_CHECK(at(0s) == 0s);
  for (const auto step : {nanoseconds{24h}, nanoseconds{-24h}, nanoseconds{2s}}) {
    CAF_CHECK(at(1s) == 1s);
    CAF_CHECK(at(2s, step) == 2s);
    CAF_CHECK(subject.is_doubting());
    CAF_CHECK(at(61s, step) == 61s);
    CAF_CHECK(at(62s) == 62s);
    CAF_CHECK(!subject.is_doubting());
    CAF_CHECK_EQUAL(subject.steps(), 0u);
  }
}

CAF_TEST(a step that stays is believed after a minute) {
  at(0s);
  CAF_CHECK(at(1s, 1h) == 1s);
  CAF_CHECK(at(60s, 1h) == 60s);
  CAF_CHECK(at(61s, 1h) == 1h + 61s);
  CAF_CHECK_EQUAL(subject.steps(), 1u);
  CAF_CHECK(at(62s, 1h) == 1h + 62s);
  CAF_MESSAGE("another step meanwhile begins the minute again");
  at(70s, 2h);
  at(100s, 3h);
  CAF_CHECK(at(131s, 3h) == 1h + 131s);
  CAF_CHECK(at(160s, 3h) == 3h + 160s);
  CAF_CHECK_EQUAL(subject.steps(), 2u);
}

CAF_TEST(slow corrections are followed) {
  for (int i = 0; i < 100; ++i) {
    CAF_CHECK(at(i * 10s, i * 500ms) == i * 10s + i * 500ms);
  }
  CAF_CHECK_EQUAL(subject.steps(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace believed_clock_suite
