#define CAF_SUITE journal

#include "xprober/actors/server/journal.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch_parser.hpp"

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"

#include "support/actor_reaper.hpp"

namespace journal_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

double latency_of(const stored_target& target) {
  return static_cast<double>(target.values.number(kinds::icmp_column::latency).value());
}

/// A real journal on disk in front of a real store.
struct journal_fixture : xprober_fixture {
  journal_fixture() { log::set_level(log::level::off); }

  test::folder folder;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  store_actor values = open_store();
  journal_actor subject = open(folder.path());

  store_actor open_store() { return reaper.keep(sys.spawn(store, counters, caf::timespan{300s})); }
  journal_actor open(const std::string& directory, caf::timespan ttl = caf::timespan{300s}) {
    return reaper.keep(sys.spawn(journal, directory, values, counters, ttl, registry_actor{}));
  }

  /// Both start again; the store begins empty.
  void restart() {
    caf::anon_send_exit(subject, caf::exit_reason::kill);
    caf::anon_send_exit(values, caf::exit_reason::kill);
    reaper.settle();
    values = open_store();
    subject = open(folder.path());
  }

  /// A batch of one result for each mean, of targets 10.0.0.0, 10.0.0.1 and so on.
  static std::string batch(std::uint8_t agent, std::uint64_t sequence,
                           const std::vector<float>& means) {
    batch_encoder encoder{{"cn-south", "10.1.1." + std::to_string(agent)}};
    for (std::size_t i = 0; i < means.size(); ++i) {
      auto outcome = samples::success();
      outcome.started = wall_clock::now();
      outcome.values.set(kinds::icmp_column::latency, means[i]);
      encoder.add(*samples::result(
          samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i)), outcome));
    }
    agent_instance instance{};
    instance[0] = agent;
    return encoder.finish(
        instance, sequence,
        std::chrono::duration_cast<milliseconds>(wall_clock::now().time_since_epoch()).count());
  }

  caf::expected<push_batch_response> push(const std::string& bytes) {
    return reaper.ask<push_batch_response>(
        subject, push_batch_request{std::make_shared<const std::string>(bytes)});
  }

  void set_reader(std::uint64_t max_bytes) {
    CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"r", max_bytes}}}));
    CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  }

  store_view view() {
    const auto got = reaper.ask<store_view>(values, store_query{true});
    CAF_REQUIRE(got);
    return *got;
  }

  const journal_stats& counts() { return reaper.state_of<stats_state>(counters).journal; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_tests, journal_fixture)

CAF_TEST(a batch is in the store once it is acknowledged) {
  const auto answer = push(batch(1, 1, {10, 20}));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->instance, "01" + std::string(30, '0'));
  CAF_CHECK_EQUAL(answer->sequence, 1);
  CAF_CHECK_EQUAL(answer->accepted, 2);
  CAF_CHECK_EQUAL(answer->rejected, 0);
  CAF_CHECK(!answer->duplicate);
  const auto seen = view();
  CAF_REQUIRE_EQUAL(seen->targets.size(), 2U);
  CAF_REQUIRE_EQUAL(seen->kinds.size(), 1U);
  const auto& icmp = seen->kinds[0];
  CAF_CHECK_EQUAL(icmp.mean(icmp.groups.at(0), column_role::duration).value(), 15.0);
  CAF_CHECK_EQUAL(seen->targets[0].agent, "10.1.1.1");
}

CAF_TEST(a batch that comes again has the same answer and counts once) {
  push(batch(1, 1, {10, 20}));
  auto first = push(batch(1, 2, {11}));
  auto again = push(batch(1, 2, {11}));
  CAF_REQUIRE(first && again);
  CAF_CHECK(again->duplicate);
  again->duplicate = false;
  CAF_CHECK((*again == *first));
  CAF_CHECK_EQUAL(counts().batches, 2U);
  CAF_CHECK_EQUAL(counts().results, 3U);
  CAF_CHECK_EQUAL(counts().duplicate_batches, 1U);
  CAF_CHECK_EQUAL(reaper.state_of<store_state>(values).counts.received, 9U);
}

