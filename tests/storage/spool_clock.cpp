#define CAF_SUITE spool_clock

#include "xprober/storage/spool_clock.hpp"

#include "caf/test/unit_test.hpp"

namespace spool_clock_suite {

using namespace xprober;
using namespace xprober::storage;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  spool_clock subject;

  static wall_time at(nanoseconds passed) {
    return noon + std::chrono::duration_cast<wall_clock::duration>(passed);
  }

  nanoseconds watch(nanoseconds passed, nanoseconds off = 0s) {
    return subject.watch(at(passed + off), 1000s + passed);
  }

  /// How the time of a result from `age` ago is put right that was measured by a clock that was
  /// `off`.
  milliseconds corrected(nanoseconds passed, nanoseconds age, nanoseconds off = 0s) const {
    return subject.correction(at(passed - age + off), at(passed));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(spool_clock_tests, fixture)

CAF_TEST(without a step nothing is put right) {
  watch(0s);
  watch(10s);
  for (const auto age : {0s, 2s, 30s, 86'400s}) {
    CAF_CHECK(corrected(10s, age) == 0ms);
  }
}

CAF_TEST(while the clock is off and for a minute after it results are put right) {
  for (const auto step : {nanoseconds{-3s}, nanoseconds{24h}, nanoseconds{-24h}}) {
    const auto back = -std::chrono::duration_cast<milliseconds>(step);
    subject = {};
    watch(0s);
    CAF_CHECK(watch(10s, step) == step);
    CAF_CHECK(corrected(10s, 1s, step) == back);
    CAF_CHECK(corrected(10s, 1s) == 0ms); // from before the step
    CAF_CHECK(watch(20s) == 0s);
    CAF_CHECK(corrected(20s, 1s, step) == back);
    CAF_CHECK(corrected(20s, 1s) == 0ms);
  }
}

CAF_TEST(a small step that has passed puts nothing right for ever) {
  for (const auto step : {nanoseconds{-3s}, nanoseconds{24h}}) {
    subject = {};
    watch(0s);
    watch(10s, step);
    watch(69s);
    CAF_CHECK(corrected(69s, 1s, step) != 0ms);
    watch(70s);
    for (const auto age : {0s, 2s, 3s, 10s}) {
      CAF_CHECK(corrected(70s, age) == 0ms);
    }
    CAF_CHECK(corrected(70s, 0s, step) == 0ms);
  }
}

CAF_TEST(a step that comes again counts anew) {
  watch(0s);
  watch(10s, -3s);
  watch(50s);
  watch(60s, -3s);
  watch(110s);
  CAF_CHECK(corrected(110s, 0s, -3s) == 3s);
  watch(120s);
  CAF_CHECK(corrected(120s, 0s, -3s) == 0ms);
}

CAF_TEST(a step that is believed ends it) {
  watch(0s);
  watch(10s, 24h);
  CAF_CHECK_EQUAL(subject.steps(), 0u);
  CAF_CHECK(watch(70s, 24h) == 0s);
  CAF_CHECK_EQUAL(subject.steps(), 1u);
  CAF_CHECK(corrected(70s, 0s, 48h) == 0ms);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace spool_clock_suite
