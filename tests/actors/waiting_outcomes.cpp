#define CAF_SUITE waiting_outcomes

#include "xprober/actors/waiting_outcomes.hpp"

#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/agent/target.hpp"
#include "xprober/actors/agent/target_manager.hpp"
#include "xprober/actors/agent/ticker.hpp"
#include "xprober/actors/stats.hpp"

#include "support/fake_engine.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace waiting_outcomes_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using place = waiting_outcomes::place;

/// Answers before it is asked twice, as an engine's thread does while the actors' one is held up.
class quick_engine : public fake_engine {
public:
  void start(probe_request request, probe_completion done) override {
    ++started;
    if (answers) {
      done(samples::success(1));
    } else {
      fake_engine::start(std::move(request), std::move(done));
    }
  }

  std::uint64_t started = 0;
  bool answers = true;
};

/// Real actors from the target to `results`; the test ticks.
struct outcomes_fixture : xprober_fixture {
  waiting_outcomes outcomes;
  quick_engine icmp;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  results_actor sink =
      reaper.keep(sys.spawn(results, counters, std::uint64_t{1'000'000}, &outcomes));
  ticker_actor wheel = reaper.keep(sys.spawn(ticker, counters, caf::timespan{15s}));
  target_context_ptr context = new_counted<const target_context>(
      engine_table{{{&kinds::icmp(), &icmp}}}, sink, target_manager_actor{}, counters, &outcomes);
  std::vector<target_actor> targets;

  void spawn(std::size_t count) {
    for (target_index i = 0; i < count; ++i) {
      const auto spec = samples::target(i, "10.0.0." + std::to_string(i));
      caf::anon_send(sink, target_begun{spec});
      targets.push_back(reaper.keep(sys.spawn<target>(spec, context)));
    }
    reaper.settle();
  }

  /// All at once, as after a pause: `results` has its turn behind all targets.
  void tick_all() {
    for (const auto& each : targets) {
      caf::anon_send(each, tick{reaper.now()});
    }
    reaper.settle();
  }

  std::uint64_t taken() {
    const auto batch = reaper.ask<result_batch>(sink, take_results{1'000'000});
    return batch ? batch->pending : 0;
  }
};

} // namespace

CAF_TEST(a place is counted as long as it lives) {
  waiting_outcomes all;
  {
    place first{&all};
    const place copy = first;
    CAF_CHECK_EQUAL(all.count(), 2U);
    const place moved = std::move(first);
    CAF_CHECK_EQUAL(all.count(), 2U);
    place replaced{&all};
    replaced = moved;
    CAF_CHECK_EQUAL(all.count(), 3U);
  }
  CAF_CHECK_EQUAL(all.count(), 0U);
  place{&all}.pass_on();
  CAF_CHECK_EQUAL(all.count(), 1U);
  all.taken();
  CAF_CHECK_EQUAL(all.count(), 0U);
  const place nobody{nullptr};
}

CAF_TEST(the limit grows with the targets) {
  waiting_outcomes all;
  CAF_CHECK_EQUAL(all.limit(), waiting_outcomes::least_limit);
  all.set_targets(1'500'000);
  CAF_CHECK_EQUAL(all.limit(), 100'000U);
  all.set_targets(10);
  CAF_CHECK_EQUAL(all.limit(), waiting_outcomes::least_limit);
}

CAF_TEST_FIXTURE_SCOPE(waiting_outcomes_tests, outcomes_fixture)

CAF_TEST(no more outcomes wait than the limit) {
  constexpr auto limit = waiting_outcomes::least_limit;
  spawn(limit + 1000);
  tick_all();
  CAF_CHECK_EQUAL(icmp.started, limit);
  CAF_CHECK_EQUAL(outcomes.count(), 0U);
  CAF_CHECK_EQUAL(taken(), limit); // nothing that was measured is lost
  const auto last = reaper.ask<target_story>(targets.back(), describe_atom_v);
  CAF_REQUIRE(last);
  CAF_CHECK_EQUAL(last->ticks, 1U);
  CAF_CHECK_EQUAL(last->started, 0U);
  CAF_CHECK_EQUAL(last->skipped_busy, 0U);
}

CAF_TEST(probes begin again when the outcomes were taken) {
  spawn(2);
  std::vector<place> others;
  for (std::uint64_t i = 0; i < outcomes.limit(); ++i) {
    others.emplace_back(&outcomes);
  }
  tick_all();
  CAF_CHECK_EQUAL(icmp.started, 0U);
  others.clear();
  tick_all();
  CAF_CHECK_EQUAL(icmp.started, 2U);
  CAF_CHECK_EQUAL(taken(), 2U);
}

CAF_TEST(outcomes that nobody wants do not wait) {
  icmp.answers = false;
  spawn(2);
  tick_all();
  CAF_REQUIRE_EQUAL(icmp.probes.size(), 2U);
  caf::anon_send_exit(targets[0], caf::exit_reason::user_shutdown);
  reaper.settle();
  CAF_CHECK_EQUAL(outcomes.count(), 0U); // its last result, of the end, was taken
  icmp.finish(0, samples::success());    // its target is gone
  CAF_CHECK_EQUAL(outcomes.count(), 0U);
  const auto twice = std::move(icmp.probes[1].done);
  twice(samples::success());
  twice(samples::success()); // an engine's fault: nobody wants it
  CAF_CHECK_EQUAL(outcomes.count(), 1U);
  reaper.settle();
  CAF_CHECK_EQUAL(outcomes.count(), 0U);
}

CAF_TEST(the manager says how many targets there are) {
  const auto manager =
      reaper.keep(sys.spawn(target_manager, engine_table{{{&kinds::icmp(), &icmp}}}, sink, wheel,
                            counters, std::vector<prober_name>{}, &outcomes));
  outcomes.set_targets(1'500'000);
  const auto list =
      std::make_shared<const target_list>(1, target_group{"icmp", "cn-north", {"a", "b"}});
  CAF_REQUIRE(reaper.ask<apply_report>(manager, list_update{list, "r1"}));
  CAF_CHECK_EQUAL(outcomes.limit(), waiting_outcomes::least_limit);
  CAF_MESSAGE("before a long list is through");
  outcomes.set_targets(1'500'000);
  target_group many{"icmp", "cn-north", {}};
  for (int i = 0; i < 5000; ++i) {
    many.targets.push_back("host-" + std::to_string(i));
  }
  const auto longer = std::make_shared<const target_list>(1, std::move(many));
  auto applying = self->request(manager, caf::infinite, list_update{longer, "r2"});
  reaper.settle();
  CAF_CHECK(self->peek_at_next_mailbox_element() == nullptr);
  CAF_CHECK_EQUAL(outcomes.limit(), waiting_outcomes::least_limit);
  reaper.pass(0s);
  applying.receive([](const apply_report& report) { CAF_CHECK_EQUAL(report.added, 5000U); },
                   [](const caf::error&) { CAF_FAIL("the list was not applied"); });
  caf::anon_send(manager, stop_atom_v);
  reaper.settle();
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace waiting_outcomes_suite