CAF_TEST(agents count for themselves) {
  push(batch(1, 1, {10}));
  push(batch(2, 1, {20}));
  CAF_CHECK_EQUAL(counts().batches, 2U);
  CAF_CHECK_EQUAL(counts().duplicate_batches, 0U);
  CAF_CHECK_EQUAL(view()->targets.size(), 2U);
}

CAF_TEST(gaps are accepted and counted) {
  push(batch(1, 1, {10}));
  const auto answer = push(batch(1, 5, {20}));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 1);
  CAF_CHECK_EQUAL(counts().missing_batches, 3U);
}

CAF_TEST(nothing acknowledged is lost over a restart) {
  push(batch(1, 1, {10, 20}));
  push(batch(1, 2, {30, 40}));
  push(batch(2, 1, {50}));
  restart();
  reaper.settle();
  const auto ready = reaper.ask<done_atom>(subject, await_replay_atom_v);
  CAF_CHECK(ready);
  CAF_CHECK_EQUAL(counts().replayed_batches, 3U);
  CAF_CHECK_EQUAL(counts().total_results, 5U);
  CAF_CHECK_EQUAL(counts().results, 0U);
  const auto all = view();
  CAF_REQUIRE_EQUAL(all->targets.size(), 3U);
  std::vector<double> latencies;
  for (const auto& target : all->targets) {
    latencies.push_back(latency_of(target));
  }
  std::sort(latencies.begin(), latencies.end());
  CAF_CHECK((latencies == std::vector<double>{30, 40, 50}));
  const auto again = push(batch(1, 2, {30, 40}));
  CAF_REQUIRE(again);
  CAF_CHECK(again->duplicate);
  CAF_CHECK_EQUAL(again->accepted, 2);
}

CAF_TEST(many batches are replayed in steps) {
  for (std::uint64_t i = 1; i <= 200; ++i) {
    push(batch(1, i, {static_cast<float>(i)}));
  }
  restart();
  CAF_CHECK_EQUAL(counts().replayed_batches, 200U);
  const auto seen = view();
  CAF_REQUIRE_EQUAL(seen->targets.size(), 1U);
  CAF_CHECK_EQUAL(latency_of(seen->targets[0]), 200.0);
}

CAF_TEST(what is recent is there before anybody is served and the rest follows) {
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  reaper.settle();
  {
    storage::journal file{folder.path()};
    const auto now = wall_clock::now();
    const auto add = [&](std::uint8_t agent, std::uint64_t sequence, std::vector<float> means,
                         std::chrono::seconds age) {
      const auto bytes = batch(agent, sequence, means);
      batch_header header;
      CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
      file.add(header, bytes, {means.size(), 0}, now - age, means.size() * 3, 0);
    };
    for (std::uint64_t i = 0; i < 100; ++i) {
      add(2, i + 1, {5}, 200s - std::chrono::seconds{i}); // this one ended long ago
    }
    add(1, 1, {10, 20}, 10s);
    add(1, 2, {30}, 5s);
  }
  subject = open(folder.path());
  CAF_CHECK(reaper.ask<done_atom>(subject, await_replay_atom_v));
  CAF_CHECK_EQUAL(counts().replayed_batches, 102U);
  CAF_CHECK_EQUAL(view()->targets.size(), 3U);
}

CAF_TEST(what is too old is dropped) {
  push(batch(1, 1, {10}));
  caf::anon_send(subject, set_result_ttl{});
  // The journal's age is by the wall clock, its timer by the virtual one.
  std::this_thread::sleep_for(2ms);
  reaper.pass(11s);
  restart();
  CAF_CHECK_EQUAL(counts().replayed_batches, 0U);
  const auto again = push(batch(1, 1, {10}));
  CAF_REQUIRE(again);
  CAF_CHECK(again->duplicate);
}

CAF_TEST(a batch that cannot be read is answered once and for all) {
  auto bytes = batch(1, 1, {10, 20});
  bytes.resize(bytes.size() - 5);
  const auto answer = push(bytes);
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 0);
  CAF_CHECK_EQUAL(answer->rejected, 2);
  CAF_CHECK_EQUAL(answer->errors.size(), 1U);
  CAF_CHECK(push(bytes)->duplicate);
  CAF_CHECK(!push("no batch at all"));
  CAF_CHECK(view()->targets.empty());
}

