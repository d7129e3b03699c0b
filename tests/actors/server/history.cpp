#define CAF_SUITE history

#include "xprober/actors/server/history.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/actors/server/journal.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"

#include "support/old_names.hpp"
#include "support/samples.hpp"
#include "support/toy_kinds.hpp"

#include "support/actor_reaper.hpp"

namespace history_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

history_subject pair_of(std::string source, std::string other) {
  return {"icmp", result_group::pair, std::move(source), std::move(other)};
}

history_subject url_of(std::string source, std::string other) {
  return {"http", result_group::address, std::move(source), std::move(other)};
}

const history_subject toy_series{"toy", result_group::address, "us", "a:1"};

/// A history behind a real journal and a real store, on disk.
struct history_fixture : xprober_fixture {
  history_fixture() { log::set_level(log::level::off); }

  test::folder folder;
  actor_reaper reaper{*this};
  history_config config;
  std::uint64_t queue_bytes = history_queue_bytes;
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  store_actor values = reaper.keep(sys.spawn(store, counters, caf::timespan{300s}));
  journal_actor source = open_journal();
  history_actor subject = open_history();

  history_actor open_history() {
    return reaper.keep(sys.spawn(history, folder.path(), config, source, counters));
  }
  journal_actor open_journal() {
    const auto opened = reaper.keep(
        sys.spawn(journal, folder.path(), values, counters, caf::timespan{300s}, registry_actor{}));
    const journal_reader reader{std::string{history_reader}, queue_bytes};
    CAF_CHECK(reaper.ask<done_atom>(opened, prepare_atom_v, journal_readers{{reader}}));
    CAF_CHECK(reaper.ask<done_atom>(opened, commit_atom_v));
    return opened;
  }

  template <class Handle>
  void end(const Handle& actor, caf::exit_reason reason = caf::exit_reason::kill) {
    caf::anon_send_exit(actor, reason);
    reaper.settle();
  }

  /// As after a SIGKILL: what was not written is gone.
  void crash() {
    end(subject);
    end(source);
    source = open_journal();
    subject = open_history();
  }

  static std::int64_t now_ms() {
    return std::chrono::duration_cast<milliseconds>(wall_clock::now().time_since_epoch()).count();
  }

  /// A batch of one result for each mean, `age` old by a clock that is `skew` ahead.
  static std::string batch(std::uint64_t sequence, const std::vector<float>& means,
                           std::chrono::seconds age = 0s, std::chrono::seconds skew = 0s) {
    batch_encoder encoder{{"us", "10.1.1.1"}};
    for (std::size_t i = 0; i < means.size(); ++i) {
      auto outcome = samples::success();
      outcome.started = wall_clock::now() - age + skew;
      outcome.values.set(kinds::icmp_column::latency, means[i]);
      encoder.add(*samples::result(
          samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i)), outcome));
    }
    agent_instance instance{};
    instance[0] = 1;
    return encoder.finish(instance, sequence, now_ms() + milliseconds{skew}.count());
  }

  /// A batch of results of one target, whose kind can be in no table.
  static std::string batch_of(std::uint64_t sequence, const prober_name& type,
                              const std::vector<probe_outcome>& outcomes) {
    batch_encoder encoder{{"us", "10.1.1.1"}};
    const auto target = samples::target_of(0, "a:1", type);
    for (auto outcome : outcomes) {
      outcome.started = wall_clock::now();
      encoder.add(*samples::result(target, outcome));
    }
    agent_instance instance{};
    instance[0] = 2;
    return encoder.finish(instance, sequence, now_ms());
  }

  void push(const std::string& bytes) {
    const auto answer = reaper.ask<push_batch_response>(
        source, push_batch_request{std::make_shared<const std::string>(bytes)});
    CAF_REQUIRE(answer);
  }

  history_series ask(history_range range = {},
                     const history_subject& key = pair_of("us", "cn-north")) {
    const auto now = to_unix_seconds(wall_clock::now());
    range.to = range.to == 0 ? now + 60 : range.to;
    range.from = range.from == 0 ? now - 3000 : range.from;
    const auto got = reaper.ask<history_answer>(subject, history_query{key, range});
    CAF_REQUIRE(got);
    return **got;
  }

  rollup all(const history_subject& key = pair_of("us", "cn-north")) {
    rollup sum;
    for (const auto& [start, point] : ask({}, key).points) {
      sum.merge(point);
    }
    return sum;
  }

  void flush() { reaper.pass(history_flush_interval); }

  /// A history with a result in each of the last hundred buckets, of which a page is damaged that
  /// is not read when it is opened. Its series has the number 1.
  void fill_and_damage() {
    for (std::uint64_t i = 0; i < 100; ++i) {
      push(batch(1 + i, {10}, std::chrono::seconds{15 * i}));
    }
    flush();
    end(subject);
    const auto file = folder.file("history.db");
    const auto whole = folder.file("whole");
    std::filesystem::copy_file(file, whole);
    bool damaged = false;
    for (std::uintmax_t at = 4096; !damaged && at < std::filesystem::file_size(whole); at += 4096) {
      std::filesystem::copy_file(whole, file, std::filesystem::copy_options::overwrite_existing);
      std::fstream page{file, std::ios::in | std::ios::out | std::ios::binary};
      page.seekp(static_cast<std::streamoff>(at + 2000));
      page << "damage";
      page.close();
      damaged = has_damage_inside();
    }
    CAF_REQUIRE(damaged);
    subject = open_history();
    CAF_CHECK_EQUAL(counts().set_aside, 0u);
  }

  bool has_damage_inside() {
    const auto now = to_unix_seconds(wall_clock::now());
    try {
      storage::history opened{folder.path()};
      if (!opened.has_replaced()) {
        opened.read(0, 1, now - 3000, now + 60);
      }
      return false;
    } catch (const storage::database_error&) {
      return true;
    }
  }

  /// With what the journal says of its reader.
  history_stats told() {
    const auto all = reaper.ask<stats_snapshot>(counters, get_stats_atom_v);
    CAF_REQUIRE(all);
    return all->history;
  }

  const history_stats& counts() { return reaper.state_of<stats_state>(counters).history; }
};

} // namespace

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
  CAF_CHECK_EQUAL(counts().moved, 1u);
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
    const test::full_disk full{1};
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

