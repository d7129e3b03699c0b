#define CAF_SUITE head_lines

#include "xprober/net/head_lines.hpp"

#include "caf/test/unit_test.hpp"

namespace head_lines_suite {

using namespace xprober::net;

CAF_TEST(a head ends within its lines) {
  head_lines lines{2};
  const auto few = lines.within("GET / HTTP/1.1\r\nA: b\r\nB");
  CAF_CHECK(few.bytes == "GET / HTTP/1.1\r\nA: b\r\nB");
  CAF_CHECK(!few.is_last);
  const auto all = lines.within("GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\nE: f\r\n");
  CAF_CHECK(all.bytes == "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n");
  CAF_CHECK(all.is_last);
}

CAF_TEST(lines that were parsed count) {
  head_lines lines{2};
  CAF_CHECK_EQUAL(lines.kept(), 0u);
  lines.take("GET / HTTP/1.1\r\nA: b\r\n");
  CAF_CHECK_EQUAL(lines.kept(), 2 * kept_for_a_field);
  CAF_CHECK(!lines.within("C: d\r\nE").is_last);
  CAF_CHECK(lines.within("C: d\r\nE: f\r\n").is_last);
  CAF_CHECK(lines.within("C: d\r\nE: f\r\nG: h\r\n").bytes == "C: d\r\nE: f\r\n");
  lines.take("C: d\r\nE: f\r\n");
  CAF_CHECK(lines.within("G: h\r\n").bytes.empty());
  CAF_CHECK(lines.within("G: h\r\n").is_last);
}

} // namespace head_lines_suite