CAF_TEST(a full disk refuses a batch and takes it later) {
  push(batch(1, 1, {10}));
  std::vector<float> many(2000);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i] = static_cast<float>(i * 7919 % 1000);
  }
  {
    const test::full_disk full{1};
    const auto answer = push(batch(1, 2, many));
    CAF_REQUIRE(!answer);
    CAF_CHECK(sys.render(answer.error()).find("cannot be kept") != std::string::npos);
  }
  CAF_CHECK_EQUAL(counts().refused_batches, 1U);
  CAF_CHECK_EQUAL(view()->targets.size(), 1U);
  const auto answer = push(batch(1, 2, many));
  CAF_REQUIRE(answer);
  CAF_CHECK(!answer->duplicate);
  CAF_CHECK_EQUAL(counts().results, 2001U);
}

CAF_TEST(an agent whose clock is an hour off is heard) {
  auto bytes = batch(1, 1, {10});
  stamp_batch(bytes, 0);
  const auto answer = push(bytes);
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 1);
  CAF_CHECK_EQUAL(reaper.state_of<journal_state>(subject).counts.skewed_agents, 1U);
}

// -- readers --------------------------------------------------------------------------------------

CAF_TEST(a reader gets what comes in order and goes on there after a restart) {
  push(batch(1, 1, {9})); // before there was a reader
  set_reader(1 << 20);
  push(batch(1, 2, {10, 20}));
  reaper.ask<push_response>(subject,
                            push_request{{{"10.1.1.9", "ping_target_success", "10.0.0.1", "a", "b",
                                           "icmp", to_unix_seconds(wall_clock::now()), 1}}});
  const auto start = reaper.ask<reader_start>(subject, reader_begin{"r"});
  CAF_REQUIRE(start);
  CAF_CHECK_EQUAL(start->place.done, 1U);
  CAF_CHECK_EQUAL(start->last_id, 3U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 1});
  CAF_REQUIRE(page);
  CAF_REQUIRE_EQUAL(page->records.size(), 2U);
  CAF_CHECK_EQUAL(page->records[0].id, 2U);
  CAF_CHECK((page->records[0].kind == record_kind::batch));
  CAF_CHECK((page->records[1].kind == record_kind::values));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 7U);
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {2, 0, 0}, 5, 0, 1}));
  CAF_CHECK_EQUAL(counts().readers[0].pending, 1U);
  restart();
  set_reader(1 << 20);
  CAF_CHECK_EQUAL(counts().readers[0].sent, 5U);
  CAF_CHECK_EQUAL(counts().readers[0].dropped, 1U);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 1U);
  const auto rest = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(rest);
  CAF_CHECK_EQUAL(rest->records.at(0).id, 3U);
}

CAF_TEST(a record that a reader needs outlives its results) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  caf::anon_send(subject, set_result_ttl{});
  std::this_thread::sleep_for(2ms);
  reaper.pass(11s);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.size(), 1U);
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {1, 0, 0}, 3, 0, 0}));
  std::this_thread::sleep_for(2ms);
  reaper.pass(11s);
  CAF_CHECK(reaper.state_of<journal_state>(subject).file->records().empty());
}

CAF_TEST(a record that a reader needs outlives a start that knows no readers yet) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  push(batch(1, 2, {10}));
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {1, 0, 0}, 3, 0, 0, 1}));
  std::this_thread::sleep_for(2ms);
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  reaper.settle();
  subject = open(folder.path(), caf::timespan{0});
  reaper.pass(11s);
  CAF_CHECK_EQUAL(reaper.state_of<journal_state>(subject).file->records().size(), 1U);
  set_reader(1 << 20);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 3U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.at(0).id, 2U);
}

