#define CAF_SUITE group_terms

#include "xprober/store/group_terms.hpp"

#include "caf/test/unit_test.hpp"

namespace group_terms_suite {

using namespace xprober;

CAF_TEST(a group wants the rows that its matchers name) {
  const auto terms = terms_of({"Any",
                               {{"region", "w*"},
                                {"source_region", "eu"},
                                {"probe_type", "icmp"},
                                {"target", "x*"},
                                {"label.team", "shop"}}});
  CAF_CHECK(terms.patterns);
  CAF_CHECK(terms.region == "w*");
  CAF_CHECK(terms.source_region == "eu");
  CAF_CHECK(terms.kind == "icmp");
  CAF_CHECK(terms.target == "x*");
  CAF_CHECK(terms.labels == (std::vector<std::pair<std::string, std::string>>{{"team", "shop"}}));
}

CAF_TEST(groups are told apart by their matchers and not by their names) {
  const status_group web{"Web", {{"region", "web"}, {"label.team", "shop"}}};
  const status_group same{"Shop", {{"label.team", "shop"}, {"region", "web"}}};
  const status_group other{"Web", {{"region", "web"}}};
  CAF_CHECK_EQUAL(matchers_text(web), "label.team=shop\nregion=web\n");
  const auto question = matchers_question({web, same, other});
  CAF_REQUIRE_EQUAL(question.groups.size(), 2u);
  CAF_CHECK(question.groups[0].first == matchers_text(same));
  CAF_CHECK(question.groups[1].first == matchers_text(other));
}

CAF_TEST(nothing is known of what was not probed) {
  // never, ok, degraded, failing, prober_fault, stale
  CAF_CHECK_EQUAL(known_of({4, 0, 0, 0, 5, 6}), 0u);
  CAF_CHECK_EQUAL(known_of({4, 1, 2, 3, 5, 6}), 6u);
}

} // namespace group_terms_suite
