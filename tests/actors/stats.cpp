#define CAF_SUITE stats

#include "xprober/actors/stats.hpp"

#include <memory>

#include "support/actor_reaper.hpp"

namespace stats_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct stats_fixture : xprober_fixture {
  actor_reaper reaper{*this};
  stats_actor subject = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1.2.3"}));

  template <class T>
  void tell(T report) {
    caf::anon_send(subject, std::move(report));
    reaper.settle();
  }

  stats_snapshot snapshot() {
    auto answer = reaper.ask<stats_snapshot>(subject, get_stats_atom_v);
    CAF_REQUIRE(answer);
    return *answer;
  }

  static std::shared_ptr<const histogram> values(std::uint64_t value, std::uint64_t times) {
    histogram h;
    h.record(value, times);
    return std::make_shared<const histogram>(h);
  }
};

bool is_near(double value, double wanted) { return value > wanted * 0.98 && value < wanted * 1.02; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(stats_tests, stats_fixture)

CAF_TEST(the snapshot tells of the process) {
  reaper.pass(90s);
  const auto all = snapshot();
  CAF_CHECK_EQUAL(all.role, "agent");
  CAF_CHECK_EQUAL(all.version, "1.2.3");
  CAF_CHECK(is_near(all.uptime_seconds, 90));
  CAF_CHECK(all.started_unix > 1'500'000'000);
  CAF_CHECK(all.rss_bytes > 1'000'000);
  CAF_CHECK(all.open_fds >= 3);
  CAF_CHECK_EQUAL(all.scheduler_policy, "testing");
  CAF_CHECK_EQUAL(all.scheduler_workers, sys.scheduler().num_workers());
}

CAF_TEST(each port tells of itself) {
  port_counters page;
  page.port = "http_addr";
  page.connections = 3;
  port_counters agents;
  agents.port = "rpc_listen_addr";
  agents.refused_messages = 2;
  tell(agents);
  tell(page);
  page.connections = 4;
  tell(page);
  CAF_CHECK((snapshot().ports == std::vector<port_counters>{page, agents}));
}

CAF_TEST(warnings are what each sender has said last) {
  tell(warnings_report{"b", {"one", "two"}});
  tell(warnings_report{"a", {"three"}});
  CAF_CHECK(snapshot().warnings == (std::vector<std::string>{"three", "one", "two"}));
  tell(warnings_report{"b", {}});
  CAF_CHECK(snapshot().warnings == std::vector<std::string>{"three"});
}

CAF_TEST(receivers of alerts are told of until they are gone) {
  notify_stats counts;
  counts.told = 3;
  tell(notify_report{"webhook:b", false, counts});
  tell(notify_report{"webhook:a", false, {}});
  const auto all = snapshot();
  CAF_REQUIRE_EQUAL(all.notify.size(), 2u);
  CAF_CHECK_EQUAL(all.notify[0].name, "webhook:a");
  CAF_CHECK_EQUAL(all.notify[1].name, "webhook:b");
  CAF_CHECK_EQUAL(all.notify[1].told, 3u);
  tell(notify_report{"webhook:a", true, {}});
  CAF_CHECK_EQUAL(snapshot().notify.size(), 1u);
}

CAF_TEST(what flows from actor to actor is summed up) {
  tell(handler_report{actor_kind::target, 5, 0, 0, nullptr, {{"ticker", "target", 5, 0}}});
  tell(handler_report{actor_kind::target,
                      7,
                      0,
                      0,
                      nullptr,
                      {{"ticker", "target", 4, 0}, {"gateway", "target", 3, 3}}});
  const auto edges = snapshot().actor_edges;
  CAF_REQUIRE_EQUAL(edges.size(), 2U);
  CAF_CHECK_EQUAL(edges[0].from, "gateway");
  CAF_CHECK_EQUAL(edges[0].questions, 3U);
  CAF_CHECK_EQUAL(edges[1].from, "ticker");
  CAF_CHECK_EQUAL(edges[1].messages, 9U);
}

CAF_TEST(what the handlers of a kind did is summed up) {
  tell(handler_report{actor_kind::target, 10, 4, 9, values(2'000, 99)});
  tell(handler_report{actor_kind::target, 5, 1, 3, values(1'000'000, 2)});
  tell(handler_report{actor_kind::pusher, 7, 0, 1, nullptr});
  const auto all = snapshot();
  CAF_REQUIRE_EQUAL(all.actors.count("target"), 1U);
  const auto& row = all.actors.at("target");
  CAF_CHECK_EQUAL(row.messages, 15U);
  CAF_CHECK_EQUAL(row.mailbox_now, 1U);
  CAF_CHECK_EQUAL(row.mailbox_max, 9U);
  CAF_CHECK_EQUAL(all.actors.at("pusher").messages, 7U);
  CAF_CHECK_EQUAL(all.actors.at("pusher").handler_us.max, 0.0);
  CAF_CHECK_EQUAL(all.actors.count("syncer"), 0U);
}

CAF_TEST(handler times are in microseconds) {
  tell(handler_report{actor_kind::target, 100, 0, 0, values(2'000, 98)});
  tell(handler_report{actor_kind::target, 100, 0, 0, values(1'000'000, 2)});
  const auto row = snapshot().actors.at("target");
  CAF_CHECK(is_near(row.handler_us.p50, 2.0));
  CAF_CHECK(is_near(row.handler_us.p99, 1000.0));
  CAF_CHECK(is_near(row.handler_us.max, 1000.0));
}

CAF_TEST(quantiles are of the last minute and counts of all time) {
  tell(handler_report{actor_kind::target, 100, 0, 0, values(1'000'000, 10)});
  reaper.pass(2min);
  tell(handler_report{actor_kind::target, 1, 0, 0, values(2'000, 10)});
  const auto row = snapshot().actors.at("target");
  CAF_CHECK_EQUAL(row.messages, 101U);
  CAF_CHECK(is_near(row.handler_us.max, 2.0));
}

CAF_TEST(running actors are those that neither stopped nor failed) {
  tell(lifecycle_report{actor_kind::target, 1000, 0, 0});
  tell(lifecycle_report{actor_kind::target, 10, 100, 3});
  tell(lifecycle_report{actor_kind::ticker, 1, 0, 0});
  const auto all = snapshot();
  const auto& row = all.actors.at("target");
  CAF_CHECK_EQUAL(row.spawned, 1010U);
  CAF_CHECK_EQUAL(row.stopped, 100U);
  CAF_CHECK_EQUAL(row.failed, 3U);
  CAF_CHECK_EQUAL(row.running, 907U);
  CAF_CHECK_EQUAL(all.actors.at("ticker").running, 1U);
}

CAF_TEST(reports of an end may overtake those of a beginning) {
  tell(lifecycle_report{actor_kind::target, 0, 5, 0});
  CAF_CHECK_EQUAL(reaper.state_of<stats_state>(subject).kinds[2].totals.running, 0U);
  tell(lifecycle_report{actor_kind::target, 8, 0, 0});
  const auto row = snapshot().actors.at("target");
  CAF_CHECK_EQUAL(row.running, 3U);
}

CAF_TEST(ticks are summed up and their lag is in milliseconds) {
  tick_report first;
  first.due = 100;
  first.late = 2;
  first.skipped_busy = 3;
  first.lag_us = values(500, 98);
  tick_report second;
  second.due = 10;
  second.skipped_behind = 4;
  second.skipped_overload = 5;
  second.lag_us = values(80'000, 2);
  tell(first);
  tell(second);
  tell(tick_report{1, 1, 1, 1, 1, 7, nullptr});
  const auto ticks = snapshot().ticks;
  CAF_CHECK_EQUAL(ticks.due, 111U);
  CAF_CHECK_EQUAL(ticks.late, 3U);
  CAF_CHECK_EQUAL(ticks.skipped_busy, 4U);
  CAF_CHECK_EQUAL(ticks.skipped_behind, 5U);
  CAF_CHECK_EQUAL(ticks.skipped_overload, 6U);
  CAF_CHECK_EQUAL(ticks.repeated, 7U);
  CAF_CHECK(is_near(ticks.lag_ms.p50, 0.5));
  CAF_CHECK(is_near(ticks.lag_ms.p99, 80));
  CAF_CHECK(is_near(ticks.lag_ms.max, 80));
}

CAF_TEST(sections are what their owners told last) {
  sync_stats sync;
  sync.revision = "r7";
  tell(sync);
  push_stats push;
  push.batches_ok = 8;
  tell(push);
  tell(backlog_stats{70, 11, 2, 1});
  target_stats targets;
  targets.count.by_kind = {{"icmp", 4}, {"toy", 5}};
  tell(targets);
  ingest_stats ingest;
  ingest.accepted = 99;
  tell(ingest);
  caf::anon_send(subject, registry_stats{12});
  const auto all = snapshot();
  CAF_CHECK_EQUAL(all.sync.revision, "r7");
  CAF_CHECK_EQUAL(all.push.batches_ok, 8U);
  CAF_CHECK_EQUAL(all.push.results_acked, 70U);
  CAF_CHECK_EQUAL(all.push.pending, 11U);
  CAF_CHECK_EQUAL(all.push.results_dropped, 2U);
  CAF_CHECK_EQUAL(all.push.results_forgotten, 1U);
  CAF_CHECK_EQUAL(all.targets.count.total(), 9U);
  CAF_CHECK_EQUAL(all.ingest.accepted, 99U);
  CAF_CHECK_EQUAL(all.agents, 12U);
}

CAF_TEST(an engine is known by its kind before and after its first report) {
  const auto known = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1", {"icmp", "http"}}));
  const auto kinds = [&] {
    auto answer = reaper.ask<stats_snapshot>(known, get_stats_atom_v);
    CAF_REQUIRE(answer);
    return answer->kinds;
  };
  CAF_REQUIRE_EQUAL(kinds().size(), 2U);
  const auto before = kinds();
  CAF_CHECK_EQUAL(before[0].report.kind, "icmp");
  CAF_CHECK_EQUAL(before[1].report.probes.started, 0U);
  engine_report toy;
  toy.kind = "toy";
  toy.counters = {{.name = "flips", .help = "Flips.", .value = 3}};
  engine_report http;
  http.kind = "http";
  http.probes.started = 50;
  for (const auto& report : {toy, http}) {
    caf::anon_send(known, report);
  }
  http.probes.started = 75;
  caf::anon_send(known, http);
  const auto all = kinds();
  CAF_REQUIRE_EQUAL(all.size(), 3U);
  CAF_CHECK_EQUAL(all[1].report.probes.started, 75U);
  CAF_CHECK_EQUAL(all[2].report.kind, "toy");
  CAF_REQUIRE_EQUAL(all[2].report.counters.size(), 1U);
  CAF_CHECK_EQUAL(all[2].report.counters[0].value, 3U);
}

CAF_TEST(the receive gap is of kinds that measure it and of the last minute) {
  engine_report icmp;
  icmp.kind = "icmp";
  icmp.receive_gap_us = values(250, 10);
  tell(icmp);
  engine_report http;
  http.kind = "http";
  tell(http);
  auto all = snapshot().kinds;
  CAF_REQUIRE_EQUAL(all.size(), 2U);
  CAF_REQUIRE(all[0].receive_gap_us);
  CAF_CHECK(is_near(all[0].receive_gap_us->max, 250));
  CAF_CHECK(!all[1].receive_gap_us);
  reaper.pass(2min);
  all = snapshot().kinds;
  CAF_REQUIRE(all[0].receive_gap_us);
  CAF_CHECK_EQUAL(all[0].receive_gap_us->max, 0.0);
}

CAF_TEST(a snapshot holds what those who tell now and then know when it is asked for) {
  int asked = 0;
  const auto reporter = reaper.keep(sys.spawn(
      [](caf::event_based_actor*, const stats_actor* stats, int* count) -> caf::behavior {
        return {[stats, count](report_atom) {
          caf::anon_send(*stats, backlog_stats{static_cast<std::uint64_t>(++*count), 0, 0, 0});
          return done_atom_v;
        }};
      },
      &subject, &asked));
  caf::anon_send(subject, stats_reporter{reporter});
  reaper.settle();
  CAF_CHECK_EQUAL(snapshot().push.results_acked, 1U);
  CAF_CHECK_EQUAL(snapshot().push.results_acked, 2U);
  CAF_MESSAGE("one that has ended is not waited for");
  caf::anon_send_exit(reporter, caf::exit_reason::kill);
  reaper.settle();
  CAF_CHECK_EQUAL(snapshot().push.results_acked, 2U);
  CAF_CHECK_EQUAL(asked, 2);
}

CAF_TEST(a snapshot waits for nobody longer than report_patience) {
  std::vector<caf::response_promise> never;
  const auto deaf = reaper.keep(sys.spawn(
      [](caf::event_based_actor* me, std::vector<caf::response_promise>* kept) -> caf::behavior {
        return {[me, kept](report_atom) -> caf::result<done_atom> {
          auto promise = me->make_response_promise<done_atom>();
          kept->push_back(promise);
          return promise;
        }};
      },
      &never));
  caf::anon_send(subject, stats_reporter{deaf});
  tell(backlog_stats{7, 0, 0, 0});
  std::uint64_t acked = 0;
  const auto ask = [&] {
    acked = 0;
    reaper.fake<caf::typed_actor<caf::reacts_to<stop_atom>>>([&](auto asker) {
      asker->request(subject, caf::infinite, get_stats_atom_v).then([&](const stats_snapshot& all) {
        acked = all.push.results_acked;
      });
      return typename caf::typed_actor<caf::reacts_to<stop_atom>>::behavior_type{[](stop_atom) {}};
    });
  };
  ask();
  reaper.pass(report_patience - 1ms);
  CAF_CHECK_EQUAL(acked, 0U);
  reaper.pass(1ms);
  CAF_CHECK_EQUAL(acked, 7U);
  CAF_CHECK_EQUAL(never.size(), 1U);
  CAF_MESSAGE("and then not at all for a while");
  ask();
  CAF_CHECK_EQUAL(acked, 7U);
  CAF_CHECK_EQUAL(never.size(), 1U);
  reaper.pass(report_rest);
  ask();
  CAF_CHECK_EQUAL(acked, 0U);
  CAF_CHECK_EQUAL(never.size(), 2U);
  reaper.pass(report_patience);
  CAF_CHECK_EQUAL(acked, 7U);
}

CAF_TEST(every kind has a row of its own name) {
  for (std::size_t i = 0; i < actor_kind_count; ++i) {
    tell(lifecycle_report{static_cast<actor_kind>(i), i + 1, 0, 0});
  }
  const auto all = snapshot();
  CAF_CHECK_EQUAL(all.actors.size(), actor_kind_count);
  CAF_CHECK_EQUAL(all.actors.count("unknown"), 0U);
  CAF_CHECK_EQUAL(all.actors.at("target_manager").spawned, 2U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace stats_suite
