#define CAF_SUITE pusher

#include "xprober/actors/agent/pusher.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/agent/spool.hpp"
#include "xprober/actors/stats.hpp"

#include "support/fake_server.hpp"
#include "support/old_names.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace pusher_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

/// Between the real results actor, a real spool in memory and a fake server.
struct pusher_fixture : xprober_fixture {
  fake_server server;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  rpc_client_actor client = reaper.keep(server.spawn(sys));
  results_actor store = reaper.keep(sys.spawn(results, counters, std::uint64_t{100'000}, nullptr));
  spool_actor keeper = spawn_spool();
  pusher_actor subject = spawn_pusher(server_abilities{0});
  target_ref target = begin(0, "10.0.0.1");

  target_ref begin(target_index index, std::string address) {
    const auto ref = samples::target(index, std::move(address));
    caf::anon_send(store, target_begun{ref});
    reaper.settle();
    return ref;
  }

  spool_actor spawn_spool() {
    return reaper.keep(
        sys.spawn(spool, storage::spool_options{"", 1U << 30U, 1'000'000, {"cn-south", "10.1.1.1"}},
                  store, counters));
  }

  /// `said`: what the server has said of itself, if anything.
  pusher_actor spawn_pusher(std::optional<server_abilities> said) {
    auto handle =
        reaper.keep(sys.spawn(pusher, store, keeper, client, counters, caf::timespan{5s}));
    if (said) {
      caf::anon_send(handle, *said);
      reaper.settle();
    }
    return handle;
  }

  /// The server says that it takes batches.
  void use_batches() {
    caf::anon_send(subject, server_abilities{batch_version});
    reaper.settle();
  }

  std::vector<int> batch_latencies() const {
    std::vector<int> all;
    for (const auto& bytes : server.batches) {
      batch_header header;
      std::string body;
      CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
      CAF_REQUIRE_EQUAL(read_batch_body(bytes, body), "");
      batch_parser rows{body, header.rows};
      batch_row row;
      while (rows.next(row) == batch_parser::step::row) {
        all.push_back(static_cast<int>(row.values.number(kinds::icmp_column::latency).value()));
      }
    }
    return all;
  }

  /// `count` results, told apart by their latency: `first`, `first` + 1, ...
  void add(std::size_t count, int first = 0) {
    for (std::size_t i = 0; i < count; ++i) {
      auto outcome = samples::success();
      outcome.values.set(kinds::icmp_column::latency,
                         static_cast<float>(first) + static_cast<float>(i));
      caf::anon_send(store, result_round{{samples::result(target, std::move(outcome))}});
    }
    reaper.settle();
  }

  /// A result of each fault of the prober's own; how many.
  std::uint64_t add_local() {
    std::uint64_t added = 0;
    for (int i = 0; i <= static_cast<int>(probe_error::deadline); ++i) {
      if (const auto error = static_cast<probe_error>(i); is_local(error)) {
        // Also one that has seen something of its target before.
        auto outcome = samples::success();
        outcome.success = false;
        outcome.error = error;
        caf::anon_send(store, result_round{{samples::result(target, samples::failure(error))}});
        caf::anon_send(store, result_round{{samples::result(target, outcome)}});
        added += 2;
      }
    }
    reaper.settle();
    return added;
  }

  static std::vector<int> latencies(const push_request& push) {
    std::vector<int> all;
    for (const auto& value : push.values) {
      if (value.metric_name == old_names::ping_latency) {
        all.push_back(static_cast<int>(value.value));
      }
    }
    return all;
  }

  std::vector<int> latencies() const {
    std::vector<int> all;
    for (const auto& push : server.pushes) {
      const auto some = latencies(push);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }

  caf::expected<flush_report> flush() { return reaper.ask<flush_report>(subject, flush_atom_v); }

  push_stats& counts() { return reaper.state_of<stats_state>(counters).push; }
};

using numbers = std::vector<int>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(pusher_tests, pusher_fixture)

CAF_TEST(a batch is pushed in every interval) {
  add(2);
  reaper.pass(4999ms);
  CAF_CHECK(server.pushes.empty());
  reaper.pass(1ms);
  CAF_CHECK((latencies() == numbers{0, 1}));
  add(1, 2);
  reaper.pass(5s);
  CAF_CHECK((latencies() == numbers{0, 1, 2}));
  CAF_CHECK_EQUAL(server.pushes.size(), 2U);
  reaper.pass(20s);
  CAF_CHECK_EQUAL(server.pushes.size(), 2U);
  CAF_CHECK_EQUAL(counts().batches_ok, 2U);
  CAF_CHECK_EQUAL(counts().results_acked, 3U);
  CAF_CHECK_EQUAL(counts().pending, 0U);
  CAF_CHECK(counts().last_ok_unix > 0);
}

CAF_TEST(values have the form of the wire) {
  add(1, 42);
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.pushes.size(), 1U);
  const auto& values = server.pushes[0].values;
  CAF_REQUIRE_EQUAL(values.size(), 3U);
  for (const auto& value : values) {
    CAF_CHECK_EQUAL(value.worker_name, "10.1.1.1");
    CAF_CHECK_EQUAL(value.source_region, "cn-south");
    CAF_CHECK_EQUAL(value.target_region, "cn-north");
    CAF_CHECK_EQUAL(value.target_addr, "10.0.0.1");
    CAF_CHECK_EQUAL(value.probe_type, "icmp");
  }
  CAF_CHECK_EQUAL(values[0].metric_name, old_names::ping_success);
  CAF_CHECK_EQUAL(values[0].value, 1.0F);
  CAF_CHECK((latencies() == numbers{42}));
}

CAF_TEST(a batch is kept when its push fails and goes first) {
  server.reachable = false;
  add(2);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().batches_failed, 1U);
  CAF_CHECK_EQUAL(counts().batches_ok, 0U);
  CAF_CHECK_EQUAL(counts().pending, 2U);
  CAF_CHECK(!counts().last_error.empty());
  add(2, 2);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().batches_failed, 2U);
  CAF_CHECK_EQUAL(counts().pending, 4U);
  CAF_REQUIRE_EQUAL(server.pushes.size(), 2U);
  CAF_CHECK((server.pushes[0] == server.pushes[1]));

  server.reachable = true;
  server.pushes.clear();
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.pushes.size(), 2U);
  CAF_CHECK((latencies(server.pushes[0]) == numbers{0, 1}));
  CAF_CHECK((latencies(server.pushes[1]) == numbers{2, 3}));
  CAF_CHECK_EQUAL(counts().results_acked, 4U);
  CAF_CHECK_EQUAL(counts().pending, 0U);
  CAF_CHECK_EQUAL(counts().last_error, "");
}

