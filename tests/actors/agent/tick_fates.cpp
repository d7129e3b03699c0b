#define CAF_SUITE tick_fates

// From the tick to the batch over the real actors: whatever happens meanwhile, a tick ends in one
// result or is counted as one that began no probe, and a result is of the target that was probed.

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/actor_round.hpp"
#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/agent/target_manager.hpp"
#include "xprober/actors/agent/ticker.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"

#include "support/fake_engine.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace tick_fates_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

class counting_engine : public fake_engine {
public:
  void start(probe_request request, probe_completion done) override {
    thrown += broken ? 1U : 0U;
    fake_engine::start(std::move(request), std::move(done));
  }

  /// Probes that were not answered.
  std::vector<std::size_t> running() const {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      if (probes[i].done) {
        all.push_back(i);
      }
    }
    return all;
  }

  std::uint64_t thrown = 0;
};

struct fates_fixture : xprober_fixture {
  static constexpr std::uint64_t results_limit = 60;

  waiting_outcomes outcomes;
  counting_engine icmp; ///< in rounds
  counting_engine http;
  std::mt19937 random;
  std::vector<waiting_outcomes::place> held; ///< as if so many outcomes waited
  std::set<std::string> listed;
  std::set<std::pair<const counting_engine*, std::size_t>> told; ///< probes with a result
  std::uint64_t given_up = 0; ///< results of probes that the end of all targets came before
  std::uint64_t lost = 0;     ///< results of probes whose answer the engine let go of
  std::uint64_t twice = 0;
  std::uint64_t of_others = 0; ///< results with another target than the probe had
  std::uint64_t forgotten = 0;
  std::uint64_t dropped = 0;
  tick_stats before;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  results_actor sink = reaper.keep(sys.spawn(results, counters, results_limit, &outcomes));
  ticker_actor wheel = reaper.keep(sys.spawn(ticker, counters, caf::timespan{15s}));
  target_manager_actor manager = reaper.keep(
      sys.spawn(target_manager, engine_table{{{&kinds::icmp(), &icmp}, {&kinds::http(), &http}}},
                sink, wheel, counters, std::vector<prober_name>{}, &outcomes));

  fates_fixture() {
    log::set_level(log::level::off);
    icmp.in_rounds = true;
    // What other tests of the thread have left to be told.
    before = ticks();
  }

  std::size_t any(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>{0, below - 1}(random);
  }

  /// All that there is to run, in any order that several threads could bring about.
  void run() {
    while (!sched.jobs.empty()) {
      std::swap(sched.jobs.front(), sched.jobs[any(sched.jobs.size())]);
      sched.run_once();
    }
  }

  void pass(caf::timespan length) {
    sched.clock().advance_time(length);
    run();
  }

  /// As the threads' meters tell it, by the real clock.
  tick_stats ticks() {
    auto& state = reaper.state_of<stats_state>(counters);
    const auto& told_by = state.kinds[static_cast<std::size_t>(actor_kind::results)].totals;
    const auto messages = told_by.messages;
    while (told_by.messages == messages) {
      CAF_REQUIRE(reaper.ask<target_listing>(sink, target_query{"", 0}));
    }
    return state.ticks;
  }

  // -- what may happen ----------------------------------------------------------------------------

  void answer(counting_engine& engine, std::size_t number) {
    if (any(15) == 0) {
      engine.probes[number].done = nullptr; // let go of, as by an exception
      return;
    }
    constexpr std::array errors{probe_error::none, probe_error::no_reply,
                                probe_error::local_overload};
    const auto error = errors[any(errors.size())];
    auto outcome = error == probe_error::none ? samples::success() : samples::failure(error);
    outcome.detail = std::to_string(number);
    engine.finish(number, std::move(outcome));
  }

  void answer_some() {
    const bool together = any(2) == 0;
    if (together) {
      actor_round::open();
    }
    for (auto* engine : {&icmp, &http}) {
      for (const auto number : engine->running()) {
        if (any(3) > 0) {
          answer(*engine, number);
        }
      }
    }
    if (together) {
      if (any(3) == 0) {
        change_list(); // in the midst of them
      }
      actor_round::close();
    }
  }

