#define CAF_SUITE state_tally

#include "xprober/store/state_tally.hpp"

#include <memory>
#include <string>

#include "store/target_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace state_tally_suite {

using namespace target_fixture;

namespace {

/// "icmp 1 ok 1 failing": what is not 0.
std::string lines_of(const store_snapshot& tally) {
  std::string out;
  for (const auto& line : tally.tally) {
    out += (out.empty() ? "" : "; ") + line.name;
    for (std::size_t i = 0; i < line.states.size(); ++i) {
      if (line.states[i] > 0) {
        out += " " + std::to_string(line.states[i]) + " " +
               std::string{to_string(static_cast<series_state>(i))};
      }
    }
  }
  return out;
}

store_snapshot counted(tally_question by, target_terms terms = {}, target_labels_ptr labels = {}) {
  target_question question;
  question.terms = std::move(terms);
  question.labels = std::move(labels);
  question.tally = std::move(by);
  return make_tally(some_table(), t0, question);
}

target_labels_ptr shop_labels() {
  target_labels::builder builder;
  builder.add(kinds::http(), "web", std::vector<std::string>{"http://Shop.example/"},
              {{"team", "shop"}});
  return builder.finish();
}

} // namespace

CAF_TEST(rows are counted by each of their names) {
  CAF_CHECK_EQUAL(lines_of(counted({tally_by::kind})), "http 1 ok 1 failing; icmp 1 ok 1 failing");
  CAF_CHECK_EQUAL(lines_of(counted({tally_by::source_region})),
                  "asia 1 failing; us 2 ok 1 failing");
  CAF_CHECK_EQUAL(lines_of(counted({tally_by::region})), "eu 1 ok 1 failing; web 1 ok 1 failing");
  CAF_CHECK_EQUAL(lines_of(counted({tally_by::label, "team"}, {}, shop_labels())),
                  " 1 ok 2 failing; shop 1 ok");
  const auto whole = counted({});
  CAF_CHECK_EQUAL(whole.total, 4u);
  CAF_CHECK_EQUAL(whole.matching, 4u);
  CAF_CHECK_EQUAL(whole.tally_all[static_cast<std::size_t>(series_state::failing)], 2u);
}

CAF_TEST(what is asked for alone counts) {
  target_terms terms;
  terms.source_region = "us";
  const auto some = counted({tally_by::region}, terms);
  CAF_CHECK_EQUAL(lines_of(some), "eu 1 ok; web 1 ok 1 failing");
  CAF_CHECK_EQUAL(some.matching, 3u);
}

CAF_TEST(a row counts in each group that it fits) {
  tally_question by;
  target_terms web;
  web.region = "w*";
  web.patterns = true;
  target_terms shop;
  shop.labels = {{"team", "sh*"}};
  shop.patterns = true;
  target_terms nobody;
  nobody.target = "http://shop.example/*"; // the case of letters counts
  nobody.patterns = true;
  by.groups = {{"Web", web}, {"Shop", shop}, {"Nobody", nobody}};
  CAF_CHECK_EQUAL(lines_of(counted(by, {}, shop_labels())),
                  "Nobody; Shop 1 ok; Web 1 ok 1 failing");
}

CAF_TEST(parts add up and the worst lines stay) {
  auto whole = counted({tally_by::source_region});
  merge_tally(whole, counted({tally_by::region}));
  CAF_CHECK_EQUAL(whole.total, 8u);
  CAF_CHECK_EQUAL(lines_of(whole), "asia 1 failing; eu 1 ok 1 failing; us 2 ok 1 failing; "
                                   "web 1 ok 1 failing");
  merge_tally(whole, counted({tally_by::source_region}));
  cut_tally(whole, 1);
  CAF_CHECK_EQUAL(lines_of(whole), "asia 2 failing");
  CAF_CHECK_EQUAL(whole.tally_others[static_cast<std::size_t>(series_state::failing)], 4u);
}

} // namespace state_tally_suite