CAF_TEST(a batch is let go only when it is acknowledged) {
  server.hold = true;
  add(2);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.pushes.size(), 1U);
  CAF_CHECK_EQUAL(reaper.state_of<spool_state>(keeper).files->size().results, 2U);
  CAF_CHECK_EQUAL(counts().results_acked, 0U);
  reaper.deliver(client, server.held_pushes.at(0), push_response{6});
  CAF_CHECK_EQUAL(reaper.state_of<spool_state>(keeper).files->size().results, 0U);
  CAF_CHECK_EQUAL(counts().results_acked, 2U);
}

CAF_TEST(there is one push at a time) {
  server.hold = true;
  add(2);
  reaper.pass(20s);
  CAF_CHECK_EQUAL(server.pushes.size(), 1U);
}

CAF_TEST(a push without an answer is given up and repeated) {
  server.hold = true;
  add(2);
  reaper.pass(41s);
  CAF_CHECK_EQUAL(counts().batches_failed, 1U);
  CAF_REQUIRE_EQUAL(server.pushes.size(), 2U);
  CAF_CHECK((server.pushes[0] == server.pushes[1]));
}

CAF_TEST(when much is pending batches follow one another) {
  add(21'000);
  reaper.pass(5s);
  std::vector<std::size_t> sizes;
  for (const auto& push : server.pushes) {
    sizes.push_back(latencies(push).size());
  }
  CAF_CHECK((sizes == std::vector<std::size_t>{10'000, 10'000, 1'000}));
  const auto all = latencies();
  CAF_CHECK(std::is_sorted(all.begin(), all.end()));
  CAF_CHECK_EQUAL(counts().results_acked, 21'000U);
  CAF_CHECK_EQUAL(counts().batches_ok, 3U);
  CAF_CHECK_EQUAL(counts().pending, 0U);
}

CAF_TEST(a failure among many batches waits for the next interval) {
  add(11'000);
  server.hold = true;
  reaper.pass(5s);
  reaper.deliver(client, server.held_pushes.at(0), push_response{30'000});
  reaper.deliver(client, server.held_pushes.at(1), fake_server::unreachable());
  server.hold = false;
  CAF_CHECK_EQUAL(server.pushes.size(), 2U);
  CAF_CHECK_EQUAL(counts().pending, 1'000U);
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.pushes.size(), 3U);
  CAF_CHECK((server.pushes[1] == server.pushes[2]));
  CAF_CHECK_EQUAL(counts().results_acked, 11'000U);
}

CAF_TEST(what results dropped and forgot is carried to stats) {
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  store = reaper.keep(sys.spawn(results, counters, std::uint64_t{10}, nullptr));
  keeper = spawn_spool();
  subject = spawn_pusher(server_abilities{0});
  target = begin(0, "10.0.0.1");
  add(3);
  target = begin(0, "10.0.0.2");
  add(9);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().results_dropped, 2U);
  CAF_CHECK_EQUAL(counts().results_forgotten, 1U);
  CAF_CHECK_EQUAL(counts().results_acked, 9U);
}

CAF_TEST(results without a value for the server are let go without one) {
  const auto added = add_local();
  CAF_CHECK_EQUAL(added, 12U); // two of each
  reaper.pass(5s);
  CAF_CHECK(server.pushes.empty());
  CAF_CHECK_EQUAL(counts().pending, 0U);
  CAF_CHECK_EQUAL(counts().results_acked, added);
  CAF_CHECK_EQUAL(counts().batches_ok, 0U);
  CAF_CHECK_EQUAL(counts().last_ok_unix, 0);
}

CAF_TEST(a server that takes only some values is not asked to take them again) {
  server.hold = true;
  add(2);
  reaper.pass(5s);
  reaper.deliver(client, server.held_pushes.at(0), push_response{1});
  reaper.pass(10s);
  CAF_CHECK_EQUAL(server.pushes.size(), 1U);
  CAF_CHECK_EQUAL(counts().results_acked, 2U);
}

CAF_TEST(the interval can be changed) {
  server.reachable = false;
  add(1);
  reaper.pass(2500ms);
  caf::anon_send(subject, set_push_interval{1s});
  reaper.pass(999ms);
  CAF_CHECK(server.pushes.empty());
  reaper.pass(4001ms);
  CAF_CHECK_EQUAL(server.pushes.size(), 5U);
}

CAF_TEST(a flush pushes all that is pending) {
  add(11'000);
  const auto report = flush();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 11'000U);
  CAF_CHECK_EQUAL(report->pending, 0U);
  CAF_CHECK_EQUAL(server.pushes.size(), 2U);
}

CAF_TEST(a flush reports what it pushed itself) {
  add(3);
  CAF_CHECK(flush());
  add(2);
  reaper.pass(5s);
  add(1);
  const auto report = flush();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 1U);
}

CAF_TEST(a flush of nothing is answered) {
  const auto report = flush();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 0U);
  CAF_CHECK_EQUAL(report->pending, 0U);
}

CAF_TEST(a flush ends when the server does not take it) {
  server.reachable = false;
  add(3);
  const auto report = flush();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 0U);
  CAF_CHECK_EQUAL(report->pending, 3U);
  CAF_CHECK_EQUAL(server.pushes.size(), 1U);
}

CAF_TEST(a flush waits for the push under way and goes on after it) {
  server.hold = true;
  add(2);
  reaper.pass(5s);
  add(1, 2);
  auto first = self->request(subject, caf::infinite, flush_atom_v);
  auto second = self->request(subject, caf::infinite, flush_atom_v);
  reaper.settle();
  CAF_CHECK(self->peek_at_next_mailbox_element() == nullptr);
  server.hold = false;
  reaper.deliver(client, server.held_pushes.at(0), push_response{6});
  CAF_CHECK((latencies() == numbers{0, 1, 2}));
  CAF_REQUIRE(self->peek_at_next_mailbox_element() != nullptr);
  const auto check = [](flush_report& report) {
    CAF_CHECK_EQUAL(report.pushed, 3U);
    CAF_CHECK_EQUAL(report.pending, 0U);
  };
  const auto fail = [](caf::error&) { CAF_FAIL("the flush failed"); };
  first.receive(check, fail);
  second.receive(check, fail);
}

CAF_TEST(a flush sees what came after the batch under way was asked for) {
  const auto run_pusher = [this] {
    while (sched.prioritize(subject)) {
      sched.run_once();
    }
  };
  sched.advance_time(5s);
  run_pusher();
  CAF_MESSAGE("results is asked for a batch; a result and a flush come before it can answer");
  caf::anon_send(store, result_round{{samples::result(target)}});
  auto flushing = self->request(subject, caf::infinite, flush_atom_v);
  run_pusher();
  CAF_REQUIRE(server.pushes.empty());
  reaper.settle();
  CAF_CHECK_EQUAL(server.pushes.size(), 1U);
  flushing.receive([](flush_report& report) { CAF_CHECK_EQUAL(report.pushed, 1U); },
                   [](caf::error&) { CAF_FAIL("the flush failed"); });
}

CAF_TEST(nothing is pushed before a server has said what it takes) {
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  subject = spawn_pusher(std::nullopt);
  add(2);
  reaper.pass(20s);
  CAF_CHECK(server.pushes.empty() && server.batches.empty());
  CAF_CHECK_EQUAL(reaper.state_of<spool_state>(keeper).files->size().results, 2U);
  const auto report = flush();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pending, 2U);
  CAF_MESSAGE("once it has it goes at once");
  use_batches();
  CAF_CHECK((batch_latencies() == numbers{0, 1}));
  CAF_CHECK_EQUAL(counts().results_acked, 2U);
}

CAF_TEST(a server with batches gets batches in order) {
  use_batches();
  add(3);
  reaper.pass(5s);
  add(2, 3);
  reaper.pass(5s);
  CAF_CHECK(server.pushes.empty());
  CAF_CHECK((batch_latencies() == numbers{0, 1, 2, 3, 4}));
  CAF_CHECK_EQUAL(counts().batches_ok, 2U);
  CAF_CHECK_EQUAL(counts().results_acked, 5U);
  CAF_CHECK_EQUAL(counts().spool_batches, 0U);
}

CAF_TEST(what the spool holds from before the start is told before anything is pushed) {
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  subject = spawn_pusher(std::nullopt);
  add(2);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().spool_batches, 1U);
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  counts() = {};
  // As after a start with a spool on disk and a server that is silent.
  subject = spawn_pusher(std::nullopt);
  reaper.settle();
  CAF_CHECK_EQUAL(counts().spool_batches, 1U);
  CAF_CHECK(counts().spool_bytes > 0);
}

CAF_TEST(results go into the spool while a push hangs) {
  use_batches();
  server.hold = true;
  add(1);
  reaper.pass(5s);
  add(1, 1);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.batches.size(), 1U);
  const auto& files = *reaper.state_of<spool_state>(keeper).files;
  CAF_CHECK_EQUAL(files.size().batches, 2U);
  CAF_CHECK_EQUAL(counts().spool_batches, 2U);
  CAF_CHECK_EQUAL(reaper.state_of<results_state>(store).pending.size(), 0U);
  server.hold = false;
  reaper.deliver(client, server.held_batches.at(0), push_batch_response{"", 1, 1, 0, false, {}});
  CAF_CHECK((batch_latencies() == numbers{0, 1}));
  CAF_CHECK_EQUAL(files.size().batches, 0U);
}

CAF_TEST(what the server says of the clock holds until it says otherwise) {
  use_batches();
  server.hold = true;
  const auto answered = [&](std::size_t number, bool duplicate, std::int64_t ahead_ms) {
    add(1);
    reaper.pass(5s);
    CAF_REQUIRE_EQUAL(server.held_batches.size(), number + 1);
    const auto sequence = static_cast<std::int64_t>(number + 1);
    reaper.deliver(client, server.held_batches.at(number),
                   push_batch_response{"", sequence, 1, 0, duplicate, {}, ahead_ms});
    reaper.pass(0s);
    return counts().clock_ahead_ms;
  };
  CAF_CHECK_EQUAL(answered(0, false, 600'000), 600'000);
  CAF_CHECK_EQUAL(answered(1, true, 0), 600'000); // one that comes again says nothing of it
  CAF_CHECK_EQUAL(answered(2, false, 0), 0);
}

CAF_TEST(the same batch goes again until it is acknowledged) {
  use_batches();
  server.reachable = false;
  add(2);
  reaper.pass(11s);
  add(1, 2);
  server.reachable = true;
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.batches.size(), 4U);
  batch_header first;
  batch_header again;
  read_batch_header(server.batches[0], first);
  read_batch_header(server.batches[2], again);
  CAF_CHECK_EQUAL(first.sequence, 1U);
  CAF_CHECK_EQUAL(again.sequence, 1U);
  CAF_CHECK((first.instance == again.instance));
  CAF_CHECK_EQUAL(counts().results_acked, 3U);
  CAF_CHECK_EQUAL(counts().batches_failed, 2U);
}

CAF_TEST(a server of the list that knows no batches gets values) {
  use_batches();
  server.knows_batches = false;
  add(2);
  reaper.pass(5s);
  CAF_CHECK((latencies() == numbers{0, 1}));
  CAF_CHECK_EQUAL(counts().results_acked, 2U);
  CAF_CHECK_EQUAL(counts().batches_failed, 0U);
}

CAF_TEST(rejected rows are acknowledged and counted) {
  use_batches();
  server.rejects = 1;
  add(3);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().results_acked, 3U);
  CAF_CHECK_EQUAL(counts().results_rejected, 1U);
  reaper.pass(10s);
  CAF_CHECK_EQUAL(server.batches.size(), 1U);
}

CAF_TEST(nothing goes to another server before it has said what it takes) {
  use_batches();
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  add(2);
  reaper.pass(20s);
  CAF_CHECK(server.batches.empty() && server.pushes.empty());
  const auto report = flush();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pending, 2U);
  caf::anon_send(subject, server_abilities{0});
  reaper.settle();
  CAF_CHECK((latencies() == numbers{0, 1}));
}

CAF_TEST(a push that is under way when the server changes is acknowledged and no other follows) {
  use_batches();
  server.hold = true;
  add(1);
  reaper.pass(5s);
  add(1, 1);
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.batches.size(), 1U);
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  server.hold = false;
  reaper.deliver(client, server.held_batches.at(0), push_batch_response{"", 1, 1, 0, false, {}});
  CAF_CHECK_EQUAL(counts().results_acked, 1U);
  reaper.pass(10s);
  CAF_CHECK_EQUAL(server.batches.size(), 1U);
  use_batches();
  CAF_CHECK((batch_latencies() == numbers{0, 1}));
  CAF_CHECK_EQUAL(counts().results_acked, 2U);
}

CAF_TEST(a batch that the old server has not acknowledged goes to the new one) {
  use_batches();
  server.hold = true;
  add(2);
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.batches.size(), 1U);
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  server.hold = false;
  reaper.deliver(client, server.held_batches.at(0), fake_server::unreachable());
  use_batches();
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.batches.size(), 2U);
  CAF_CHECK((batch_latencies() == numbers{0, 1, 0, 1}));
  CAF_CHECK_EQUAL(counts().results_acked, 2U);
}

CAF_TEST(what the old server does not know says nothing of the new one) {
  use_batches();
  server.hold = true;
  add(1);
  reaper.pass(5s);
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  server.hold = false;
  reaper.deliver(
      client, server.held_batches.at(0),
      caf::make_error(caf::sec::runtime_error, "rpc: can't find method Server.PushBatch"));
  reaper.pass(10s);
  CAF_CHECK(server.pushes.empty());
  use_batches();
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().results_acked, 1U);
  CAF_CHECK(server.pushes.empty());
}

CAF_TEST(a flush ends when the push under way does though the server was changed) {
  use_batches();
  server.hold = true;
  add(1);
  reaper.pass(5s);
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  auto waiting = self->request(subject, caf::infinite, flush_atom_v);
  reaper.pass(0s);
  reaper.deliver(client, server.held_batches.at(0), push_batch_response{"", 1, 1, 0, false, {}});
  CAF_REQUIRE(self->peek_at_next_mailbox_element() != nullptr);
  waiting.receive([](const flush_report& report) { CAF_CHECK_EQUAL(report.pushed, 1U); },
                  [](const caf::error&) { CAF_FAIL("no report"); });
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace pusher_suite
