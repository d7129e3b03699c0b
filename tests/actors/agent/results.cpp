#define CAF_SUITE results

#include "xprober/actors/agent/results.hpp"

#include <cstdint>
#include <vector>

#include "actors/agent/results_fixture.hpp"

namespace results_suite {

using namespace xprober;

CAF_TEST_FIXTURE_SCOPE(results_tests, results_fixture)

CAF_TEST(nothing pending is a batch without a number) {
  const auto batch = take();
  CAF_CHECK_EQUAL(batch.id, 0U);
  CAF_CHECK(batch.results.empty());
  CAF_CHECK_EQUAL(batch.pending, 0U);
}

CAF_TEST(the same batch is handed out until it is acknowledged) {
  const auto a = begin(0, "10.0.0.1");
  const auto first = add(a);
  const auto second = add(a);
  const auto batch = take();
  CAF_CHECK(batch.id != 0);
  CAF_CHECK((batch.results == result_list{first, second}));
  CAF_CHECK_EQUAL(batch.pending, 2U);

  const auto third = add(a);
  const auto again = take();
  CAF_CHECK_EQUAL(again.id, batch.id);
  CAF_CHECK((again.results == result_list{first, second}));
  CAF_CHECK_EQUAL(again.pending, 3U);

  acknowledge(batch.id);
  const auto next = take();
  CAF_CHECK(next.id != batch.id);
  CAF_CHECK((next.results == result_list{third}));
  acknowledge(next.id);
  CAF_CHECK_EQUAL(take().id, 0U);
}

CAF_TEST(results that come together are taken as they would be one by one) {
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  const auto gone = begin(2, "10.0.0.3");
  forget(2);
  const auto first = add(b);
  const auto failure = samples::failure(probe_error::no_reply);
  const result_list together{samples::result(a), samples::result(gone), samples::result(b, failure),
                             samples::result(a, failure)};
  caf::anon_send(subject, result_round{together});
  reaper.settle();
  const auto batch = take();
  CAF_CHECK((batch.results == result_list{first, together[0], together[2], together[3]}));
  CAF_CHECK_EQUAL(batch.forgotten, 1U);
  const auto failing = list("failing");
  CAF_REQUIRE_EQUAL(failing.lines.size(), 2U);
  CAF_CHECK(failing.lines[0].last == together[3]);
  CAF_CHECK(failing.lines[1].last == together[2]);
}

CAF_TEST(since when a target is in its state is known of each) {
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  const auto came = [&](const target_ref& target, std::int64_t at, probe_error error) {
    auto outcome = error == probe_error::none ? samples::success() : samples::failure(error);
    outcome.started = wall_time{std::chrono::seconds{at}};
    caf::anon_send(subject, result_round{{samples::result(target, std::move(outcome))}});
    reaper.settle();
  };
  const auto since = [&](const target_ref& target) {
    const auto found = reaper.ask<target_listing>(subject, target_query{"", 1, target});
    CAF_REQUIRE(found);
    return found->lines.empty() ? 0U : found->lines.at(0).since_unix;
  };
  CAF_CHECK_EQUAL(since(a), 0U);
  came(a, 1000, probe_error::no_reply);
  for (int at = 1015; at < 1300; at += 15) { // more than its story remembers
    came(a, at, probe_error::no_reply);
  }
  came(b, 1200, probe_error::none);
  CAF_CHECK_EQUAL(since(a), 1000U);
  const auto failing = list("failing");
  CAF_CHECK_EQUAL(failing.lines.at(0).since_unix, 1000U);
  CAF_CHECK_EQUAL(since(b), 1200U);
  came(a, 1300, probe_error::unreachable); // fails otherwise, and still
  CAF_CHECK_EQUAL(since(a), 1000U);
  came(a, 1315, probe_error::local_overload);
  CAF_CHECK_EQUAL(since(a), 1315U);
  came(a, 1330, probe_error::none);
  CAF_CHECK_EQUAL(since(a), 1330U);
  forget(0);
  CAF_CHECK_EQUAL(since(a), 0U);
  const auto another = begin(0, "10.0.0.3");
  CAF_CHECK_EQUAL(since(another), 0U);
  CAF_CHECK_EQUAL(since(a), 0U);
  came(another, 2000, probe_error::none);
  CAF_CHECK_EQUAL(since(another), 2000U);
}

CAF_TEST(a wrong acknowledgement is ignored) {
  const auto a = begin(0, "10.0.0.1");
  add(a);
  const auto first = take();
  acknowledge(first.id + 1);
  acknowledge(0);
  CAF_CHECK_EQUAL(take().id, first.id);
  acknowledge(first.id);
  add(a);
  const auto second = take();
  acknowledge(first.id);
  CAF_CHECK_EQUAL(take().id, second.id);
  CAF_CHECK_EQUAL(take().results.size(), 1U);
}

CAF_TEST(an acknowledgement of nothing does not count as one of a batch to come) {
  acknowledge(1);
  const auto a = begin(0, "10.0.0.1");
  add(a);
  CAF_CHECK_EQUAL(take().results.size(), 1U);
}

CAF_TEST(many results are taken in parts and in order) {
  const auto a = begin(0, "10.0.0.1");
  result_list added;
  for (int i = 0; i < 250; ++i) {
    added.push_back(add(a));
  }
  result_list taken;
  std::vector<std::size_t> sizes;
  for (auto batch = take(); batch.id != 0; batch = take()) {
    CAF_CHECK_EQUAL(batch.pending, 250 - taken.size());
    taken.insert(taken.end(), batch.results.begin(), batch.results.end());
    sizes.push_back(batch.results.size());
    acknowledge(batch.id);
  }
  CAF_CHECK((taken == added));
  CAF_CHECK((sizes == std::vector<std::size_t>{100, 100, 50}));
}

CAF_TEST(what is pending of a removed target is not pushed and counted) {
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  add(a);
  const auto kept = add(b);
  add(a);
  forget(0);
  forget(77);
  const auto batch = take();
  CAF_CHECK((batch.results == result_list{kept}));
  CAF_CHECK_EQUAL(batch.forgotten, 2U);
  CAF_CHECK_EQUAL(batch.pending, 1U);
  CAF_CHECK_EQUAL(list().total, 1U);
}

CAF_TEST(a straggler of a removed target is dropped and counted) {
  const auto a = begin(0, "10.0.0.1");
  forget(0);
  add(a);
  add(samples::target(500, "10.9.9.9"));
  const auto batch = take();
  CAF_CHECK_EQUAL(batch.id, 0U);
  CAF_CHECK_EQUAL(batch.forgotten, 2U);
}

CAF_TEST(an index that is used again does not mix two targets) {
  const auto old = begin(0, "10.0.0.1");
  add(old, samples::failure(probe_error::no_reply));
  forget(0);
  const auto young = begin(0, "10.0.0.2");
  add(old, samples::failure(probe_error::no_reply));
  const auto listed = list();
  CAF_REQUIRE_EQUAL(listed.lines.size(), 1U);
  CAF_CHECK_EQUAL(listed.lines[0].uid.address, "10.0.0.2");
  CAF_CHECK_EQUAL(listed.lines[0].state, "waiting");
  CAF_CHECK(listed.lines[0].last == nullptr);
  const auto result = add(young);
  const auto batch = take();
  CAF_CHECK((batch.results == result_list{result}));
  CAF_CHECK_EQUAL(batch.forgotten, 2U);
}

CAF_TEST(past the limit the oldest are dropped and counted) {
  subject = spawn_results(10);
  const auto a = begin(0, "10.0.0.1");
  result_list added;
  for (int i = 0; i < 25; ++i) {
    added.push_back(add(a));
  }
  const auto batch = take();
  CAF_CHECK_EQUAL(batch.pending, 10U);
  CAF_CHECK_EQUAL(batch.dropped, 15U);
  CAF_REQUIRE(!batch.results.empty());
  CAF_CHECK(batch.results.front() == added[15]);
}

CAF_TEST(the batch in flight counts towards the limit and stays whole) {
  subject = spawn_results(10);
  const auto a = begin(0, "10.0.0.1");
  for (int i = 0; i < 10; ++i) {
    add(a);
  }
  const auto batch = take();
  result_list later;
  for (int i = 0; i < 30; ++i) {
    later.push_back(add(a));
    CAF_CHECK(take().pending <= 10);
  }
  const auto again = take();
  CAF_CHECK_EQUAL(again.id, batch.id);
  CAF_CHECK((again.results == batch.results));
  CAF_CHECK_EQUAL(again.dropped, 30U);
  acknowledge(batch.id);
  result_list rest;
  for (auto next = take(); next.id != 0; next = take()) {
    rest.insert(rest.end(), next.results.begin(), next.results.end());
    acknowledge(next.id);
  }
  CAF_CHECK((rest == result_list(later.end() - 5, later.end())));
}

CAF_TEST(a limit of one and of none is bearable) {
  for (const std::uint64_t limit : {0, 1}) {
    subject = spawn_results(limit);
    const auto a = begin(0, "10.0.0.1");
    add(a);
    add(a);
    CAF_CHECK_EQUAL(take().results.size(), limit);
    add(a);
    CAF_CHECK_EQUAL(take().pending, limit);
    CAF_CHECK_EQUAL(take().dropped, 3 - limit);
  }
}

CAF_TEST(stats hear of the first change at once and then of the last state) {
  const auto a = begin(0, "10.0.0.1");
  add(a);
  CAF_CHECK_EQUAL(backlog().pending, 1U);
  for (int i = 0; i < 9; ++i) {
    add(a);
  }
  CAF_CHECK_EQUAL(backlog().pending, 1U);
  reaper.pass(backlog_report_interval);
  CAF_CHECK_EQUAL(backlog().pending, 10U);
  CAF_MESSAGE("without a change nothing more is told");
  CAF_CHECK(reaper.pass(std::chrono::minutes{1}) <= 1);
  add(a);
  CAF_CHECK_EQUAL(backlog().pending, 11U);
}

CAF_TEST(stats hear of everything when they ask) {
  const auto a = begin(0, "10.0.0.1");
  add(a);
  add(a);
  CAF_CHECK_EQUAL(backlog().pending, 1U);
  CAF_CHECK(reaper.ask<done_atom>(subject, report_atom_v));
  CAF_CHECK_EQUAL(backlog().pending, 2U);
}

CAF_TEST(every result is in one part of the backlog) {
  subject = spawn_results(10);
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  for (int i = 0; i < 8; ++i) {
    add(a);
    add(b);
  }
  const auto check = [this](backlog_stats wanted) {
    reaper.pass(backlog_report_interval);
    const auto told = backlog();
    CAF_CHECK_EQUAL(told.acked, wanted.acked);
    CAF_CHECK_EQUAL(told.pending, wanted.pending);
    CAF_CHECK_EQUAL(told.dropped, wanted.dropped);
    CAF_CHECK_EQUAL(told.forgotten, wanted.forgotten);
  };
  check({0, 10, 6, 0});
  const auto batch = take(4);
  check({0, 10, 6, 0});
  acknowledge(batch.id);
  check({4, 6, 6, 0});
  forget(1);
  add(b);
  take(4);
  check({4, 3, 6, 4});
}

CAF_TEST(what is in the spool is pending until it is acknowledged or dropped) {
  const auto a = begin(0, "10.0.0.1");
  for (int i = 0; i < 10; ++i) {
    add(a);
  }
  const auto check = [this](backlog_stats wanted) {
    reaper.pass(backlog_report_interval);
    const auto told = backlog();
    CAF_CHECK_EQUAL(told.acked, wanted.acked);
    CAF_CHECK_EQUAL(told.pending, wanted.pending);
    CAF_CHECK_EQUAL(told.dropped, wanted.dropped);
    CAF_CHECK_EQUAL(told.restored, wanted.restored);
    CAF_CHECK_EQUAL(told.acked + told.pending + told.dropped + told.forgotten, 10 + told.restored);
  };
  const auto tell = [this](spool_change change) {
    caf::anon_send(subject, change);
    reaper.settle();
  };
  tell({0, 0, 0, 100});
  check({0, 110, 0, 0, 100});
  tell({take().id, 0, 0, 0});
  check({0, 110, 0, 0, 100});
  CAF_CHECK_EQUAL(take().id, 0U);
  tell({0, 60, 0, 0});
  check({60, 50, 0, 0, 100});
  tell({0, 0, 20, 0});
  check({60, 30, 20, 0, 100});
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace results_suite
