#define CAF_SUITE values
#include "xprober/config/values.hpp"

#include <vector>

#include "caf/test/unit_test.hpp"

namespace values_suite {

using namespace xprober::config;
using namespace std::chrono_literals;

CAF_TEST(durations are read as Go writes them) {
  const std::vector<std::pair<const char*, std::chrono::nanoseconds>> good{
      {"5s", 5s},
      {"500ms", 500ms},
      {"1m", 1min},
      {"1h30m", 90min},
      {"1.5s", 1500ms},
      {"0", 0ns},
      {"0s", 0ns},
      {"-5s", -5s},
      {"+5s", 5s},
      {"2h45m3s", 9903s},
      {"10us", 10us},
      {"10\xC2\xB5s", 10us},
      {"10\xCE\xBCs", 10us},
      {"7ns", 7ns},
      {".5s", 500ms},
      {"1.s", 1s},
      {"100ms100ms", 200ms},
  };
  for (const auto& [text, expected] : good) {
    CAF_MESSAGE(text);
    const auto value = parse_duration(text);
    CAF_REQUIRE(value.has_value());
    CAF_CHECK_EQUAL(value->count(), expected.count());
  }
}

CAF_TEST(what is no duration is refused) {
  for (const auto* text : {"", "5", "s", "5 s", "5sec", "5S", "1d", "--5s", "5s-", "1.2.3s", ".s",
                           "1e3s", "0x5s", "inf", "nans", "9999999999h", "5s ", "-", "+"}) {
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_duration(text));
  }
}

CAF_TEST(durations are written in their shortest form) {
  CAF_CHECK_EQUAL(to_text(5s), "5s");
  CAF_CHECK_EQUAL(to_text(90min), "1h30m");
  CAF_CHECK_EQUAL(to_text(1500ms), "1s500ms");
  CAF_CHECK_EQUAL(to_text(0ms), "0s");
  CAF_CHECK(parse_duration(to_text(86399999ms)) == 86399999ms);
}

CAF_TEST(sizes) {
  const std::vector<std::pair<const char*, std::uint64_t>> good{
      {"0", 0},
      {"1024", 1024},
      {"512B", 512},
      {"10kB", 10000},
      {"10KB", 10000},
      {"10KiB", 10240},
      {"10MB", 10000000},
      {"10MiB", 10485760},
      {"1GB", 1000000000},
      {"1GiB", 1073741824},
      {"18446744073709551615", UINT64_MAX},
  };
  for (const auto& [text, expected] : good) {
    CAF_MESSAGE(text);
    CAF_CHECK_EQUAL(parse_size(text).value_or(1), expected);
  }
  for (const auto* text : {"", "MB", "-1", "1.5MB", "10 MB", "10M", "10mb", "10TB",
                           "18446744073709551616", "18446744073709551615kB"}) {
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_size(text));
  }
}

CAF_TEST(words for yes and no) {
  for (const auto* text : {"true", "True", "TRUE", "yes", "on"}) {
    CAF_CHECK(parse_bool(text) == true);
  }
  for (const auto* text : {"false", "no", "Off"}) {
    CAF_CHECK(parse_bool(text) == false);
  }
  for (const auto* text : {"", "1", "0", "y", "enabled"}) {
    CAF_CHECK(!parse_bool(text));
  }
}

CAF_TEST(whole numbers) {
  CAF_CHECK_EQUAL(parse_integer("50").value_or(0), 50);
  CAF_CHECK_EQUAL(parse_integer("-7").value_or(0), -7);
  CAF_CHECK_EQUAL(parse_integer("+7").value_or(0), 7);
  CAF_CHECK_EQUAL(parse_integer("9223372036854775807").value_or(0), INT64_MAX);
  for (const auto* text :
       {"", "+", "-", "+-7", "1.0", "1e3", "0x10", "1_000", " 1", "1 ", "9223372036854775808"}) {
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_integer(text));
  }
}

} // namespace values_suite
