#define CAF_SUITE ascii

#include "xprober/domain/ascii.hpp"

#include "caf/test/unit_test.hpp"

namespace ascii_suite {

using namespace xprober;

CAF_TEST(only the letters of ascii have a case) {
  CAF_CHECK_EQUAL(ascii::to_lower("AZ az@[`{ \xC3\x84"), "az az@[`{ \xC3\x84");
  CAF_CHECK_EQUAL(ascii::to_upper("AZ az@[`{ \xC3\xA4"), "AZ AZ@[`{ \xC3\xA4");
  CAF_CHECK(ascii::same("Content-Type", "content-TYPE"));
  CAF_CHECK(ascii::upper('z') == 'Z' && ascii::upper('`') == '`' && ascii::upper('{') == '{');
  CAF_CHECK(!ascii::same("a", "ab"));
  // They differ in the bit that makes a small letter of a capital.
  CAF_CHECK(!ascii::same("@[", "`{"));
  CAF_CHECK(ascii::starts_with("HTTP://x", "http://"));
  CAF_CHECK(!ascii::starts_with("HTT", "http"));
}

CAF_TEST(blanks and tabs around a text go and no others) {
  CAF_CHECK_EQUAL(ascii::trim(" \t a b\t "), "a b");
  CAF_CHECK_EQUAL(ascii::trim("\na\n"), "\na\n");
  CAF_CHECK_EQUAL(ascii::trim(" \t"), "");
  CAF_CHECK_EQUAL(ascii::trim(""), "");
}

CAF_TEST(characters by kind) {
  CAF_CHECK(ascii::is_token("X-Api_Key.1"));
  for (const auto* wrong : {"", "a b", "a:", "a\x7F", "\xC3\x84", "(a)"}) {
    CAF_CHECK(!ascii::is_token(wrong));
  }
  CAF_CHECK(ascii::is_control('\x1F') && ascii::is_control('\x7F') && ascii::is_control('\0'));
  CAF_CHECK(!ascii::is_control(' ') && !ascii::is_control('\x80'));
  for (const char c : {'a', 'z', 'A', 'Z', '0', '9', '_'}) {
    CAF_CHECK(ascii::is_word_char(c));
  }
  for (const char c : {'-', '.', '@', '[', '`', '{', '/', ':', '\xC3'}) {
    CAF_CHECK(!ascii::is_word_char(c));
  }
  CAF_CHECK(ascii::is_small_letter('a') && ascii::is_small_letter('z'));
  CAF_CHECK(!ascii::is_small_letter('A') && !ascii::is_small_letter('{'));
  CAF_CHECK(ascii::is_small_hex_digit('f') && ascii::is_small_hex_digit('0'));
  CAF_CHECK(!ascii::is_small_hex_digit('F') && !ascii::is_small_hex_digit('g'));
  CAF_CHECK_EQUAL(ascii::hex_value('0'), 0);
  CAF_CHECK_EQUAL(ascii::hex_value('a'), 10);
  CAF_CHECK_EQUAL(ascii::hex_value('F'), 15);
  CAF_CHECK_EQUAL(ascii::hex_value('g'), -1);
}

} // namespace ascii_suite