CAF_TEST(where a history was removed a new one reads what the journal still has) {
  push(batch(1, {10}));
  flush();
  std::filesystem::remove(folder.file("history.db"));
  push(batch(2, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK(std::filesystem::exists(folder.file("history.db")));
  push(batch(3, {10}));
  CAF_CHECK_EQUAL(all().probes, 3u);
  crash();
  CAF_CHECK_EQUAL(all().probes, 3u);
  flush();
  crash();
  CAF_CHECK_EQUAL(all().probes, 3u);
}

CAF_TEST(a history that is put in the place of the one in use is read on) {
  push(batch(1, {10}));
  flush();
  end(subject);
  std::filesystem::copy_file(folder.file("history.db"), folder.file("kept"));
  subject = open_history();
  push(batch_of(1, samples::toy(), {samples::toy_success(2, 4, 7)})); // takes the next number
  std::filesystem::rename(folder.file("kept"), folder.file("history.db"));
  std::filesystem::remove(folder.file("history.db-wal"));
  flush();
  reaper.pass(31s); // the journal has no other news
  CAF_CHECK_EQUAL(all().probes, 1u);
  CAF_CHECK_EQUAL(all(toy_series).probes, 1u);
  CAF_CHECK_EQUAL(counts().set_aside, 0u);
}

CAF_TEST(a damaged history that a question meets gives way to a new one) {
  fill_and_damage();
  CAF_CHECK(!ask().unavailable.empty());
  push(batch(101, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().set_aside, 1u);
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK(ask().unavailable.empty());
  push(batch(102, {10}));
  CAF_CHECK_EQUAL(all().probes, 2u); // the others went with the file
  crash();
  CAF_CHECK_EQUAL(all().probes, 2u);
}

CAF_TEST(a damaged history that a write meets gives way to a new one) {
  fill_and_damage();
  for (std::uint64_t i = 0; i < 100; ++i) {
    push(batch(101 + i, {10}, std::chrono::seconds{15 * i}));
  }
  flush();
  CAF_CHECK_EQUAL(counts().set_aside, 1u);
  CAF_CHECK_EQUAL(counts().failed, 1u);
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK_EQUAL(all().probes, 100u);
}

CAF_TEST(a damaged history waits for a disk that takes a new one) {
  fill_and_damage();
  CAF_CHECK(!ask().unavailable.empty());
  push(batch(101, {10}));
  {
    const test::full_disk full{1};
    flush();
    CAF_CHECK(!counts().last_error.empty());
    CAF_CHECK(!ask().unavailable.empty());
  }
  push(batch(102, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK_EQUAL(all().probes, 2u);
  flush();
  crash();
  CAF_CHECK_EQUAL(all().probes, 2u);
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
    const test::full_disk full{1};
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
