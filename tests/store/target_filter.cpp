#define CAF_SUITE target_filter

#include "xprober/store/target_filter.hpp"

#include <map>
#include <string>
#include <vector>

#include "store/target_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace target_filter_suite {

using namespace target_fixture;

namespace {

/// Who sees which address in the rows that a question is about, in the order of their arrival.
std::string matching(const store_table& table, const target_question& question) {
  const target_filter filter{question};
  std::string out;
  table.for_each_fresh(t0, [&](const store_table::view& v) {
    if (filter.matches(v, table)) {
      out = table.text(v.source_region) + " " + table.text(v.address) + "\n" + out;
    }
  });
  return out;
}

target_question of_terms(target_terms terms) {
  target_question question;
  question.terms = std::move(terms);
  return question;
}

const std::string host_us = "us 10.0.0.1\n";
const std::string host_asia = "asia 10.0.0.1\n";
const std::string shop = "us http://Shop.example/\n";
const std::string pay = "us http://pay.example/\n";

} // namespace

CAF_TEST(without terms every row matches) {
  const auto table = some_table();
  CAF_CHECK_EQUAL(matching(table, {}), host_us + host_asia + shop + pay);
}

CAF_TEST(names are compared as a whole) {
  const auto table = some_table();
  target_terms terms;
  terms.source_region = "us";
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), host_us + shop + pay);
  terms.region = "eu";
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), host_us);
  terms.agent = "b";
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), "");
  target_terms others;
  others.target = "10.0.0.1";
  CAF_CHECK_EQUAL(matching(table, of_terms(others)), host_us + host_asia);
  others.target = "10.0.0";
  CAF_CHECK_EQUAL(matching(table, of_terms(others)), "");
  target_terms kind;
  kind.kind = "http";
  CAF_CHECK_EQUAL(matching(table, of_terms(kind)), shop + pay);
}

CAF_TEST(a part of an address is found whatever the case of its letters) {
  const auto table = some_table();
  target_terms terms;
  terms.part = "shop.ex";
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), shop);
  terms.part = ".example/";
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), shop + pay);
  terms.part = "nowhere";
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), "");
}

CAF_TEST(a target is found by its hash whoever probes it) {
  const auto table = some_table();
  target_terms terms;
  terms.uid = stable_hash({"eu", "10.0.0.1", kinds::icmp()});
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), host_us + host_asia);
  terms.uid = 1;
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), "");
}

CAF_TEST(states are one of those asked for) {
  const auto table = some_table();
  target_terms terms;
  terms.states = {series_state::failing};
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), host_asia + pay);
  terms.states = {series_state::failing, series_state::ok};
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), host_us + host_asia + shop + pay);
}

CAF_TEST(times and streaks are those that are shown) {
  const auto table = some_table();
  target_terms terms;
  terms.time_unix = noon + 3;
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), shop);
  terms.streak = 2;
  CAF_CHECK_EQUAL(matching(table, of_terms(terms)), "");
  target_terms since;
  since.since_unix = noon + 4;
  since.streak = 1;
  CAF_CHECK_EQUAL(matching(table, of_terms(since)), pay);
}

CAF_TEST(what a lost agent has said last is stale) {
  const auto table = some_table();
  target_terms terms;
  terms.states = {series_state::failing};
  auto question = of_terms(terms);
  question.lost = lost_agents{{{{"asia", "b"}, 1}}};
  CAF_CHECK_EQUAL(matching(table, question), pay);
  question.terms.states = {series_state::stale};
  CAF_CHECK_EQUAL(matching(table, question), host_asia);
}

CAF_TEST(labels are those of the list and all of them must fit) {
  const auto table = some_table();
  target_labels::builder builder;
  const std::vector<std::string> addresses{"http://pay.example/"};
  builder.add(kinds::http(), "web", addresses, {{"team", "money"}, {"tier", "1"}});
  target_question question;
  question.terms.labels = {{"team", "money"}};
  CAF_CHECK_EQUAL(matching(table, question), ""); // nobody has any
  question.labels = builder.finish();
  CAF_CHECK_EQUAL(matching(table, question), pay);
  question.terms.labels = {{"team", "money"}, {"tier", "2"}};
  CAF_CHECK_EQUAL(matching(table, question), "");
  question.terms.labels = {{"team", ""}};
  CAF_CHECK_EQUAL(matching(table, question), host_us + host_asia + shop);
}

} // namespace target_filter_suite
