#define CAF_SUITE ticker

#include "xprober/actors/agent/ticker.hpp"

#include <map>
#include <vector>

#include "xprober/actors/stats.hpp"

#include "support/actor_reaper.hpp"

namespace ticker_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct seen_tick {
  target_index target = 0;
  monotonic_time at{};
  monotonic_time due{};
};

/// A test starts at a multiple of 30 s, and a hash below 1500 is a phase in units of 10 ms.
struct ticker_fixture : xprober_fixture {
  std::vector<seen_tick> ticks;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  ticker_actor wheel = reaper.keep(sys.spawn(ticker, counters, caf::timespan{15s}));
  monotonic_time start;

  ticker_fixture() {
    reaper.pass(30s - reaper.now().time_since_epoch() % 30s);
    start = reaper.now();
  }

  target_actor spawn_target(target_index index) {
    return reaper.fake<target_actor>([this, index](target_actor::pointer) {
      return target_actor::behavior_type{
          [this, index](const tick& t) { ticks.push_back({index, reaper.now(), t.due}); },
          [](const probe_done&) {},
          [](describe_atom) { return target_story{}; },
      };
    });
  }

  void add(target_index index, std::uint64_t phase) {
    caf::anon_send(wheel, schedule_target{index, phase}, spawn_target(index));
    reaper.settle();
  }

  std::vector<monotonic_time> dues_of(target_index index) const {
    std::vector<monotonic_time> dues;
    for (const auto& t : ticks) {
      if (t.target == index) {
        dues.push_back(t.due);
      }
    }
    return dues;
  }

  tick_stats& tick_counts() { return reaper.state_of<stats_state>(counters).ticks; }
};

using times = std::vector<monotonic_time>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(ticker_tests, ticker_fixture)

CAF_TEST(a target is ticked once in every period) {
  add(7, 200);
  reaper.pass(61s);
  CAF_CHECK((dues_of(7) == times{start + 2s, start + 17s, start + 32s, start + 47s}));
  for (const auto& t : ticks) {
    CAF_CHECK(t.at == t.due);
  }
}