  void change_list() {
    std::array added{target_group{"icmp", "cn-north", {}}, target_group{"http", "cn-north", {}}};
    auto removed = added;
    for (std::size_t i = 0; i < 12; ++i) {
      const auto number = any(60);
      const auto name = "10.0.0." + std::to_string(number);
      const bool has = listed.contains(name);
      const std::size_t kind = number % 3 == 0 ? 1 : 0;
      (has ? removed : added)[kind].targets.push_back(kind == 1 ? "http://" + name : name);
      if (has) {
        listed.erase(name);
      } else {
        listed.insert(name);
      }
    }
    list_update update{std::make_shared<const target_list>(added.begin(), added.end()), "r"};
    update.removed = std::make_shared<const target_list>(removed.begin(), removed.end());
    caf::anon_send(manager, std::move(update));
  }

  void fill() {
    while (!outcomes.full()) {
      held.emplace_back(&outcomes);
    }
  }

  void step() {
    switch (any(9)) {
    case 0: change_list(); break;
    case 1: http.broken = any(4) == 0; break;
    case 2: any(3) == 0 ? fill() : held.clear(); break;
    case 3: caf::anon_send(wheel, set_probe_interval{std::chrono::seconds{1 + any(15)}}); break;
    case 4: take(); break;
    case 5: pass(any(8) == 0 ? 50s : 10ms); break;
    default: answer_some(); break;
    }
    if (any(3) > 0) {
      run();
    }
    pass(milliseconds{any(1500)});
  }

  // -- where it ends ------------------------------------------------------------------------------

  void note(const probe_result& one) {
    const auto& outcome = one.outcome;
    if (outcome.error == probe_error::shutdown || outcome.error == probe_error::local_internal) {
      ++(outcome.error == probe_error::shutdown ? given_up : lost);
      return;
    }
    const auto& engine = &one.target->kind() == &kinds::icmp() ? icmp : http;
    const auto number = std::stoul(outcome.detail);
    twice += told.emplace(&engine, number).second ? 0U : 1U;
    of_others += engine.probes.at(number).request.target == one.target ? 0U : 1U;
  }

  /// As the spool does; false where there was nothing.
  bool take() {
    const auto batch = reaper.ask<result_batch>(sink, take_results{any(40) + 1});
    CAF_REQUIRE(batch);
    forgotten = batch->forgotten;
    dropped = batch->dropped;
    for (const auto& one : batch->results) {
      note(*one);
    }
    caf::anon_send(sink, spool_change{batch->id, batch->results.size()});
    reaper.settle();
    return batch->id != 0;
  }

  void end() {
    http.broken = false;
    held.clear();
    run();
    CAF_CHECK(reaper.ask<done_atom>(wheel, stop_atom_v));
    for (auto* engine : {&icmp, &http}) {
      for (const auto number : engine->running()) {
        if (any(4) > 0) {
          answer(*engine, number);
        }
      }
    }
    CAF_CHECK(reaper.ask<done_atom>(manager, stop_atom_v));
    run();
    while (take()) {
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tick_fates_tests, fates_fixture)

CAF_TEST(each tick ends in one result of its target or is counted as skipped) {
  random.seed(20'261'130);
  for (int i = 0; i < 3000; ++i) {
    step();
  }
  end();
  const auto begun = icmp.probes.size() + http.probes.size();
  const auto now = ticks();
  const auto busy = now.skipped_busy - before.skipped_busy;
  const auto overload = now.skipped_overload - before.skipped_overload;
  const auto behind = now.skipped_behind - before.skipped_behind;
  const auto thrown = http.thrown; // its targets have died of it, which is counted
  CAF_MESSAGE("of " << now.due - before.due << " ticks " << begun << " began probes, " << busy
                    << " found one, " << overload << " too many outcomes, " << behind
                    << " were late, " << thrown << " met an engine that throws; " << told.size()
                    << " answers, " << given_up << " given up, " << lost << " lost, " << forgotten
                    << " forgotten, " << dropped << " dropped");
  CAF_CHECK(now.due - before.due == begun + busy + overload + behind + thrown);
  CAF_CHECK(begun == told.size() + given_up + lost + forgotten + dropped);
  CAF_CHECK_EQUAL(twice, 0U);
  CAF_CHECK_EQUAL(of_others, 0U);
  CAF_CHECK_EQUAL(outcomes.count(), 0U);
  CAF_MESSAGE("each of them has happened");
  for (const auto count : {busy, overload, behind, thrown, lost, forgotten, dropped}) {
    CAF_CHECK(count > 0);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace tick_fates_suite
