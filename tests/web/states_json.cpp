#define CAF_SUITE states_json

#include "xprober/web/states_json.hpp"

#include <string>

#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace states_json_suite {

using namespace xprober;

CAF_TEST(the worst groups come first and the others add up) {
  store_snapshot counted;
  counted.total = 9;
  counted.matching = 8;
  counted.tally_all = {0, 5, 1, 2, 0, 0};
  counted.tally = {{"a", {0, 5, 0, 0, 0, 0}}, {"b", {0, 0, 1, 0, 0, 0}}, {"c", {0, 0, 0, 2, 0, 0}}};
  target_question question;
  question.limit = 1;
  question.tally = tally_question{tally_by::label, "team"};
  CAF_CHECK_EQUAL(
      web::states_json(counted, question),
      R"({"total":9,"matching":8,"states":{"ok":5,"degraded":1,"failing":2,"prober_fault":0,)"
      R"("stale":0,"never":0},"by":"label.team","groups":[{"name":"c","states":{"ok":0,)"
      R"("degraded":0,"failing":2,"prober_fault":0,"stale":0,"never":0}}],"others":{"ok":5,)"
      R"("degraded":1,"failing":0,"prober_fault":0,"stale":0,"never":0}})"
      "\n");
  question.limit = 3;
  const auto whole = web::json::parse(web::states_json(counted, question));
  CAF_CHECK(whole.at("others").is_null());
  CAF_CHECK_EQUAL(whole.at("groups").size(), 3u);
}

} // namespace states_json_suite
