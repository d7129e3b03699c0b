#define CAF_SUITE target_page

#include "xprober/store/target_page.hpp"

#include <string>
#include <utility>
#include <vector>

#include "store/target_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace target_page_suite {

using namespace target_fixture;

namespace {

target_question sorted_by(target_sort sort, bool descending = false) {
  target_question question;
  question.sort = sort;
  question.descending = descending;
  return question;
}

std::string row_names(const store_snapshot& page) {
  std::string out;
  for (const auto& row : page.targets) {
    out += (out.empty() ? "" : ", ") + row.source_region + " " + row.target.address;
  }
  return out;
}

std::string listed(const store_table& table, const target_question& question) {
  return row_names(make_target_page(table, t0, question));
}

} // namespace

CAF_TEST(a page is sorted by what is asked for) {
  const auto table = some_table();
  const std::string by_target =
      "asia 10.0.0.1, us 10.0.0.1, us http://Shop.example/, us http://pay.example/";
  CAF_CHECK_EQUAL(listed(table, {}), by_target);
  CAF_CHECK_EQUAL(listed(table, sorted_by(target_sort::target, true)),
                  "us http://pay.example/, us http://Shop.example/, us 10.0.0.1, asia 10.0.0.1");
  CAF_CHECK_EQUAL(listed(table, sorted_by(target_sort::state)),
                  "asia 10.0.0.1, us http://pay.example/, us 10.0.0.1, us http://Shop.example/");
  CAF_CHECK_EQUAL(listed(table, sorted_by(target_sort::time)),
                  "us 10.0.0.1, asia 10.0.0.1, us http://Shop.example/, us http://pay.example/");
  CAF_CHECK_EQUAL(listed(table, sorted_by(target_sort::agent, true)),
                  "asia 10.0.0.1, us http://pay.example/, us http://Shop.example/, us 10.0.0.1");
}

CAF_TEST(pages follow each other without a gap in every order) {
  const auto table = some_table();
  for (const auto sort : {target_sort::target, target_sort::since, target_sort::state,
                          target_sort::agent, target_sort::time}) {
    for (const bool descending : {false, true}) {
      auto question = sorted_by(sort, descending);
      const auto all = listed(table, question);
      question.limit = 1;
      std::string joined;
      for (std::uint64_t left = 4; left > 0; --left) {
        const auto page = make_target_page(table, t0, question);
        CAF_REQUIRE_EQUAL(page.targets.size(), 1u);
        CAF_CHECK_EQUAL(page.left, left);
        CAF_CHECK_EQUAL(page.matching, 4u);
        joined += (joined.empty() ? "" : ", ") + row_names(page);
        question.after = place_of(page.targets[0], sort);
      }
      CAF_CHECK_EQUAL(joined, all);
      CAF_CHECK(make_target_page(table, t0, question).targets.empty());
    }
  }
}

CAF_TEST(a page counts what matches and what there is) {
  const auto table = some_table();
  target_question question;
  question.terms.kind = "http";
  question.limit = 1;
  const auto page = make_target_page(table, t0, question);
  CAF_CHECK_EQUAL(page.total, 4u);
  CAF_CHECK_EQUAL(page.matching, 2u);
  CAF_CHECK_EQUAL(page.left, 2u);
  CAF_REQUIRE_EQUAL(page.kinds.size(), 2u); // all that have results
  CAF_CHECK(page.kinds[0].groups.empty());
}

CAF_TEST(a row has its status and that of a lost agent is stale) {
  const auto table = some_table();
  target_question question;
  question.lost = lost_agents{{{{"asia", "b"}, 77}}};
  const auto page = make_target_page(table, t0, question);
  CAF_REQUIRE_EQUAL(page.targets.size(), 4u);
  CAF_CHECK(page.targets[0].status.state == series_state::stale);
  CAF_CHECK_EQUAL(page.targets[0].status.since_unix, 77u);
  CAF_CHECK(page.targets[1].status.state == series_state::ok);
  CAF_CHECK(page.targets[3].status.state == series_state::failing);
}

CAF_TEST(a row whose results have stopped is stale and has no values) {
  auto table = some_table();
  table.set_keep(1h);
  table.expire(t0 + 300s, 1000);
  const auto page = make_target_page(table, t0 + 300s, {});
  CAF_CHECK_EQUAL(page.total, 4u);
  CAF_REQUIRE_EQUAL(page.targets.size(), 4u);
  for (const auto& row : page.targets) {
    CAF_CHECK(row.status.state == series_state::stale);
    CAF_CHECK(!row.success);
    CAF_CHECK(row.values.empty());
  }
  target_question failing;
  failing.terms.states = {series_state::failing};
  CAF_CHECK(make_target_page(table, t0 + 300s, failing).targets.empty());
}

CAF_TEST(parts of a store make one page) {
  std::vector<store_table> parts;
  for (std::uint32_t number = 0; number < 3; ++number) {
    parts.emplace_back(300s, store_table::default_max_rows, store_part{number, 3});
  }
  store_table alone{300s};
  for (int i = 0; i < 20; ++i) {
    const auto address = "10.0.0." + std::to_string(i);
    put(alone, "us", "a", "eu", address, i % 3 != 0);
    for (auto& part : parts) {
      put(part, "us", "a", "eu", address, i % 3 != 0);
    }
  }
  for (const bool descending : {false, true}) {
    auto question = sorted_by(target_sort::state, descending);
    question.limit = 9;
    auto whole = make_target_page(parts[0], t0, question);
    merge_target_page(whole, make_target_page(parts[1], t0, question), question);
    merge_target_page(whole, make_target_page(parts[2], t0, question), question);
    CAF_CHECK_EQUAL(row_names(whole), listed(alone, question));
    CAF_CHECK_EQUAL(whole.total, 20u);
    CAF_CHECK_EQUAL(whole.matching, 20u);
    CAF_CHECK_EQUAL(whole.left, 20u);
    CAF_CHECK_EQUAL(whole.kinds.size(), 1u);
  }
}

CAF_TEST(a page that is made in steps is the same) {
  const auto table = some_table();
  for (const auto sort : {target_sort::target, target_sort::since, target_sort::state,
                          target_sort::agent, target_sort::time}) {
    for (const bool descending : {false, true}) {
      for (const std::size_t limit : {std::size_t{1}, std::size_t{2}, std::size_t{10}}) {
        target_question question;
        question.sort = sort;
        question.descending = descending;
        question.limit = limit;
        target_paging paging{target_question_ptr{target_question_ptr{}, &question}};
        std::size_t steps = 1;
        while (!paging.step(table, t0, 1)) {
          ++steps;
        }
        CAF_CHECK(steps > 4);
        const auto page = paging.take();
        const auto whole = make_target_page(table, t0, question);
        CAF_CHECK(row_names(page) == row_names(whole));
        CAF_CHECK_EQUAL(page.total, whole.total);
        CAF_CHECK_EQUAL(page.matching, whole.matching);
        CAF_CHECK_EQUAL(page.left, whole.left);
        CAF_CHECK_EQUAL(page.kinds.size(), whole.kinds.size());
      }
    }
  }
}

CAF_TEST(a page without room has no rows) {
  const auto table = some_table();
  target_question question;
  question.limit = 0;
  const auto page = make_target_page(table, t0, question);
  CAF_CHECK(page.targets.empty());
  CAF_CHECK_EQUAL(page.left, 4u);
}

} // namespace target_page_suite