CAF_TEST(the phase stays the same whenever the target comes in) {
  reaper.pass(11s + 3ms);
  add(7, 1234);
  reaper.pass(30s);
  const auto other = reaper.keep(sys.spawn(ticker, counters, caf::timespan{15s}));
  reaper.pass(7s + 777ms);
  caf::anon_send(other, schedule_target{0, 1234}, spawn_target(0));
  reaper.pass(16s);
  for (const auto index : {7U, 0U}) {
    const auto dues = dues_of(index);
    CAF_REQUIRE(!dues.empty());
    CAF_CHECK(dues.back().time_since_epoch() % 15s == 12'340ms);
  }
}

CAF_TEST(few targets cost few wake ups) {
  add(0, 200);
  add(1, 700);
  add(2, 701);
  ticks.clear();
  const auto timers = reaper.pass(60s);
  CAF_CHECK_EQUAL(ticks.size(), 12U);
  CAF_CHECK(timers <= 13);
}

CAF_TEST(timers of an interval that was changed wake nobody up) {
  add(0, 200);
  add(1, 700);
  for (int i = 0; i < 10; ++i) {
    caf::anon_send(wheel, set_probe_interval{i % 2 == 0 ? 30s : 15s});
    reaper.settle();
  }
  reaper.pass(15s);
  CAF_CHECK(reaper.pass(60s) <= 9);
}

CAF_TEST(an empty wheel costs nothing) {
  CAF_CHECK_EQUAL(reaper.pass(600s), 0U);
  add(0, 200);
  caf::anon_send(wheel, unschedule_target{0});
  CAF_CHECK(reaper.pass(600s) <= 1);
  CAF_CHECK(ticks.empty());
}

CAF_TEST(a removed target is ticked no more and others are) {
  add(0, 200);
  add(1, 250);
  reaper.pass(10s);
  caf::anon_send(wheel, unschedule_target{0});
  caf::anon_send(wheel, unschedule_target{12'345});
  reaper.pass(30s);
  CAF_CHECK((dues_of(0) == times{start + 2s}));
  CAF_CHECK((dues_of(1) == times{start + 2500ms, start + 17500ms, start + 32500ms}));
}

CAF_TEST(an index that is used again ticks the new target alone) {
  add(0, 200);
  caf::anon_send(wheel, unschedule_target{0});
  caf::anon_send(wheel, schedule_target{0, 250}, spawn_target(99));
  reaper.pass(16s);
  CAF_CHECK(dues_of(0).empty());
  CAF_CHECK((dues_of(99) == times{start + 2500ms}));
}

CAF_TEST(a new interval holds from the next tick on) {
  add(0, 200);
  reaper.pass(3s);
  caf::anon_send(wheel, set_probe_interval{5s});
  reaper.pass(15s);
  caf::anon_send(wheel, set_probe_interval{30s});
  reaper.pass(60s);
  // Phases count from the clock's zero: 2 s in 5 s, then 2 s in 30 s.
  CAF_CHECK((dues_of(0) ==
             times{start + 2s, start + 7s, start + 12s, start + 17s, start + 32s, start + 62s}));
}

CAF_TEST(what is due when the interval changes is ticked and counted first) {
  add(0, 200);
  caf::anon_send(wheel, set_probe_interval{30s});
  reaper.jump(9s); // the timer's message is behind that one
  CAF_CHECK((dues_of(0) == times{start + 2s}));
  caf::anon_send(wheel, set_probe_interval{15s});
  reaper.jump(100s);
  CAF_CHECK((dues_of(0) == times{start + 2s, start + 92s}));
  CAF_CHECK_EQUAL(tick_counts().skipped_behind, 2U);
  reaper.pass(15s);
  CAF_CHECK((dues_of(0) == times{start + 2s, start + 92s, start + 122s}));
}

CAF_TEST(a new target is ticked soon whatever its phase) {
  for (target_index i = 0; i < 15; ++i) {
    add(i, i * 100);
  }
  reaper.pass(3s);
  std::map<target_index, int> count;
  for (const auto& t : ticks) {
    ++count[t.target];
    CAF_CHECK(t.due >= start);
  }
  CAF_CHECK_EQUAL(count.size(), 15U);
  ticks.clear();
  reaper.pass(15s);
  CAF_CHECK_EQUAL(ticks.size(), 15U);
}

CAF_TEST(of many new targets only a few are ticked at once) {
  for (target_index i = 0; i < 500; ++i) {
    add(i, 500 + i);
  }
  CAF_CHECK_EQUAL(ticks.size(), 100U);
  reaper.pass(1s);
  for (target_index i = 500; i < 550; ++i) {
    add(i, 1000);
  }
  CAF_CHECK_EQUAL(ticks.size(), 150U);
  ticks.clear();
  reaper.pass(15s);
  std::map<target_index, int> count;
  for (const auto& t : ticks) {
    ++count[t.target];
  }
  CAF_CHECK_EQUAL(count.size(), 550U);
  CAF_CHECK_EQUAL(ticks.size(), 550U);
}

CAF_TEST(a target that comes to a sleeping wheel is not late) {
  add(0, 100);
  reaper.pass(10s);
  add(1, 500);
  reaper.pass(15s);
  // Once at once, because its phase is far away, and then at its phase.
  CAF_CHECK((dues_of(1) == times{start + 10s, start + 20s}));
}

CAF_TEST(many targets that come to a sleeping wheel are not all ticked at once) {
  add(0, 100);
  reaper.pass(14s);
  ticks.clear();
  for (target_index i = 1; i <= 300; ++i) {
    add(i, 600 + i);
  }
  CAF_CHECK_EQUAL(ticks.size(), 100U);
  for (const auto& t : ticks) {
    CAF_CHECK(t.due == reaper.now());
  }
}

CAF_TEST(ticks that are more than a period late are counted and not made up for) {
  add(0, 200);
  reaper.jump(50s);
  CAF_CHECK((dues_of(0) == times{start + 47s}));
  CAF_CHECK_EQUAL(tick_counts().skipped_behind, 3U);
  CAF_CHECK_EQUAL(tick_counts().due, 3U);
  reaper.pass(15s);
  CAF_CHECK((dues_of(0) == times{start + 47s, start + 62s}));
  CAF_CHECK_EQUAL(tick_counts().skipped_behind, 3U);
}

CAF_TEST(a late tick still names the time it was due) {
  add(0, 200);
  reaper.jump(9s);
  CAF_REQUIRE_EQUAL(ticks.size(), 1U);
  CAF_CHECK(ticks[0].due == start + 2s);
  CAF_CHECK(ticks[0].at == start + 9s);
  CAF_CHECK_EQUAL(tick_counts().skipped_behind, 0U);
}

CAF_TEST(nothing is ticked after stop) {
  add(0, 200);
  CAF_CHECK(reaper.ask<done_atom>(wheel, stop_atom_v));
  add(1, 1000);
  caf::anon_send(wheel, set_probe_interval{5s});
  reaper.pass(60s);
  CAF_CHECK(ticks.empty());
  CAF_CHECK(reaper.ask<done_atom>(wheel, stop_atom_v));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace ticker_suite
