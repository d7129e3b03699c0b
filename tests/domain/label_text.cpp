#define CAF_SUITE label_text

#include "xprober/domain/label_text.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace label_text_suite {

using namespace xprober;

CAF_TEST(text of people and machines is clean) {
  CAF_CHECK(is_clean_text(""));
  CAF_CHECK(is_clean_text("cn-south"));
  CAF_CHECK(is_clean_text("华南"));
  CAF_CHECK(is_clean_text("\xF0\x9F\x8C\x8D"));         // U+1F30D
  CAF_CHECK(is_clean_text("a \"quoted\\ name"));        // escaping is the writer's matter
  CAF_CHECK(is_clean_text("\xF4\x8F\xBF\xBF"));         // U+10FFFF, the last one
  CAF_CHECK(is_clean_text("\xED\x9F\xBF\xEE\x80\x80")); // both sides of the surrogates
}

CAF_TEST(a character of UTF - 8 may be a control character) {
  CAF_CHECK_EQUAL(utf8_character("ab"), 1u);
  CAF_CHECK_EQUAL(utf8_character("\n"), 1u);
  CAF_CHECK_EQUAL(utf8_character(std::string_view("\0", 1)), 1u);
  CAF_CHECK_EQUAL(utf8_character("\xC2\x9B"), 2u);
  CAF_CHECK_EQUAL(utf8_character("\xE2\x82\xAC!"), 3u);
  for (const auto* none : {"", "\xE9", "\xE2\x82", "\xC0\xAF", "\xED\xA0\x80", "\xFF"}) {
    CAF_CHECK_EQUAL(utf8_character(none), 0u);
    CAF_CHECK_EQUAL(clean_character(none), 0u);
  }
  CAF_CHECK_EQUAL(clean_character("\n"), 0u);
}

CAF_TEST(control characters are not clean) {
  CAF_CHECK(!is_clean_text(std::string_view("a\0b", 3)));
  CAF_CHECK(!is_clean_text("a\nb"));
  CAF_CHECK(!is_clean_text("\x1B[31m"));
  CAF_CHECK(!is_clean_text("\x7F"));
  CAF_CHECK(!is_clean_text("\xC2\x9B")); // U+009B, a terminal's control sequence introducer
}

CAF_TEST(malformed utf8 is not clean) {
  CAF_CHECK(!is_clean_text("\x80"));             // continuation without a lead
  CAF_CHECK(!is_clean_text("\xC3"));             // cut off
  CAF_CHECK(!is_clean_text("\xE5\x8D"));         // cut off
  CAF_CHECK(!is_clean_text("\xC3("));            // lead without a continuation
  CAF_CHECK(!is_clean_text("\xC0\xAF"));         // overlong '/'
  CAF_CHECK(!is_clean_text("\xE0\x80\xAF"));     // overlong '/'
  CAF_CHECK(!is_clean_text("\xED\xA0\x80"));     // surrogate
  CAF_CHECK(!is_clean_text("\xF4\x90\x80\x80")); // above U+10FFFF
  CAF_CHECK(!is_clean_text("\xFF"));
}

CAF_TEST(a region has a name of bounded length) {
  CAF_CHECK(!is_region_name("r\xC2\x85")); // U+0085, a line end to some
  CAF_CHECK(!is_region_name(""));
  CAF_CHECK(is_region_name("eu"));
  CAF_CHECK(is_region_name(std::string(max_region_bytes, 'r')));
  CAF_CHECK(!is_region_name(std::string(max_region_bytes + 1, 'r')));
  CAF_CHECK(!is_region_name("eu\n"));
}

CAF_TEST(a text is taken apart character by character) {
  CAF_CHECK_EQUAL(clean_character("ab"), 1u);
  CAF_CHECK_EQUAL(clean_character("\xC3\xBC-"), 2u);
  CAF_CHECK_EQUAL(clean_character("\xE5\x8D\x8E\xE5"), 3u);
  CAF_CHECK_EQUAL(clean_character("\xF0\x9F\x8C\x8D"), 4u);
  for (const auto* none : {"", "\n", "\xC3", "\xC3(", "\xFF", "\xED\xA0\x80"}) {
    CAF_CHECK_EQUAL(clean_character(none), 0u);
  }
}

CAF_TEST(a text is shown in quotes where it can be) {
  CAF_CHECK_EQUAL(shown_text("a b"), "'a b'");
  CAF_CHECK_EQUAL(shown_text("a\x1B[2J"), "(no clean UTF-8 text)");
  CAF_CHECK_EQUAL(shown_text(std::string(81, 'x')), "of 81 bytes");
}

CAF_TEST(any character is UTF - 8 where its bytes are) {
  CAF_CHECK(is_utf8(""));
  CAF_CHECK(is_utf8(std::string_view{"a\0\t\n\x7F\xC2\x85\xF4\x8F\xBF\xBF", 11}));
  for (const auto* wrong :
       {"\x80", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
    CAF_CHECK(!is_utf8(wrong));
  }
}

} // namespace label_text_suite
