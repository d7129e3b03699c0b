#define CAF_SUITE journal

#include "xprober/actors/server/journal.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "actors/server/journal_fixture.hpp"
#include "storage/damaged_file.hpp"
#include "support/old_names.hpp"
#include "support/toy_kinds.hpp"

namespace journal_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

double latency_of(const stored_target& target) {
  return static_cast<double>(target.values.number(kinds::icmp_column::latency).value());
}

struct fixture : journal_fixture {
  /// Why batches are refused.
  std::string problem() {
    const auto answer = reaper.ask<std::string>(subject, get_problem_atom_v);
    return answer ? *answer : "no answer";
  }

  storage::journal& file() { return reaper.state_of<journal_state>(subject).disk->get()->file; }

  /// Damages what lies in pages of its own, without an entry of a table: the rest of long batches.
  void damage_long_batches() {
    const auto most = std::numeric_limits<std::size_t>::max();
    const auto file_name = folder.file("journal.db");
    CAF_REQUIRE(test::damage_pages(file_name, test::page_kind::overflow, most) > 0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_tests, fixture)

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
  CAF_CHECK(icmp.mean(icmp.groups.at(0), column_role::duration) == 15.0);
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
  reaper.state_of<journal_state>(subject).least_kept = {};
  caf::anon_send(subject, set_result_ttl{});
  // The journal's age is by the wall clock, its timer by the virtual one.
  std::this_thread::sleep_for(2ms);
  reaper.pass(server_clock::probation + 11s);
  restart();
  CAF_CHECK_EQUAL(counts().replayed_batches, 0U);
  const auto again = push(batch(1, 1, {10}));
  CAF_REQUIRE(again);
  CAF_CHECK(again->duplicate);
}

CAF_TEST(what the states on disk may not have yet is kept however short the store keeps it) {
  push(batch(1, 1, {10}));
  caf::anon_send(subject, set_result_ttl{});
  std::this_thread::sleep_for(2ms);
  reaper.pass(server_clock::probation + 11s);
  restart();
  CAF_CHECK_EQUAL(counts().replayed_batches, 1U);
}

CAF_TEST(nothing is dropped by a clock that is not proven yet) {
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  reaper.settle();
  {
    storage::journal file{folder.path()};
    batch_header header;
    header.sequence = 1;
    const auto long_ago = wall_clock::now() - 24h * 91;
    file.add(header, {}, {}, long_ago);
    file.add(record_kind::values, "x", long_ago, 1);
  }
  subject = open(folder.path());
  const auto agents = [this] { return file().totals().agents; };
  reaper.pass(server_clock::probation - 1s);
  CAF_CHECK_EQUAL(agents(), 1U);
  CAF_CHECK_EQUAL(file().records().size(), 1U);
  reaper.pass(6s);
  CAF_CHECK_EQUAL(agents(), 0U);
  CAF_CHECK_EQUAL(file().records().size(), 0U);
}

CAF_TEST(a clock that was years ahead at the start forgets no agent) {
  push(batch(1, 1, {10}));
  auto& clocks = reaper.state_of<journal_state>(subject).clocks;
  clocks = {};
  clocks.read(reaper.now(), wall_clock::now() + 24h * 1000, since_boot()); // put right just now
  reaper.pass(1h + 10min);
  CAF_CHECK_EQUAL(file().totals().agents, 1U);
  CAF_CHECK(push(batch(1, 1, {10}))->duplicate);
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

CAF_TEST(a directory that cannot be used refuses everything and is used as soon as it can) {
  const auto directory = folder.file("state");
  std::ofstream{directory} << "no directory";
  subject = open(directory);
  CAF_CHECK(!push(batch(1, 1, {10})));
  CAF_CHECK(!problem().empty());
  CAF_CHECK_EQUAL(counts().refused_batches, 1U);
  CAF_CHECK_EQUAL(counts().problem, problem());
  CAF_CHECK(view()->targets.empty());
  CAF_CHECK(reaper.ask<done_atom>(subject, await_replay_atom_v));
  set_reader(1U << 20U);
  const auto asked = reaper.ask<reader_start>(subject, reader_begin{"r", false});
  CAF_CHECK(!asked);
  reaper.pass(3s);
  CAF_CHECK(!problem().empty());
  std::filesystem::remove(directory);
  reaper.pass(2s);
  CAF_CHECK_EQUAL(problem(), "");
  CAF_CHECK(!push(batch(1, 1, {10}))->duplicate);
  CAF_CHECK(reaper.ask<reader_start>(subject, reader_begin{"r", false}));
  CAF_CHECK_EQUAL(counts().readers.size(), 1U);
}

CAF_TEST(a full disk is told until something was written) {
  {
    const test::full_disk full{1};
    subject = open(folder.file("full"));
    CAF_CHECK(!push(batch(1, 1, {10})));
    reaper.pass(30s);
    CAF_CHECK(!problem().empty());
  }
  reaper.pass(2s);
  CAF_CHECK_EQUAL(problem(), "");
  CAF_CHECK(push(batch(1, 1, {10})));
  {
    const test::full_disk full{1};
    CAF_CHECK(!push(batch(1, 2, {10})));
    CAF_CHECK(!problem().empty());
  }
  reaper.pass(2s);
  CAF_CHECK(!problem().empty());
  CAF_MESSAGE("without batches it is believed after a while, with one at once");
  reaper.pass(10s);
  CAF_CHECK_EQUAL(problem(), "");
}

CAF_TEST(a journal that is damaged gives way to a new one at the start) {
  std::vector<float> many(5000);
  std::minstd_rand random{1}; // what cannot be compressed takes more than a page
  for (auto& value : many) {
    value = static_cast<float>(random() % 60'000);
  }
  set_reader(1U << 30U);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    CAF_CHECK(push(batch(1, i, many)));
  }
  const auto before = reaper.state_of<journal_state>(subject).disk->get()->file.name();
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  reaper.settle();
  damage_long_batches();
  subject = open(folder.path(), caf::timespan{1});
  CAF_CHECK_EQUAL(problem(), "");
  set_reader(1U << 30U);
  CAF_CHECK_EQUAL(counts().set_aside, 1U);
  CAF_CHECK(reaper.state_of<journal_state>(subject).disk->get()->file.name() != before);
  CAF_MESSAGE("what was taken over before is known still");
  CAF_CHECK(push(batch(1, 5, many))->duplicate);
  CAF_CHECK(!push(batch(1, 6, {10}))->duplicate);
  const auto start = reaper.ask<reader_start>(subject, reader_begin{"r", true});
  CAF_REQUIRE(start);
  CAF_CHECK_EQUAL(start->place.done, 0U);
  const auto page = reaper.ask<journal_page>(subject, read_request{"r", 0});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.size(), 1U);
}

CAF_TEST(a journal whose log is damaged gives way to a new one at the start) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    CAF_CHECK(push(batch(1, i, {10})));
  }
  // As a kill leaves it: what came last is in the log alone.
  const test::folder killed;
  for (const auto* part : {"journal.db", "journal.db-wal"}) {
    std::filesystem::copy_file(folder.file(part), killed.file(part));
  }
  const auto log = killed.file("journal.db-wal");
  test::overwrite(log, std::filesystem::file_size(log) / 2, "damage");
  subject = open(killed.path());
  CAF_CHECK_EQUAL(problem(), "");
  CAF_CHECK_EQUAL(counts().set_aside, 1U);
  const auto answer = push(batch(1, 21, {10}));
  CAF_REQUIRE(answer);
  CAF_CHECK(!answer->duplicate);
}

