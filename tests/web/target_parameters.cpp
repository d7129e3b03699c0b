#define CAF_SUITE target_parameters

#include "xprober/web/target_parameters.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/sample.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/store/target_page.hpp"

#include "caf/test/unit_test.hpp"

namespace target_parameters_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

std::optional<target_question> asked(const std::string& query) {
  std::string problem;
  auto question = read_target_question(net::query_params{query}, problem);
  CAF_CHECK_EQUAL(question.has_value(), problem.empty());
  return question;
}

std::string problem_of(const std::string& query) {
  std::string problem;
  CAF_CHECK(!read_target_question(net::query_params{query}, problem));
  return problem;
}

bool begins(const std::string& text, std::string_view with) { return text.starts_with(with); }

} // namespace

CAF_TEST(without parameters all targets are asked for) {
  const auto question = asked("");
  CAF_REQUIRE(question);
  CAF_CHECK(question->terms.states.empty());
  CAF_CHECK(!question->terms.kind);
  CAF_CHECK(question->sort == target_sort::target);
  CAF_CHECK(!question->descending);
  CAF_CHECK_EQUAL(question->limit, 100u);
  CAF_CHECK(!question->after);
}

CAF_TEST(every term can be asked for) {
  const auto question =
      asked("state=failing,stale&source_region=us&target_region=eu&probe_type=icmp&agent=10.0.0.1"
            "&reason=refused&detail=no+way&since_unix=1767000000&streak=3&time_unix=1767000009"
            "&target=10.1.2.3&uid=00000000000000ff&label.team=a&label.tier=&q=ShOp"
            "&sort=-time&limit=7");
  CAF_REQUIRE(question);
  const auto& terms = question->terms;
  CAF_CHECK((terms.states == std::vector{series_state::failing, series_state::stale}));
  CAF_CHECK(terms.source_region == "us");
  CAF_CHECK(terms.region == "eu");
  CAF_CHECK(terms.kind == "icmp");
  CAF_CHECK(terms.agent == "10.0.0.1");
  CAF_CHECK(terms.reason == "refused");
  CAF_CHECK(terms.detail == "no way");
  CAF_CHECK(terms.since_unix == 1'767'000'000u);
  CAF_CHECK(terms.streak == 3u);
  CAF_CHECK(terms.time_unix == 1'767'000'009u);
  CAF_CHECK(terms.target == "10.1.2.3");
  CAF_CHECK(terms.uid == 255u);
  CAF_REQUIRE_EQUAL(terms.labels.size(), 2u);
  CAF_CHECK_EQUAL(terms.labels[0].first, "team");
  CAF_CHECK_EQUAL(terms.labels[1].second, "");
  CAF_CHECK_EQUAL(terms.part, "shop");
  CAF_CHECK(question->sort == target_sort::time);
  CAF_CHECK(question->descending);
  CAF_CHECK_EQUAL(question->limit, 7u);
}

CAF_TEST(what is wrong is said with what is allowed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"state=up", "state must be one or several of ok, degraded, failing, prober_fault, stale, "
                   "never, separated by commas, not \"up\""},
      {"state=ok,", "state must be one or several of "},
      {"state=ok,ok,ok,ok,ok,ok,ok", "state names a state twice"},
      {"sort=name", "sort must be one of target, since, state, agent, time, with a - "},
      {"sort=--time", "sort must be one of "},
      {"limit=0", "limit must be a whole number from 1 to 1000"},
      {"limit=1001", "limit must be a whole number from 1 to 1000"},
      {"uid=12", "uid must have 16 hexadecimal digits"},
      {"region=a&target_region=b", "region and target_region mean the same"},
      {"streak=many", "streak must be a whole number, not \"many\""},
      {"since_unix=-1", "since_unix must be a whole number, not \"-1\""},
      {"time_unix=", "time_unix must be a whole number, not \"\""},
      {"state=ok&state=failing", "state is given more than once"},
      {"label.a=x&label.a=y", "label.a is given more than once"},
      {"label.9=x", "label.9: a label's name has letters"},
      {"label.=x", "label.: a label's name has letters"},
      {"cursor=x", "cursor must be what an answer"},
      {"page=2", "unknown parameter page; allowed are state, source_region, region, "}};
  for (const auto& [query, expected] : cases) {
    CAF_MESSAGE(query);
    CAF_CHECK(begins(problem_of(query), expected));
  }
  CAF_CHECK(problem_of("page=2").ends_with("limit, cursor, label.NAME"));
}

CAF_TEST(a cursor goes on behind its row) {
  const auto row = sample::store_with_targets().targets[1];
  for (const std::string sort :
       {"target", "-target", "since", "-since", "state", "agent", "-time"}) {
    const auto first = asked("sort=" + sort);
    CAF_REQUIRE(first);
    const auto next = asked("sort=" + sort + "&cursor=" + target_cursor(*first, row));
    CAF_REQUIRE(next);
    CAF_CHECK(next->after == place_of(row, first->sort));
  }
}

CAF_TEST(a cursor of another order or of nobody is refused) {
  const auto row = sample::store_with_targets().targets[1];
  const auto cursor = target_cursor(*asked("sort=time"), row);
  CAF_CHECK(begins(problem_of("sort=-time&cursor=" + cursor), "cursor must be"));
  CAF_CHECK(begins(problem_of("cursor=" + cursor), "cursor must be"));
  for (const std::string text :
       {"", "[]", "{}", "[1,2,3,4,5,6,7,8]", R"(["target",-1,"","","","","",""])",
        R"(["target",1,"","","","","",7])", "[[[[[[[[", "\xFF"}) {
    CAF_CHECK(begins(problem_of("cursor=" + base64url(text)), "cursor must be"));
  }
}

} // namespace target_parameters_suite
