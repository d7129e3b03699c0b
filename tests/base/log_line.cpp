#define CAF_SUITE log_line
#include "xprober/base/log_line.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace log_line_suite {

using namespace xprober::log;
using namespace std::chrono_literals;

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

std::string value(std::string_view text) {
  std::string out;
  append_value(out, text);
  return out;
}

std::string line(level l, std::string_view component, std::string_view message,
                 std::initializer_list<field> fields = {}) {
  return format_line(std::chrono::system_clock::time_point{1767323045678ms}, l, component, message,
                     fields);
}

} // namespace

CAF_TEST(a line has time and level and component and fields) {
  CAF_CHECK_EQUAL(
      line(level::info, "syncer", "list applied", {{"targets", 12}, {"revision", "ab12"}}),
      "2026-01-02T03:04:05.678Z info  syncer: list applied targets=12 revision=ab12\n");
  CAF_CHECK_EQUAL(line(level::critical, "app", "over"),
                  "2026-01-02T03:04:05.678Z critical app: over\n");
  CAF_CHECK_EQUAL(line(level::warn, "a", "b", {{"ratio", 0.5}, {"yes", true}}),
                  "2026-01-02T03:04:05.678Z warn  a: b ratio=0.5 yes=true\n");
}

CAF_TEST(values are quoted where they need it) {
  CAF_CHECK_EQUAL(value("10.1.2.3"), "10.1.2.3");
  CAF_CHECK_EQUAL(value("\xE5\x8C\x97\xE4\xBA\xAC"), "\xE5\x8C\x97\xE4\xBA\xAC");
  CAF_CHECK_EQUAL(value(""), "\"\"");
  CAF_CHECK_EQUAL(value("a b"), "\"a b\"");
  CAF_CHECK_EQUAL(value("a=b"), "\"a=b\"");
  CAF_CHECK_EQUAL(value("say \"x\""), "\"say \\\"x\\\"\"");
  CAF_CHECK_EQUAL(value("c:\\d"), "\"c:\\\\d\"");
  CAF_CHECK_EQUAL(value("two\nlines"), "\"two\\nlines\"");
}

CAF_TEST(nothing from outside ends a line or steers a terminal) {
  CAF_CHECK_EQUAL(escaped("a\nb\rc\td"), "a\\nb\\rc\\td");
  CAF_CHECK_EQUAL(escaped(std::string("\x1b[2J\x07\0", 6)), "\\x1b[2J\\x07\\x00");
  CAF_CHECK_EQUAL(escaped("\x7f"), "\\x7f");
  CAF_CHECK_EQUAL(escaped("\xC2\x9B"
                          "31m"),
                  "\\u009b31m");
  CAF_CHECK_EQUAL(escaped("\xE2\x80\xA8\xE2\x80\xAE"), "\\u2028\\u202e");
  CAF_CHECK_EQUAL(line(level::info, "a\nb", "c\nd", {{"e\n", "f\n2026 error g: h"}}),
                  "2026-01-02T03:04:05.678Z info  a\\nb: c\\nd e\\n=\"f\\n2026 error g: h\"\n");
}

CAF_TEST(bytes that are no UTF - 8 are shown as numbers) {
  CAF_CHECK_EQUAL(escaped("\xFF\xC3"), "\\xff\\xc3");
  CAF_CHECK_EQUAL(escaped("\xC0\xAF"), "\\xc0\\xaf");
  CAF_CHECK_EQUAL(escaped("\xE0\x80\x8A"), "\\xe0\\x80\\x8a");
  CAF_CHECK_EQUAL(escaped("\xED\xA0\x80"), "\\xed\\xa0\\x80");
  CAF_CHECK_EQUAL(escaped("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  CAF_CHECK_EQUAL(escaped("\xE2\x82"), "\\xe2\\x82");
  CAF_CHECK_EQUAL(escaped("\xC3\xBC\xF0\x9F\x98\x80"), "\xC3\xBC\xF0\x9F\x98\x80");
}

CAF_TEST(a line is bounded) {
  const std::string huge(100000, 'x');
  const auto cut = line(level::error, "a", huge, {{"value", huge}});
  CAF_CHECK_EQUAL(cut.size(), max_line_bytes);
  CAF_CHECK(cut.ends_with("xxx...\n"));
  std::string umlauts;
  for (int i = 0; i < 5000; ++i) {
    umlauts += "\xC3\xBC";
  }
  for (const auto* shift : {"", "x"}) {
    const auto whole = line(level::error, shift, umlauts);
    CAF_CHECK(whole.size() <= max_line_bytes);
    CAF_CHECK(whole.ends_with("\xC3\xBC...\n"));
  }
  // The longest line that is not cut.
  const auto overhead = line(level::info, "a", "").size();
  const auto full = line(level::info, "a", std::string(max_line_bytes - overhead, 'y'));
  CAF_CHECK_EQUAL(full.size(), max_line_bytes);
  CAF_CHECK(full.ends_with("yyy\n"));
}

} // namespace log_line_suite