CAF_TEST(progress that is told twice counts once) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  const reader_progress progress{"r", {1, 0, 0}, 3, 0, 0, 1};
  CAF_CHECK(reaper.ask<done_atom>(subject, progress));
  CAF_CHECK(reaper.ask<done_atom>(subject, progress));
  CAF_CHECK_EQUAL(counts().readers[0].sent, 3U);
  CAF_MESSAGE("a reader that begins again numbers from the beginning");
  CAF_CHECK(reaper.ask<reader_start>(subject, reader_begin{"r"}));
  CAF_CHECK(reaper.ask<done_atom>(subject, progress));
  CAF_CHECK_EQUAL(counts().readers[0].sent, 6U);
}

CAF_TEST(a reader that has lost what it read begins with the oldest record) {
  set_reader(1 << 20);
  push(batch(1, 1, {10, 20}));
  push(batch(1, 2, {10}));
  CAF_CHECK(reaper.ask<done_atom>(subject, reader_progress{"r", {2, 0, 0}, 9, 0, 0, 1}));
  const auto start = reaper.ask<reader_start>(subject, reader_begin{"r", true});
  CAF_REQUIRE(start);
  CAF_CHECK_EQUAL(start->place.done, 0U);
  CAF_CHECK_EQUAL(counts().readers[0].pending, 9U);
  CAF_CHECK_EQUAL(counts().readers[0].sent, 9U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.size(), 2U);
}

CAF_TEST(readers get what the store takes and nothing else) {
  set_reader(1 << 20);
  const auto now = to_unix_seconds(wall_clock::now());
  reaper.ask<push_response>(
      subject,
      push_request{{{"10.1.1.9", "node_load1", "10.0.0.1", "a", "b", "icmp", now, 1},
                    {"10.1.1.9", "ping_target_success", "10.0.0.1", "a", "b", "icmp", now, 1},
                    {"10.1.1.9", "ping_target_success", "", "a", "b", "icmp", now, 1}}});
  CAF_CHECK_EQUAL(counts().readers[0].pending, 1U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  std::vector<wire_value> values_read;
  CAF_CHECK_EQUAL(decode_values(*page->records.at(0).bytes, values_read), "");
  CAF_REQUIRE_EQUAL(values_read.size(), 1U);
  CAF_CHECK_EQUAL(values_read[0].metric_name, "ping_target_success");
}

CAF_TEST(a reader that asks too early is answered when something comes) {
  set_reader(1 << 20);
  CAF_CHECK(!reaper.ask<journal_page>(subject, read_request{"r", 0}));
  CAF_CHECK_EQUAL(reaper.state_of<journal_state>(subject).hungry.size(), 1U);
  push(batch(1, 1, {10}));
  CAF_CHECK(reaper.state_of<journal_state>(subject).hungry.empty());
  CAF_CHECK(!reaper.ask<journal_page>(subject, read_request{"nobody", 0}));
}

CAF_TEST(above a limit the oldest values are dropped for the reader alone) {
  set_reader(300);
  for (std::uint64_t i = 1; i <= 20; ++i) {
    push(batch(1, i, {static_cast<float>(i)}));
  }
  const auto& line = counts().readers[0];
  CAF_CHECK(line.dropped > 0);
  CAF_CHECK_EQUAL(line.dropped + line.pending, 60U);
  CAF_CHECK(line.pending_bytes <= 300);
  CAF_CHECK_EQUAL(view()->targets.size(), 1U);
}

CAF_TEST(readers that are prepared change nothing until they are committed) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"other", 1 << 20}}}));
  push(batch(1, 2, {20}));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
  CAF_CHECK_EQUAL(counts().readers[0].pending, 6U);
  CAF_CHECK(!reaper.ask<reader_start>(subject, reader_begin{"other"}));
  CAF_MESSAGE("a new reader begins where it was prepared");
  CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "other");
  CAF_CHECK_EQUAL(counts().readers[0].pending, 3U);
  CAF_CHECK(!reaper.ask<reader_start>(subject, reader_begin{"r"}));
}

CAF_TEST(readers that are abandoned were never there) {
  set_reader(1 << 20);
  CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"other", 1 << 20}}}));
  caf::anon_send(subject, abandon_atom_v);
  CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
  restart();
  push(batch(1, 1, {10}));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
}

