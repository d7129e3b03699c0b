#define CAF_SUITE text

#include "xprober/web/text.hpp"

#include <cmath>
#include <limits>

#include "caf/test/unit_test.hpp"

namespace text_suite {

using namespace xprober;
using namespace xprober::web;

CAF_TEST(valid text stays as it is) {
  const std::string text = "a é 中 \U0001F600";
  CAF_CHECK_EQUAL(valid_utf8(text), text);
}

CAF_TEST(broken bytes become the replacement character) {
  const std::string bad = "\xEF\xBF\xBD";
  CAF_CHECK_EQUAL(valid_utf8("a\xFF"
                             "b"),
                  "a" + bad + "b");
  CAF_CHECK_EQUAL(valid_utf8("\xE4\xB8"), bad);                           // cut short
  CAF_CHECK_EQUAL(valid_utf8("\xC0\xAF"), bad + bad);                     // overlong
  CAF_CHECK_EQUAL(valid_utf8("\xED\xA0\x80"), bad + bad + bad);           // surrogate
  CAF_CHECK_EQUAL(valid_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad); // beyond U+10FFFF
}

CAF_TEST(markup is escaped) {
  CAF_CHECK_EQUAL(html_escape("<a href=\"x\" b='y'>&amp;"),
                  "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
  CAF_CHECK_EQUAL(html_escape(std::string_view("a\0b", 3)), "a\xEF\xBF\xBD"
                                                            "b");
}

CAF_TEST(numbers have their shortest text) {
  CAF_CHECK_EQUAL(number_text(0.1), "0.1");
  CAF_CHECK_EQUAL(number_text(3), "3");
  CAF_CHECK_EQUAL(number_text(1767323045), "1767323045");
  CAF_CHECK_EQUAL(number_text(-0.5), "-0.5");
  CAF_CHECK_EQUAL(number_text(1e300), "1e+300");
  CAF_CHECK_EQUAL(number_text(std::nan("")), "NaN");
  CAF_CHECK_EQUAL(number_text(std::numeric_limits<double>::infinity()), "+Inf");
  CAF_CHECK_EQUAL(number_text(-std::numeric_limits<double>::infinity()), "-Inf");
}

CAF_TEST(a float is widened to the number it shows) {
  CAF_CHECK_EQUAL(widen(0.1F), 0.1);
  CAF_CHECK_EQUAL(widen(-1.0F), -1.0);
  CAF_CHECK(std::isnan(widen(std::nanf(""))));
}

CAF_TEST(rounding drops binary noise) {
  CAF_CHECK_EQUAL(rounded(0.1 + 0.2), 0.3);
  CAF_CHECK_EQUAL(rounded(1767323045.5), 1767323045.5);
}

CAF_TEST(times as numbers have milliseconds) {
  const wall_time time{std::chrono::milliseconds{1767323045678}};
  CAF_CHECK_EQUAL(unix_fraction(time), 1767323045.678);
}

CAF_TEST(people read counts and sizes) {
  CAF_CHECK_EQUAL(people_count(0), "0");
  CAF_CHECK_EQUAL(people_count(999), "999");
  CAF_CHECK_EQUAL(people_count(1234567), "1,234,567");
  CAF_CHECK_EQUAL(people_bytes(512), "512 B");
  CAF_CHECK_EQUAL(people_bytes(1536), "1.5 KiB");
  CAF_CHECK_EQUAL(people_bytes(50331648), "48.0 MiB");
}

CAF_TEST(people read durations) {
  CAF_CHECK_EQUAL(people_seconds(-1), "0 s");
  CAF_CHECK_EQUAL(people_seconds(59.9), "59 s");
  CAF_CHECK_EQUAL(people_seconds(200), "3 min 20 s");
  CAF_CHECK_EQUAL(people_seconds(7500), "2 h 5 min");
  CAF_CHECK_EQUAL(people_seconds(356400), "4 d 3 h");
}

CAF_TEST(milliseconds have three digits) {
  CAF_CHECK_EQUAL(people_ms(0.0432), "0.043");
  CAF_CHECK_EQUAL(people_ms(1.254), "1.25");
  CAF_CHECK_EQUAL(people_ms(9.999), "10.0");
  CAF_CHECK_EQUAL(people_ms(12.34), "12.3");
  CAF_CHECK_EQUAL(people_ms(1230.4), "1,230");
  CAF_CHECK_EQUAL(people_ms(std::nan("")), "–");
}

CAF_TEST(some loss is never shown as none or all) {
  CAF_CHECK_EQUAL(people_percent(0), "0");
  CAF_CHECK_EQUAL(people_percent(0.01), "<0.1");
  CAF_CHECK_EQUAL(people_percent(12.5), "12.5");
  CAF_CHECK_EQUAL(people_percent(99.97), ">99.9");
  CAF_CHECK_EQUAL(people_percent(100), "100");
}

} // namespace text_suite
