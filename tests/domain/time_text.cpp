#define CAF_SUITE time_text

#include "xprober/domain/time_text.hpp"

#include <limits>

#include "caf/test/unit_test.hpp"

namespace time_text_suite {

using namespace xprober;

namespace {

constexpr std::int64_t second_of = 1'767'323'045; // 2026-01-02T03:04:05Z

} // namespace

CAF_TEST(times are written in utc) {
  CAF_CHECK_EQUAL(rfc3339(wall_time{std::chrono::milliseconds{second_of * 1000 + 678}}),
                  "2026-01-02T03:04:05.678Z");
  CAF_CHECK_EQUAL(rfc3339(second_of), "2026-01-02T03:04:05Z");
  CAF_CHECK_EQUAL(rfc3339(std::int64_t{0}), "1970-01-01T00:00:00Z");
  CAF_CHECK_EQUAL(rfc3339(wall_time{std::chrono::milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(rfc3339(std::int64_t{951'782'400}), "2000-02-29T00:00:00Z");
}

CAF_TEST(what no text can say is the nearest that one can) {
  CAF_CHECK_EQUAL(rfc3339(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59Z");
  CAF_CHECK_EQUAL(rfc3339(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00Z");
}

CAF_TEST(times are read with fractions and offsets) {
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-02T03:04:05Z"), second_of * 1000);
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-02t03:04:05z"), second_of * 1000);
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-02T03:04:05.000Z"), second_of * 1000);
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-02T03:04:05.5Z"), second_of * 1000 + 500);
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-02T03:04:05.0789999999999Z"), second_of * 1000 + 78);
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-02T05:04:05+02:00"), second_of * 1000);
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-01T21:34:05.25-05:30"), second_of * 1000 + 250);
  CAF_CHECK_EQUAL(parse_rfc3339("2026-01-02T03:04:05-00:00"), second_of * 1000);
  CAF_CHECK_EQUAL(parse_rfc3339("1969-12-31T23:59:59.999Z"), -1);
  CAF_CHECK_EQUAL(parse_rfc3339("2024-02-29T00:00:00Z"), 1'709'164'800'000);
}

CAF_TEST(a leap second is at the end of a month) {
  CAF_CHECK_EQUAL(parse_rfc3339("2016-12-31T23:59:60Z"), 1'483'228'800'000);
  CAF_CHECK_EQUAL(parse_rfc3339("2017-01-01T00:59:60+01:00"), 1'483'228'800'000);
  CAF_CHECK(!parse_rfc3339("2016-12-30T23:59:60Z"));
  CAF_CHECK(!parse_rfc3339("2016-12-31T22:59:60Z"));
}

CAF_TEST(what is no time is refused) {
  for (const auto* wrong : {"",
                            "2026",
                            "2026-01-02",
                            "2026-01-02T03:04:05",
                            "2026-01-02 03:04:05Z",
                            "2026-02-30T00:00:00Z",
                            "2025-02-29T00:00:00Z",
                            "2026-13-01T00:00:00Z",
                            "2026-00-01T00:00:00Z",
                            "2026-01-00T00:00:00Z",
                            "2026-01-02T24:00:00Z",
                            "2026-01-02T03:60:05Z",
                            "2026-01-02T03:04:61Z",
                            "2026-01-02T03:04:05.Z",
                            "2026-01-02T03:04:05,5Z",
                            "2026-01-02T03:04:05+24:00",
                            "2026-01-02T03:04:05+0200",
                            "2026-01-02T03:04:05+02:60",
                            "2026-01-02T03:04:05Zx",
                            "2026-1-2T03:04:05Z",
                            "+026-01-02T03:04:05Z",
                            "2026-01-02T03:04Z",
                            "2026-01-02T03:04:05.5"}) {
    CAF_MESSAGE(wrong);
    CAF_CHECK(!parse_rfc3339(wrong));
  }
}

CAF_TEST(dates of http) {
  CAF_CHECK_EQUAL(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777);
  for (const auto* wrong : {"", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                            "Sun, 31 Nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Foo 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                            "Sun, 06 Nov 1994 08:49:37 GMT "}) {
    CAF_MESSAGE(wrong);
    CAF_CHECK(!parse_http_date(wrong));
  }
}

} // namespace time_text_suite