CAF_TEST(a full disk refuses new readers and leaves those that there are) {
  set_reader(1 << 20);
  push(batch(1, 1, {10}));
  {
    const test::full_disk full{1};
    const auto refused = reaper.ask<done_atom>(
        subject, prepare_atom_v, journal_readers{{{"other", 1 << 20}, {"third", 1 << 20}}});
    CAF_REQUIRE(!refused);
    CAF_MESSAGE("no room is needed to let go of one, nor for another limit");
    CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"r", 1 << 21}}}));
    CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  }
  push(batch(1, 2, {20}));
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK_EQUAL(counts().readers[0].name, "r");
  CAF_CHECK_EQUAL(counts().readers[0].pending, 6U);
}

CAF_TEST(without a directory it works in memory) {
  subject = open("");
  const auto answer = push(batch(1, 1, {10}));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 1);
  CAF_CHECK(push(batch(1, 1, {10}))->duplicate);
  CAF_CHECK(!counts().on_disk);
}

CAF_TEST(a kind that is in no table is taken and shown after a restart) {
  batch_encoder encoder{{"cn-south", "10.1.1.1"}};
  const auto add = [&](target_index index, std::string address, probe_outcome outcome) {
    outcome.started = wall_clock::now();
    encoder.add(
        *samples::result(samples::target_of(index, std::move(address), samples::toy()), outcome));
  };
  add(0, "a:1", samples::toy_success(2, 4, 7));
  add(1, "b:1", samples::toy_failure(3));
  const auto answer = push(encoder.finish({}, 1, 0));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 2);
  const auto check = [this] {
    const auto seen = view();
    CAF_REQUIRE_EQUAL(seen->kinds.size(), 1U);
    CAF_CHECK(*seen->kinds[0].kind == samples::toy());
    CAF_CHECK_EQUAL(seen->kinds[0].groups.size(), 2U);
    CAF_CHECK_EQUAL(seen->targets.size(), 2U);
  };
  check();
  restart();
  check();
}

CAF_TEST(hostile descriptions cost their own rows) {
  batch_encoder encoder{{"cn-south", "10.1.1.1"}};
  auto quoted = samples::toy();
  quoted.name = "quoted";
  quoted.columns[1].key = "a\"b";
  auto forged = kinds::http();
  forged.columns.pop_back();
  auto nan = samples::toy_success(std::nanf(""), 4, 7);
  auto good = samples::toy_success(2, 4, 7);
  good.started = nan.started = wall_clock::now();
  encoder.add(*samples::result(samples::target_of(0, "a:1", quoted), good));
  encoder.add(*samples::result(samples::target_of(1, "b:1", samples::toy()), nan));
  encoder.add(*samples::result(samples::target_of(2, "c:1", samples::toy()), good));
  encoder.add(*samples::result(samples::target_of(3, "d:1", prober_name{"module", &forged}),
                               samples::failure(probe_error::refused)));
  const auto answer = push(encoder.finish({}, 1, 0));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 2); // the last can be read; the store says what it is
  CAF_CHECK_EQUAL(answer->rejected, 2);
  CAF_REQUIRE_EQUAL(answer->errors.size(), 2U);
  CAF_CHECK(answer->errors[0].find("its kind cannot be used") != std::string::npos);
  CAF_CHECK(answer->errors[1].find("not a finite number") != std::string::npos);
  const auto seen = view();
  CAF_REQUIRE_EQUAL(seen->targets.size(), 1U);
  CAF_CHECK_EQUAL(seen->targets[0].target.address, "c:1");
}

CAF_TEST(a batch of a thousand kinds is acknowledged and none of it stored) {
  std::vector<probe_kind> kinds(1000, samples::toy());
  batch_encoder encoder{{"cn-south", "10.1.1.1"}};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    kinds[i].name += std::to_string(i);
    encoder.add(*samples::result(
        samples::target_of(static_cast<target_index>(i), "a:" + std::to_string(i), kinds[i]),
        samples::toy_success(2, 4, 7)));
  }
  const auto answer = push(encoder.finish({}, 1, 0));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 0);
  CAF_CHECK_EQUAL(answer->rejected, 1000);
  CAF_CHECK(view()->targets.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_suite
