#define CAF_SUITE server_clock

#include "xprober/actors/server/server_clock.hpp"

#include "caf/test/unit_test.hpp"

namespace server_clock_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  server_clock subject;

  /// How far what is believed is from the right time, when the machine's clock is `off`.
  nanoseconds error_at(nanoseconds passed, nanoseconds off = 0s) {
    const auto right = noon + std::chrono::duration_cast<wall_clock::duration>(passed);
    return subject.read(monotonic_time{1h} + passed,
                        right + std::chrono::duration_cast<wall_clock::duration>(off),
                        1000s + passed) -
           right;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_clock_tests, fixture)

CAF_TEST(a clock is proven once it has said the same for two minutes) {
  CAF_CHECK(!subject.is_proven());
  for (auto passed = 0s; passed < 120s; passed += 1s) {
    error_at(passed);
    CAF_CHECK(!subject.is_proven());
  }
  error_at(120s);
  CAF_CHECK(subject.is_proven());
}

CAF_TEST(a clock that is wrong at first is never proven wrong) {
  for (const auto wrong : {nanoseconds{8h}, nanoseconds{-24h * 365 * 20}, nanoseconds{24h * 400}}) {
    for (const auto put_right : {1s, 10s, 59s}) {
      for (const auto pause : {1s, 5s, 30s}) {
        subject = {};
        for (auto passed = 0s; passed <= 300s; passed += pause) {
          const auto error = error_at(passed, passed < put_right ? wrong : 0s);
          CAF_CHECK(!subject.is_proven() || error == 0s);
        }
        CAF_CHECK(subject.is_proven());
      }
    }
  }
}

CAF_TEST(while it is doubted it is not proven) {
  error_at(0s);
  error_at(500s);
  CAF_CHECK(subject.is_proven());
  error_at(501s, 1h);
  CAF_CHECK(!subject.is_proven());
  error_at(502s);
  CAF_CHECK(subject.is_proven());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace server_clock_suite