CAF_TEST(values of the old form that no file could keep are counted once there is one) {
  set_reader(1U << 30U);
  for (const auto* part : {"journal.db", "journal.db-wal"}) {
    std::filesystem::remove(folder.file(part));
  }
  CAF_CHECK(!push(batch(1, 1, {10}))); // finds that there is no file
  push_request request;
  for (const auto* target : {"10.0.0.1", "10.0.0.2"}) {
    request.values.push_back({"w", std::string{old_names::ping_success}, target, "us", "eu", "icmp",
                              to_unix_seconds(wall_clock::now()), 1});
  }
  CAF_CHECK(reaper.ask<push_response>(subject, request));
  reaper.pass(2s);
  CAF_CHECK_EQUAL(problem(), "");
  CAF_REQUIRE_EQUAL(counts().readers.size(), 1U);
  CAF_CHECK(counts().readers[0].dropped == 2U);
  CAF_CHECK(reaper.ask<push_response>(subject, request));
  CAF_CHECK(counts().readers[0].dropped == 2U);
}

CAF_TEST(a journal that was removed is begun anew) {
  set_reader(1U << 30U);
  CAF_CHECK(push(batch(1, 1, {10})));
  for (const auto* part : {"journal.db", "journal.db-wal"}) {
    std::filesystem::remove(folder.file(part));
  }
  CAF_CHECK(!push(batch(1, 2, {10})));
  reaper.pass(1s);
  CAF_CHECK(push(batch(1, 2, {10})));
  CAF_CHECK(std::filesystem::exists(folder.file("journal.db")));
  CAF_MESSAGE("a reader of the old one has to begin again");
  const auto early = reaper.ask<journal_page>(subject, read_request{"r", 1});
  CAF_CHECK(!early && early.error() == caf::sec::invalid_argument);
  CAF_CHECK(!reaper.ask<done_atom>(subject, reader_progress{"r", {1, 0, 0}, 1, 0, 0}));
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
  auto nan = samples::toy_success(std::nanf(""), 4, 7);
  auto good = samples::toy_success(2, 4, 7);
  good.started = nan.started = wall_clock::now();
  encoder.add(*samples::result(samples::target_of(0, "a:1", quoted), good));
  encoder.add(*samples::result(samples::target_of(1, "b:1", samples::toy()), nan));
  encoder.add(*samples::result(samples::target_of(2, "c:1", samples::toy()), good));
  encoder.add(*samples::result(samples::target_of(3, "d:1", samples::misnamed_type()),
                               samples::failure(probe_error::refused)));
  const auto answer = push(samples::misnamed(encoder.finish({}, 1, 0)));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 1);
  CAF_CHECK_EQUAL(answer->rejected, 3);
  CAF_REQUIRE_EQUAL(answer->errors.size(), 3U);
  CAF_CHECK(answer->errors[0].find("its kind cannot be used") != std::string::npos);
  CAF_CHECK(answer->errors[1].find("not a finite number") != std::string::npos);
  CAF_CHECK(answer->errors[2].find("target d:1: the rows of a target do not have the form") !=
            std::string::npos);
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
