#define CAF_SUITE problem
#include "xprober/config/problem.hpp"

#include "caf/test/unit_test.hpp"

namespace problem_suite {

using namespace xprober::config;

CAF_TEST(a problem is printed with what it has) {
  CAF_CHECK_EQUAL(to_string(problem{"a.yaml", 3, "icmp.count", "is wrong"}),
                  "a.yaml:3: icmp.count: is wrong");
  CAF_CHECK_EQUAL(to_string(problem{"a.yaml", 3, "", "is wrong"}), "a.yaml:3: is wrong");
  CAF_CHECK_EQUAL(to_string(problem{"a.yaml", 0, "", "is wrong"}), "a.yaml: is wrong");
  CAF_CHECK_EQUAL(to_string(problem{"--set icmp.count", 0, "icmp.count", "is wrong"}),
                  "--set icmp.count: is wrong");
  CAF_CHECK_EQUAL(to_string(problem{"--set icmp", 0, "icmp.count", "is wrong"}),
                  "--set icmp: icmp.count: is wrong");
  CAF_CHECK_EQUAL(to_string({problem{"a", 1, "b", "c"}, problem{"a", 2, "d", "e"}}),
                  "a:1: b: c\na:2: d: e\n");
}

CAF_TEST(what is quoted stays on its line and is bounded) {
  CAF_CHECK_EQUAL(in_quotes("a b"), "'a b'");
  CAF_CHECK_EQUAL(in_quotes("a\nb\x1b"), "'a\\nb\\x1b'");
  CAF_CHECK(xprober::config::in_quotes(std::string(1000, 'x')).size() < 100);
  std::string umlauts = "x";
  for (int i = 0; i < 100; ++i) {
    umlauts += "\xC3\xBC";
  }
  CAF_CHECK(xprober::config::in_quotes(umlauts).ends_with("\xC3\xBC...'"));
}

} // namespace problem_suite
