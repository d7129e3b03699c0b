#define CAF_SUITE store_never

#include "xprober/store/store_never.hpp"

#include <string>
#include <utility>
#include <vector>

#include "store/target_fixture.hpp"
#include "store/wanted_fixture.hpp"
#include "xprober/store/never_row.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/target_page.hpp"

#include "caf/test/unit_test.hpp"

namespace store_never_suite {

using namespace target_fixture;
using wanted_fixture::entry;
using wanted_fixture::want;

namespace {

/// "us 10.0.0.1, …" of the page's rows that were never reported.
std::string never_of(const store_snapshot& page) {
  std::string out;
  for (const auto& row : page.targets) {
    if (is_never_row(row)) {
      out += (out.empty() ? "" : ", ") + row.source_region + " " + row.target.address;
    }
  }
  return out;
}

std::string never_in(const store_table& table, const target_question& question = {}) {
  return never_of(make_target_page(table, t0, question));
}

/// 10.0.0.1 to 10.0.0.3 of the region eu, from us and asia.
wanted_targets_ptr three() {
  return want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2", "10.0.0.3"})}, {"us", "asia"});
}

target_question of_states(std::vector<series_state> states) {
  target_question question;
  question.terms.states = std::move(states);
  return question;
}

} // namespace

CAF_TEST(what is wanted and has no row is never) {
  auto table = some_table();
  CAF_CHECK_EQUAL(never_in(table), "");
  table.want(three());
  CAF_CHECK_EQUAL(never_in(table), "asia 10.0.0.2, us 10.0.0.2, asia 10.0.0.3, us 10.0.0.3");
  const auto page = make_target_page(table, t0, {});
  CAF_CHECK_EQUAL(page.total, 8u);
  CAF_CHECK_EQUAL(page.matching, 8u);
  CAF_CHECK_EQUAL(page.targets.size(), 8u);
}

CAF_TEST(with its first result it leaves and with its last row it comes back) {
  store_table table{300s};
  table.want(want({entry("icmp", "eu", {"10.0.0.1"})}, {"us"}));
  CAF_CHECK_EQUAL(never_in(table), "us 10.0.0.1");
  put(table, "us", "a", "eu", "10.0.0.1", true);
  CAF_CHECK_EQUAL(never_in(table), "");
  put(table, "us", "b", "eu", "10.0.0.1", true);
  table.forget_agents({{"us", "a"}});
  CAF_CHECK_EQUAL(never_in(table), ""); // another agent of the region has it
  table.forget_agents({{"us", "b"}});
  CAF_CHECK_EQUAL(never_in(table), "us 10.0.0.1");
  CAF_CHECK_EQUAL(table.rows(), 0u);
}

CAF_TEST(a row that expires leaves a target that is wanted) {
  store_table table{300s};
  table.want(want({entry("icmp", "eu", {"10.0.0.1"})}, {"us"}));
  put(table, "us", "a", "eu", "10.0.0.1", true);
  CAF_CHECK_EQUAL(never_in(table), "");
  table.expire(t0 + 300s, 10);
  CAF_CHECK_EQUAL(table.rows(), 0u);
  CAF_CHECK_EQUAL(never_in(table), "us 10.0.0.1");
}

CAF_TEST(what is not wanted any more is gone) {
  auto table = some_table();
  table.want(three());
  CAF_CHECK(!never_in(table).empty());
  table.want(want({entry("icmp", "eu", {"10.0.0.1"})}, {"us", "asia"}));
  table.forget({{"eu", "10.0.0.2", kinds::icmp()}, {"eu", "10.0.0.3", kinds::icmp()}}, t0);
  CAF_CHECK_EQUAL(never_in(table), "");
  table.want(nullptr);
  CAF_CHECK_EQUAL(never_in(table), "");
}

CAF_TEST(rows that come before the first question count and so do those after it) {
  store_table table{300s};
  table.want(want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us"}));
  put(table, "us", "a", "eu", "10.0.0.1", true);
  table.want(want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us"}));
  CAF_CHECK_EQUAL(never_in(table), "us 10.0.0.2");
  const auto wanted = want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us"});
  table.want(wanted);
  table.want(wanted);
  CAF_CHECK_EQUAL(never_in(table), "us 10.0.0.2");
  table.want(wanted); // the same, after a question
  CAF_CHECK_EQUAL(never_in(table), "us 10.0.0.2");
  put(table, "us", "a", "eu", "10.0.0.2", true);
  CAF_CHECK_EQUAL(never_in(table), "");
}

CAF_TEST(filters find what was never reported) {
  auto table = some_table();
  table.want(
      want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"}), entry("http", "web", {"http://New/"}),
            entry("odd", "web", {"http://odd/"}, {"mars"})},
           {"us"}));
  const std::string all = "us 10.0.0.2, us http://New/, mars http://odd/";
  CAF_CHECK_EQUAL(never_in(table), all);
  CAF_CHECK_EQUAL(never_in(table, of_states({series_state::never})), all);
  CAF_CHECK_EQUAL(make_target_page(table, t0, of_states({series_state::never})).matching, 3u);
  const auto failing = make_target_page(table, t0, of_states({series_state::failing}));
  CAF_CHECK_EQUAL(never_of(failing), "");
  CAF_CHECK_EQUAL(failing.total, 7u);
  CAF_CHECK_EQUAL(failing.matching, 2u);
  target_question question;
  question.terms.part = "new";
  CAF_CHECK_EQUAL(never_in(table, question), "us http://New/");
  question = {};
  question.terms.source_region = "mars";
  CAF_CHECK_EQUAL(never_in(table, question), "mars http://odd/");
  question = {};
  question.terms.reason = "no_agent";
  CAF_CHECK_EQUAL(never_in(table, question), "mars http://odd/");
  question.terms.reason = "not_probed";
  CAF_CHECK_EQUAL(never_in(table, question), "us 10.0.0.2, us http://New/");
  question = {};
  question.terms.detail = "agents of the region mars are to probe it, and no agent has that region";
  CAF_CHECK_EQUAL(never_in(table, question), "mars http://odd/");
  question = {};
  question.terms.streak = 0;
  CAF_CHECK_EQUAL(never_in(table, question), all);
  question.terms.time_unix = noon + 1;
  CAF_CHECK_EQUAL(never_in(table, question), "");
  question = {};
  question.terms.kind = "icmp";
  CAF_CHECK_EQUAL(never_in(table, question), "us 10.0.0.2");
  question.terms.kind = "odd"; // a module is of its own name until its kind is known
  CAF_CHECK_EQUAL(never_in(table, question), "mars http://odd/");
  question = {};
  question.terms.region = "eu";
  CAF_CHECK_EQUAL(never_in(table, question), "us 10.0.0.2");
  question = {};
  question.terms.target = "10.0.0.2";
  CAF_CHECK_EQUAL(never_in(table, question), "us 10.0.0.2");
  question = {};
  question.terms.uid = stable_hash({"eu", "10.0.0.2", kinds::icmp()});
  CAF_CHECK_EQUAL(never_in(table, question), "us 10.0.0.2");
  question = {};
  question.terms.agent = "a";
  CAF_CHECK_EQUAL(never_in(table, question), "");
}

CAF_TEST(labels find what was never reported) {
  store_table table{300s};
  table.want(want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us"}));
  target_labels::builder builder;
  const std::vector<std::string> addresses{"10.0.0.2"};
  builder.add(kinds::icmp(), "eu", addresses, {{"team", "a"}});
  target_question question;
  question.labels = builder.finish();
  question.terms.labels = {{"team", "a"}};
  CAF_CHECK_EQUAL(never_in(table, question), "us 10.0.0.2");
  question.terms.labels = {{"team", ""}};
  CAF_CHECK_EQUAL(never_in(table, question), "us 10.0.0.1");
}

CAF_TEST(pages go through rows and what was never reported in every order) {
  auto table = some_table();
  table.want(three());
  for (const auto sort : {target_sort::target, target_sort::since, target_sort::state,
                          target_sort::agent, target_sort::time}) {
    for (const bool descending : {false, true}) {
      target_question question;
      question.sort = sort;
      question.descending = descending;
      const auto all = make_target_page(table, t0, question);
      question.limit = 3;
      std::size_t at = 0;
      for (auto page = make_target_page(table, t0, question); !page.targets.empty();
           page = make_target_page(table, t0, question)) {
        CAF_CHECK_EQUAL(page.left, all.targets.size() - at);
        for (const auto& row : page.targets) {
          CAF_REQUIRE(at < all.targets.size());
          CAF_CHECK(row.target == all.targets[at].target);
          CAF_CHECK_EQUAL(row.source_region, all.targets[at].source_region);
          ++at;
        }
        question.after = place_of(page.targets.back(), sort);
      }
      CAF_CHECK_EQUAL(at, 8u);
    }
  }
}

CAF_TEST(what was never reported stands before what is well) {
  auto table = some_table();
  table.want(want({entry("icmp", "eu", {"10.0.0.2"})}, {"us"}));
  target_question question;
  question.sort = target_sort::state;
  const auto rows = make_target_page(table, t0, question).targets;
  CAF_REQUIRE_EQUAL(rows.size(), 5u);
  CAF_CHECK(is_never_row(rows[2])); // two fail, two are well
}

CAF_TEST(a page has the kinds of what was never reported) {
  store_table table{300s};
  table.want(
      want({entry("tcp", "eu", {"a:1"}), entry("odd", "eu", {"http://odd/"})}, {"us", "asia"}));
  const auto page = make_target_page(table, t0, {});
  CAF_REQUIRE_EQUAL(page.kinds.size(), 2u);
  CAF_CHECK_EQUAL(page.kinds[0].kind->name, "tcp");
  CAF_CHECK_EQUAL(page.kinds[1].kind->name, "odd");
}

CAF_TEST(a snapshot has numbers and with targets rows) {
  auto table = some_table();
  table.want(three());
  const auto numbers = make_snapshot(table, t0, false);
  CAF_CHECK(numbers.targets.empty());
  CAF_REQUIRE_EQUAL(numbers.never.size(), 2u);
  CAF_CHECK_EQUAL(numbers.never[0].type, "icmp");
  CAF_CHECK_EQUAL(numbers.never[0].source_region, "asia");
  CAF_CHECK_EQUAL(numbers.never[0].target_region, "eu");
  CAF_CHECK_EQUAL(numbers.never[0].targets, 2u);
  CAF_CHECK_EQUAL(numbers.never[1].source_region, "us");
  const auto rows = make_snapshot(table, t0, true);
  CAF_CHECK_EQUAL(rows.targets.size(), 8u);
  CAF_CHECK_EQUAL(rows.never_left_out, 0u);
  CAF_CHECK(is_never_row(rows.targets.back()));
}

CAF_TEST(numbers are worked out where something has changed and not for each question) {
  store_table table{300s};
  table.want(want({entry("icmp", "eu", {"10.0.0.0/24"}), entry("tcp", "eu", {"a:1"})},
                  {"us", "asia", "af"}));
  const auto looks = [&] { return table.never().looks(); };
  const auto first = make_snapshot(table, t0, false);
  CAF_CHECK_EQUAL(first.never.size(), 6u);
  const auto once = looks();
  CAF_CHECK_EQUAL(once, 6u);
  for (int i = 0; i < 10; ++i) {
    const auto again = make_snapshot(table, t0, false);
    CAF_CHECK(again.never.begin() == first.never.begin()); // the same list
  }
  CAF_CHECK_EQUAL(looks(), once);
  put(table, "us", "a", "eu", "10.0.0.7", true);
  const auto changed = make_snapshot(table, t0, false);
  CAF_CHECK_EQUAL(looks(), 2 * once);
  CAF_CHECK_EQUAL(changed.never[2].source_region, "us");
  CAF_CHECK_EQUAL(changed.never[2].targets, 255u);
  CAF_CHECK_EQUAL(first.never[2].targets, 256u);
  put(table, "us", "a", "eu", "10.0.0.7", true);
  make_snapshot(table, t0, false);
  CAF_CHECK_EQUAL(looks(), 2 * once);
  table.want(nullptr);
  CAF_CHECK_EQUAL(make_snapshot(table, t0, false).never.size(), 0u);
}

CAF_TEST(a snapshot leaves out what is too much) {
  store_table table{300s};
  table.want(want({entry("icmp", "eu", {"10.0.0.0/16"})}, {"us"}));
  const auto rows = make_snapshot(table, t0, true);
  CAF_CHECK_EQUAL(rows.targets.size(), most_never_rows);
  CAF_CHECK_EQUAL(rows.never_left_out, 65'536 - most_never_rows);
  CAF_CHECK_EQUAL(rows.never[0].targets, 65'536u);
}

CAF_TEST(parts of a store have it once together) {
  const auto wanted = want({entry("icmp", "eu", {"10.0.0.0/27"})}, {"us", "asia"});
  store_table alone{300s};
  alone.want(wanted);
  put(alone, "us", "a", "eu", "10.0.0.7", true);
  std::vector<store_table> parts;
  for (std::uint32_t number = 0; number < 3; ++number) {
    parts.emplace_back(300s, store_table::default_max_rows, store_part{number, 3});
    parts.back().want(wanted);
  }
  for (auto& part : parts) {
    put(part, "us", "a", "eu", "10.0.0.7", true);
  }
  target_question question;
  question.limit = 10;
  auto page = make_target_page(parts[0], t0, question);
  auto snapshot = make_snapshot(parts[0], t0, true);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    merge_target_page(page, make_target_page(parts[i], t0, question), question);
    merge_snapshot(snapshot, make_snapshot(parts[i], t0, true));
  }
  CAF_CHECK_EQUAL(never_of(page), never_in(alone, question));
  CAF_CHECK_EQUAL(page.total, 64u);
  CAF_REQUIRE_EQUAL(snapshot.never.size(), 2u);
  CAF_CHECK_EQUAL(snapshot.never[0].targets + snapshot.never[1].targets, 63u);
  CAF_CHECK_EQUAL(snapshot.targets.size(), 64u);
}

CAF_TEST(rows count from the first question on and take back with the last of a region) {
  store_names names;
  store_rows rows;
  store_never never{store_part{}};
  const wire_value series{"a", {}, "10.0.0.1", "us", "eu", "icmp", 0, 0};
  const auto left = [&] { return never.series(rows, names).size(); };
  const auto add = [&](std::string agent) {
    auto of_agent = series;
    of_agent.worker_name = std::move(agent);
    const auto of = names.add_row(of_agent, names.find_target(of_agent));
    const auto row = rows.add(of.agent, of.target, 0, t0);
    never.note_row(names, rows[row]);
    return row;
  };
  const auto erase = [&](slot row) {
    const auto gone = rows[row];
    rows.erase(row);
    never.note_gone(rows, names, gone);
    names.remove_row({gone.agent, gone.target});
  };
  const auto first = add("a");
  CAF_CHECK_EQUAL(left(), 0u); // nothing is wanted
  never.want(want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us"}));
  CAF_CHECK_EQUAL(left(), 1u);
  const auto second = add("b");
  erase(first);
  CAF_CHECK_EQUAL(left(), 1u);
  erase(second);
  CAF_CHECK_EQUAL(left(), 2u);
  CAF_REQUIRE_EQUAL(never.groups(rows, names).size(), 1u);
  CAF_CHECK_EQUAL(never.groups(rows, names)[0].targets, 2u);
}

} // namespace store_never_suite
