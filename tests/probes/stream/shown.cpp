#define CAF_SUITE shown

#include "xprober/probes/stream/shown.hpp"

#include "caf/test/unit_test.hpp"

namespace shown_suite {

using xprober::stream::shown;

CAF_TEST(what would move a terminal is not shown) {
  CAF_CHECK_EQUAL(shown("220 ready"), "220 ready");
  CAF_CHECK_EQUAL(shown("\x1b[2J\a\x7f\t|"), "?[2J???|");
  CAF_CHECK_EQUAL(shown("a\xC2\x9B"
                        "2J"),
                  "a??2J"); // the same in the upper control characters
  CAF_CHECK_EQUAL(shown(""), "");
}

CAF_TEST(letters of other scripts are shown and what is no UTF - 8 is not) {
  const std::string good = "b\xC3\xBC"
                           "cher \xE2\x82\xAC \xF0\x9F\x98\x80 \xC2\xA0";
  CAF_CHECK_EQUAL(shown(good), good);
  CAF_CHECK_EQUAL(shown("\xFF\xC0\xAF"), "???");
  CAF_CHECK_EQUAL(shown("\xE2\x82"), "??");           // cut short
  CAF_CHECK_EQUAL(shown("\xED\xA0\x80"), "???");      // a surrogate
  CAF_CHECK_EQUAL(shown("\xF4\x90\x80\x80"), "????"); // beyond Unicode
}

CAF_TEST(long ones are cut between characters) {
  CAF_CHECK_EQUAL(shown("abcdef", 6), "abcdef");
  CAF_CHECK_EQUAL(shown("abcdefg", 6), "abcdef...");
  CAF_CHECK_EQUAL(shown("abcde\xC3\xBC", 6), "abcde...");
}

} // namespace shown_suite
