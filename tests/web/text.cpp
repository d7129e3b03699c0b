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

} // namespace text_suite
