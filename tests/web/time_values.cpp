#define CAF_SUITE time_values

#include "xprober/web/time_values.hpp"

#include "caf/test/unit_test.hpp"

namespace time_values_suite {

using namespace xprober;
using namespace xprober::web;

CAF_TEST(durations are a number with a unit) {
  CAF_CHECK(parse_duration("90s") == 90);
  CAF_CHECK(parse_duration("15m") == 900);
  CAF_CHECK(parse_duration("2h") == 7200);
  CAF_CHECK(parse_duration("7d") == 604'800);
  for (const auto* bad : {"", "h", "2", "0h", "-2h", "2 h", "2w", "99999999999999d"}) {
    CAF_CHECK(!parse_duration(bad));
  }
}

CAF_TEST(times are seconds or dates or how long ago) {
  CAF_CHECK(parse_time("now", 1000) == 1000);
  CAF_CHECK(parse_time("1m", 1000) == 940);
  CAF_CHECK(parse_time("17", 1000) == 17);
  CAF_CHECK(parse_time("2026-01-02T03:04:05Z", 1000) == 1'767'323'045);
  CAF_CHECK(parse_time("2026-01-02T05:04:05 02:00", 1000) == 1'767'323'045);
  for (const auto* bad : {"", "-1", "1.5", "yesterday", "2026-02-30T00:00:00Z"}) {
    CAF_CHECK(!parse_time(bad, 1000));
  }
}

CAF_TEST(whole numbers have nothing around them) {
  CAF_CHECK(parse_whole("-3") == -3);
  for (const auto* bad : {"", " 3", "3 ", "+3", "0x3", "99999999999999999999"}) {
    CAF_CHECK(!parse_whole(bad));
  }
}

} // namespace time_values_suite
