#define CAF_SUITE row_clock

#include "xprober/domain/wire/row_clock.hpp"

#include <limits>

#include "caf/test/unit_test.hpp"

namespace row_clock_suite {

using namespace xprober;

namespace {

constexpr std::int64_t noon = 1'767'268'800'000;
constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t day = 24 * hour;

} // namespace

CAF_TEST(a good stamp stays) {
  const row_clock clock{noon, 0};
  for (const auto age : {std::int64_t{0}, hour, 200 * day, row_clock::most_behind_ms}) {
    const auto got = clock.judge(noon - age);
    CAF_CHECK(!got.misdated);
    CAF_CHECK(got.unix_ms == noon - age);
  }
  CAF_CHECK(!clock.judge(noon + row_clock::most_ahead_ms).misdated);
  CAF_CHECK(!clock.moves_all());
  CAF_CHECK_EQUAL(clock.kept_skew_ms(), 0);
}

CAF_TEST(what cannot be counts when it arrived) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const row_clock clock{noon, 0};
  for (const auto stamp : {noon + row_clock::most_ahead_ms + 1, noon + 50 * 365 * day,
                           noon - row_clock::most_behind_ms - 1, std::int64_t{0}, least, most}) {
    const auto got = clock.judge(stamp);
    CAF_CHECK(got.misdated);
    CAF_CHECK(got.unix_ms == noon);
  }
}

CAF_TEST(a clock that is ahead leaves no stamp ahead) {
  const row_clock clock{noon, 50 * 365 * day};
  CAF_CHECK(clock.moves_all());
  const auto got = clock.judge(noon + 50 * 365 * day - hour);
  CAF_CHECK(!got.misdated);
  CAF_CHECK(got.unix_ms == noon - hour);
  CAF_CHECK_EQUAL(clock.kept_skew_ms(), 0);
  CAF_MESSAGE("what such a clock is believed to have said while it was right");
  CAF_CHECK(clock.judge(noon).misdated);
  CAF_CHECK(clock.judge(noon).unix_ms == noon);
}

CAF_TEST(a clock that is behind keeps its stamps) {
  const row_clock clock{noon, -hour};
  CAF_CHECK(!clock.moves_all());
  CAF_CHECK_EQUAL(clock.kept_skew_ms(), -hour);
  CAF_CHECK(clock.judge(noon - hour).unix_ms == noon - hour);
  const auto future = clock.judge(noon + hour);
  CAF_CHECK(future.misdated);
  CAF_CHECK(future.unix_ms - clock.kept_skew_ms() == noon);
}

CAF_TEST(a skew that cannot be overflows nothing) {
  for (const auto skew :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    const row_clock clock{noon, skew};
    const auto got = clock.judge(0);
    CAF_CHECK(got.misdated);
    CAF_CHECK(got.unix_ms - clock.kept_skew_ms() == noon);
  }
}

} // namespace row_clock_suite
