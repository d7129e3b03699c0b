#define CAF_SUITE history

#include "xprober/actors/server/history.hpp"

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "actors/server/history_fixture.hpp"
#include "support/old_names.hpp"

namespace history_suite {

using namespace history_test;

CAF_TEST_FIXTURE_SCOPE(history_tests, history_fixture)

CAF_TEST(what was pushed can be asked for at once) {
  push(batch(1, {10, 20, 30}));
  const auto sum = all();
  CAF_CHECK_EQUAL(sum.probes, 3u);
  CAF_CHECK_EQUAL(sum.succeeded, 3u);
  CAF_CHECK(sum.value_ms.mean().value() == 20.0);
  CAF_CHECK_EQUAL(sum.min_ms(), 10.0);
  CAF_CHECK_EQUAL(sum.max_ms(), 30.0);
  CAF_CHECK_EQUAL(counts().results, 3u);
  CAF_CHECK_EQUAL(counts().series, 1u);
  CAF_CHECK(all(pair_of("us", "mars")) == rollup{});
  CAF_CHECK(all(url_of("us", "cn-north")) == rollup{});
}

CAF_TEST(memory and disk together are what was pushed) {
  push(batch(1, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().rows[0], 1u);
  CAF_CHECK_EQUAL(counts().pending, 0u);
  push(batch(2, {30}));
  CAF_CHECK_EQUAL(all().probes, 2u);
  flush();
  CAF_CHECK_EQUAL(all().probes, 2u);
  CAF_CHECK(all().value_ms.mean().value() == 20.0);
}

CAF_TEST(a crash loses nothing and doubles nothing) {
  push(batch(1, {10, 20}));
  crash();
  CAF_CHECK_EQUAL(all().probes, 2u);
  flush();
  push(batch(2, {30}));
  crash();
  CAF_CHECK_EQUAL(all().probes, 3u);
  crash();
  CAF_CHECK_EQUAL(all().probes, 3u);
  push(batch(2, {30})); // came before
  CAF_CHECK_EQUAL(all().probes, 3u);
}

CAF_TEST(an orderly end writes what is in memory) {
  push(batch(1, {10}));
  end(subject, caf::exit_reason::user_shutdown);
  end(source);
  subject = open_history(); // whose journal is gone
  CAF_CHECK_EQUAL(all().probes, 1u);
}

CAF_TEST(late results go where they belong) {
  const auto now = to_unix_seconds(wall_clock::now());
  push(batch(1, {10}));
  push(batch(2, {50}, 1000s));
  flush();
  push(batch(3, {70}, 1000s));
  const auto series = ask({now - 1100, now - 900, 15});
  std::uint64_t probes = 0;
  for (const auto& [start, point] : series.points) {
    CAF_CHECK_GREATER_OR_EQUAL(point.min_ms(), 50.0);
    probes += point.probes;
  }
  CAF_CHECK_EQUAL(probes, 2u);
}

CAF_TEST(the skew of a clock is taken out) {
  push(batch(1, {10}, 0s, 3600s));
  const auto now = to_unix_seconds(wall_clock::now());
  CAF_CHECK_EQUAL(ask({now - 120, now + 15, 15}).points.size(), 1u);
  const auto& told = reaper.state_of<stats_state>(counters).journal;
  CAF_CHECK_EQUAL(told.skewed_agents, 1u);
  CAF_CHECK_LESS(std::abs(told.worst_skew_ms - 3'600'000), 5'000.0);
}

CAF_TEST(the future counts when it arrived and what is too old counts as that) {
  auto early = batch(1, {10}, -7200s);
  push(early);
  CAF_CHECK_EQUAL(all().probes, 1u);
  CAF_CHECK_EQUAL(reaper.state_of<stats_state>(counters).journal.misdated_results, 1u);
  CAF_CHECK_EQUAL(counts().moved, 0u); // the journal has put it right
  reaper.pass(server_clock::probation);
  push(batch(2, {10}, std::chrono::seconds{100 * 86'400}));
  CAF_CHECK_EQUAL(all().probes, 1u);
  CAF_CHECK_EQUAL(counts().too_old, 1u);
}

CAF_TEST(nothing is too old until the clock is proven) {
  push(batch(1, {10}, 7h)); // the finest level keeps 6 hours
  push(batch(2, {10}, std::chrono::seconds{100 * 86'400}));
  flush();
  CAF_CHECK_EQUAL(counts().rows[0], 2u);
  CAF_CHECK_EQUAL(counts().rows[2], 2u);
  CAF_CHECK_EQUAL(counts().too_old, 0u);
  reaper.pass(server_clock::probation - history_flush_interval - 1s);
  CAF_CHECK_EQUAL(counts().rows[0], 2u);
  reaper.pass(1s);
  CAF_CHECK_EQUAL(counts().rows[0], 0u);
  CAF_CHECK_EQUAL(counts().rows[2], 1u);
}

CAF_TEST(a clock that was wrong at the start drops nothing) {
  // Eight hours ahead, and put right just now: it is believed for a minute yet.
  auto& clock = reaper.state_of<history_state>(subject).own_clock;
  clock = {};
  clock.read(reaper.now(), wall_clock::now() + 8h, since_boot());
  push(batch(1, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().rows[0], 1u);
  reaper.pass(10min);
  CAF_CHECK_EQUAL(counts().rows[0], 1u);
}

CAF_TEST(values of the older form are rolled up as probes) {
  const auto stamp = to_unix_seconds(wall_clock::now());
  push_request request;
  const auto add = [&](std::string_view type, std::string_view metric, std::string target,
                       float v) {
    request.values.push_back(
        {"w", std::string{metric}, std::move(target), "us", "eu", std::string{type}, stamp, v});
  };
  add("icmp", old_names::ping_success, "10.0.0.1", 1);
  add("icmp", old_names::ping_drop_rate, "10.0.0.1", 50);
  add("icmp", old_names::ping_latency, "10.0.0.1", 8);
  add("icmp", old_names::ping_success, "10.0.0.2", -1);
  add("icmp", old_names::ping_drop_rate, "10.0.0.2", 100);
  add("icmp", old_names::ping_latency, "10.0.0.2", -1);
  add("http", old_names::http_success, "http://a/", 1);
  for (std::size_t i = 0; i < old_names::http_phases.size(); ++i) {
    add("http", old_names::http_phases[i], "http://a/", 2);
  }
  const auto taken = reaper.ask<push_response>(source, request);
  CAF_REQUIRE(taken);
  const auto pair = all(pair_of("us", "eu"));
  CAF_CHECK_EQUAL(pair.probes, 2u);
  CAF_CHECK_EQUAL(pair.succeeded, 1u);
  CAF_CHECK(pair.loss_percent.mean().value() == 75.0);
  CAF_CHECK(pair.value_ms.mean().value() == 8.0);
  const auto url = all(url_of("us", "http://a/"));
  CAF_CHECK_EQUAL(url.probes, 1u);
  CAF_CHECK(url.value_ms.mean().value() == 10.0);
  CAF_REQUIRE_EQUAL(url.phases_ms.size(), 5u);
  CAF_CHECK(url.phases_ms[4].mean().value() == 2.0);
  crash(); // the journal has them, too
  CAF_CHECK(all(pair_of("us", "eu")) == pair);
}

CAF_TEST(a kind that is in no table is rolled up and is there after a restart) {
  push(batch_of(
      1, samples::toy(),
      {samples::toy_success(2, 4, 7), samples::toy_success(4, 8, 7), samples::toy_failure(3)}));
  const auto check = [this] {
    const auto answer = ask({}, toy_series);
    CAF_CHECK((answer.phases == std::vector<std::string>{"wind", "spin"}));
    const auto sum = all(toy_series);
    CAF_CHECK_EQUAL(sum.probes, 3u);
    CAF_CHECK_EQUAL(sum.succeeded, 2u);
    CAF_CHECK(sum.value_ms.mean() == 9.0);
    CAF_REQUIRE_EQUAL(sum.phases_ms.size(), 2u);
    CAF_CHECK(sum.phases_ms[0].mean() == 3.0);
    CAF_CHECK(sum.phases_ms[1].mean() == 6.0);
  };
  check();
  crash();
  check();
  flush();
  crash();
  check();
  CAF_CHECK_EQUAL(counts().series, 1u);
  CAF_CHECK(all(url_of("us", "a:1")) == rollup{});
  CAF_CHECK(all({"toy", result_group::pair, "us", "r"}) == rollup{});
}

CAF_TEST(phases that change their names are not mixed up) {
  auto renamed = samples::toy();
  std::swap(renamed.columns[1], renamed.columns[2]); // spin, wind
  renamed.columns[2].key = "gust";                   // spin, gust
  push(batch_of(1, samples::toy(), {samples::toy_success(2, 4, 7)}));
  auto other = samples::toy_success(0, 0, 7);
  other.values.set(1, 8);  // spin
  other.values.set(2, 32); // gust
  push(batch_of(2, prober_name{"toy", &renamed}, {other}));
  flush();
  CAF_CHECK_EQUAL(counts().series, 2u);
  const auto answer = ask({}, toy_series);
  const auto sum = all(toy_series);
  CAF_CHECK_EQUAL(sum.probes, 2u);
  CAF_REQUIRE_EQUAL(answer.phases.size(), 3u);
  CAF_REQUIRE_EQUAL(sum.phases_ms.size(), 3u);
  std::map<std::string, double> means;
  for (std::size_t i = 0; i < 3; ++i) {
    means[answer.phases[i]] = sum.phases_ms[i].mean().value();
  }
  CAF_CHECK((means == std::map<std::string, double>{{"gust", 32}, {"spin", 6}, {"wind", 2}}));
}

CAF_TEST(rows that give a built in name another meaning are in no history) {
  push(samples::misnamed(
      batch_of(1, samples::misnamed_type(), {samples::failure(probe_error::refused)})));
  CAF_CHECK_EQUAL(counts().results, 0u);
  CAF_CHECK_EQUAL(counts().series, 0u);
}

CAF_TEST(while the disk is full batches wait and then all are there) {
  push(batch(1, {10}));
  {
    const xprober::test::full_disk full{1};
    flush();
  }
  CAF_CHECK_EQUAL(counts().failed, 1u);
  CAF_CHECK(!counts().last_error.empty());
  for (std::uint64_t i = 2; i <= 20; ++i) {
    push(batch(i, {10}));
  }
  CAF_CHECK_LESS(all().probes, 3u); // at most the page that it had asked for already
  CAF_CHECK_EQUAL(told().waiting, 60u);
  flush();
  CAF_CHECK_EQUAL(all().probes, 20u);
  CAF_CHECK(counts().last_error.empty());
  flush();
  CAF_CHECK_EQUAL(told().waiting, 0u);
  crash();
  CAF_CHECK_EQUAL(all().probes, 20u);
}

CAF_TEST(while there can be no file batches wait and then all are there) {
  end(subject);
  std::filesystem::remove(folder.file("history.db"));
  std::filesystem::create_directory(folder.file("history.db"));
  subject = open_history();
  CAF_CHECK(!counts().last_error.empty());
  for (std::uint64_t i = 1; i <= 20; ++i) {
    push(batch(i, {10}));
  }
  CAF_CHECK(!ask().unavailable.empty());
  CAF_CHECK(ask().plan.problem.empty());
  flush();
  CAF_CHECK_EQUAL(told().waiting, 60u);
  std::filesystem::remove(folder.file("history.db"));
  flush();
  CAF_CHECK_EQUAL(all().probes, 20u);
  CAF_CHECK_EQUAL(counts().last_error, "");
  flush();
  crash();
  CAF_CHECK_EQUAL(all().probes, 20u);
}

CAF_TEST(a journal that comes back as it was is not told of what is in memory alone) {
  push(batch(1, {10}));
  flush();
  push(batch(2, {20}));
  CAF_CHECK_EQUAL(all().probes, 2u);
  std::filesystem::rename(folder.file("journal.db"), folder.file("away"));
  CAF_CHECK(!reaper.ask<push_batch_response>(
      source, push_batch_request{std::make_shared<const std::string>(batch(3, {30}))}));
  std::filesystem::rename(folder.file("away"), folder.file("journal.db"));
  reaper.pass(5s);
  push(batch(3, {30}));
  CAF_CHECK_EQUAL(all().probes, 3u);
  crash();
  CAF_CHECK_EQUAL(all().probes, 3u);
}

CAF_TEST(a new journal in the midst is read from its beginning) {
  push(batch(1, {10}));
  CAF_CHECK_EQUAL(all().probes, 1u);
  std::filesystem::remove(folder.file("journal.db"));
  std::filesystem::remove(folder.file("journal.db-wal"));
  const auto refused = reaper.ask<push_batch_response>(
      source, push_batch_request{std::make_shared<const std::string>(batch(2, {10}))});
  CAF_CHECK(!refused);
  reaper.pass(3s);
  push(batch(2, {10}));
  reaper.pass(3s);
  CAF_CHECK_EQUAL(all().probes, 2u);
  crash();
  CAF_CHECK_EQUAL(all().probes, 1u); // the roll-ups of the first one were not on disk yet
}

CAF_TEST(series above the limit are left out and counted) {
  config.max_series = 1;
  caf::anon_send(subject, config);
  reaper.settle();
  push(batch(1, {10, 20}));
  push_request request;
  request.values.push_back({"w", std::string{old_names::ping_success}, "10.0.0.1", "us", "mars",
                            "icmp", to_unix_seconds(wall_clock::now()), 1});
  const auto taken = reaper.ask<push_response>(source, request);
  CAF_REQUIRE(taken);
  CAF_CHECK_EQUAL(counts().series, 1u);
  CAF_CHECK_EQUAL(counts().omitted, 1u);
  CAF_CHECK_EQUAL(all().probes, 2u);
  CAF_REQUIRE_EQUAL(counts().omitted_of.size(), 1u);
  CAF_CHECK((counts().omitted_of[0].agent == agent_identity{"us", "w"}));
  CAF_CHECK_EQUAL(counts().omitted_of[0].results, 1u);
}

CAF_TEST(another journal is taken in from its beginning) {
  push(batch(1, {10}));
  flush();
  end(subject);
  end(source);
  std::filesystem::remove(folder.file("journal.db"));
  std::filesystem::remove(folder.file("journal.db-wal"));
  source = open_journal();
  subject = open_history();
  push(batch(7, {30}));
  CAF_CHECK_EQUAL(all().probes, 2u);
}

CAF_TEST(all pairs of a moment come with one question) {
  push(batch(1, {10, 20}));
  push(batch(2, {40}, 2h));
  flush();
  push(batch(3, {30}));
  history_query question;
  question.subject = {"icmp", result_group::pair, "", ""};
  question.range.to = to_unix_seconds(wall_clock::now());
  question.moment = true;
  const auto at_moment = [&] {
    const auto got = reaper.ask<history_answer>(subject, question);
    CAF_REQUIRE(got);
    return **got;
  };
  auto now = at_moment();
  CAF_CHECK_EQUAL(now.plan.level, 0u);
  CAF_REQUIRE_EQUAL(now.sources.size(), 1u);
  CAF_CHECK(now.sources[0].subject == pair_of("us", "cn-north"));
  CAF_REQUIRE_EQUAL(now.sources[0].points.size(), 1u);
  CAF_CHECK_EQUAL(now.sources[0].points.begin()->second.probes, 3u); // on disk and in memory
  question.range.to -= 3600;
  CAF_CHECK(at_moment().sources.at(0).points.empty());
  question.range.to -= 3600;
  const auto before = at_moment();
  CAF_REQUIRE_EQUAL(before.sources.at(0).points.size(), 1u);
  CAF_CHECK_EQUAL(before.sources[0].points.begin()->second.probes, 1u);
  CAF_MESSAGE("two hours behind what was measured then it is the usual");
  const auto then = ask({question.range.to - 60, question.range.to + 15, 15}).points;
  CAF_REQUIRE_EQUAL(then.size(), 1u);
  question.range.to = then.begin()->first + 7200;
  question.usual = true;
  CAF_CHECK(at_moment().sources.at(0).usual_ms == 40.0);
  question.subject.other = "nowhere";
  CAF_CHECK(at_moment().sources.empty());
  question.range.to += 86'400;
  CAF_CHECK(at_moment().plan.problem == "at lies in the future");
}

CAF_TEST(what is usual now is the median of the last seven days and kept for a while) {
  std::uint64_t id = 0;
  for (const auto later : {0min, 10min}) { // the test may go over the end of ten minutes
    push(batch(++id, {10}, 3h - later));
    push(batch(++id, {20}, 2h - later));
    push(batch(++id, {900}, 1h - later)); // one bad hour moves no median
  }
  flush();
  history_query question;
  question.subject = {"icmp", result_group::pair, "", ""};
  question.usual = true;
  const auto usual = [&] {
    const auto got = reaper.ask<history_answer>(subject, question);
    CAF_REQUIRE(got);
    return *got;
  };
  const auto first = usual();
  const auto now = to_unix_seconds(wall_clock::now());
  CAF_REQUIRE_EQUAL(first->usual.size(), 1u);
  CAF_CHECK_EQUAL(first->usual[0].source_region, "us");
  CAF_CHECK_EQUAL(first->usual[0].target_region, "cn-north");
  CAF_CHECK_EQUAL(first->usual[0].median_ms, 20.0F);
  CAF_CHECK_EQUAL(first->usual[0].rollups, 3u);
  CAF_CHECK(first->plan.from <= now - 3 * 3600);
  CAF_CHECK(usual() == first);
  question.subject.kind = "no such kind";
  CAF_CHECK(usual()->usual.empty());
}

CAF_TEST(a step joins buckets and too many points are refused) {
  push(batch(1, {10}, 700s));
  push(batch(2, {30}));
  const auto now = to_unix_seconds(wall_clock::now());
  const auto joined = ask({now - 80'000, now + 1, 86'400});
  CAF_CHECK_LESS_OR_EQUAL(joined.points.size(), 2u);
  CAF_CHECK_EQUAL(joined.plan.step, 86'400);
  CAF_CHECK(ask({now - 6 * 86'400, now, 60}).plan.problem.find("5000") != std::string::npos);
}

CAF_TEST(what the queue cannot hold is dropped and counted) {
  push(batch(1, {10}));
  {
    const xprober::test::full_disk full{1};
    flush();
  }
  const journal_reader small{std::string{history_reader}, 300};
  CAF_CHECK(reaper.ask<done_atom>(source, prepare_atom_v, journal_readers{{small}}));
  CAF_CHECK(reaper.ask<done_atom>(source, commit_atom_v));
  for (std::uint64_t i = 2; i <= 20; ++i) {
    push(batch(i, {10}));
  }
  const auto dropped = told().dropped;
  CAF_CHECK_GREATER(dropped, 0u);
  flush();
  flush();
  CAF_CHECK_EQUAL(all().probes, 20 - dropped / 3);
}

CAF_TEST(the front passes questions on and keeps no ended history alive) {
  const auto front = reaper.keep(sys.spawn(history_front, subject));
  push(batch(1, {10}));
  const history_query query{pair_of("us", "cn-north"),
                            {0, to_unix_seconds(wall_clock::now()) + 1, 86'400}};
  const auto got = reaper.ask<history_answer>(front, query);
  CAF_REQUIRE(got);
  CAF_CHECK((*got)->points.size() == 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace history_suite
