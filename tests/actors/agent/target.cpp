#define CAF_SUITE target

#include "xprober/actors/agent/target.hpp"

#include <string>
#include <vector>

#include "xprober/actors/actor_round.hpp"
#include "xprober/actors/stats.hpp"

#include "support/fake_engine.hpp"
#include "support/fake_results.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace target_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct target_fixture : xprober_fixture {
  fake_engine icmp;
  fake_engine http;
  std::vector<probe_result_ptr> sent;
  std::vector<target_failed> deaths;
  actor_reaper reaper{*this};
  target_context_ptr context = new_counted<const target_context>(
      engine_table{{{&kinds::icmp(), &icmp}, {&kinds::http(), &http}}}, spawn_results(),
      spawn_manager(), reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"})));
  target_ref spec = samples::target(3, "10.0.0.1");
  target_actor subject = spawn_target(spec);

  target_actor spawn_target(const target_ref& target_spec) {
    return reaper.keep(sys.spawn<target>(target_spec, context));
  }

  results_actor spawn_results() {
    return reaper.keep(fake_results::spawn(
        sys, [this](const probe_result_ptr& result) { sent.push_back(result); }));
  }

  target_manager_actor spawn_manager() {
    return reaper.fake<target_manager_actor>([this](target_manager_actor::pointer) {
      return target_manager_actor::behavior_type{
          [](const list_update&) { return apply_report{}; },
          [](const module_list&) {},
          [](const story_query&) { return target_story{}; },
          [this](const target_failed& death) { deaths.push_back(death); },
          [](const respawn_target&) {},
          [](apply_more_atom) {},
          [](stop_atom) { return done_atom_v; },
          [](targets_ended_atom) {},
      };
    });
  }

  void do_tick() {
    caf::anon_send(subject, tick{reaper.now()});
    reaper.settle();
  }

  void finish(probe_outcome outcome) {
    icmp.finish(std::move(outcome));
    reaper.settle();
  }

  void probe(probe_outcome outcome) {
    do_tick();
    finish(std::move(outcome));
  }

  target_story story() {
    auto answer = reaper.ask<target_story>(subject, describe_atom_v);
    CAF_REQUIRE(answer);
    return *answer;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(target_tests, target_fixture)

CAF_TEST(a tick starts one probe on the engine of the kind) {
  const auto due = reaper.now() - 20ms;
  caf::anon_send(subject, tick{due});
  reaper.settle();
  CAF_REQUIRE_EQUAL(icmp.probes.size(), 1U);
  CAF_CHECK(http.probes.empty());
  CAF_CHECK(icmp.probes[0].request.target == spec);
  CAF_CHECK(icmp.probes[0].request.due == due);
  CAF_CHECK(story().probing);

  const auto url = samples::target(4, "http://10.0.0.1/", kinds::http());
  caf::anon_send(spawn_target(url), tick{reaper.now()});
  reaper.settle();
  CAF_CHECK_EQUAL(icmp.probes.size(), 1U);
  CAF_REQUIRE_EQUAL(http.probes.size(), 1U);
  CAF_CHECK(http.probes[0].request.target == url);
}

CAF_TEST(targets that run together begin their probes and tell their results together) {
  icmp.in_rounds = true;
  std::vector<target_ref> specs;
  std::vector<target_actor> targets;
  for (target_index i = 10; i < 14; ++i) {
    specs.push_back(samples::target(i, "10.0.0." + std::to_string(i)));
    targets.push_back(spawn_target(specs.back()));
  }
  {
    const actor_round together;
    for (const auto& one : targets) {
      caf::anon_send(one, tick{reaper.now()});
    }
  }
  reaper.settle();
  CAF_CHECK((icmp.rounds == std::vector<std::size_t>{4}));
  CAF_REQUIRE_EQUAL(icmp.probes.size(), 4U);
  {
    const actor_round together;
    for (std::size_t i = 0; i < 4; ++i) {
      CAF_CHECK(icmp.probes[i].request.target == specs[i]);
      icmp.finish(i, samples::success(static_cast<std::uint32_t>(i + 1)));
    }
    // Its result is behind its own earlier ones, whoever else runs.
    caf::anon_send(targets[3], tick{reaper.now()});
    caf::anon_send_exit(targets[3], caf::exit_reason::user_shutdown);
  }
  reaper.settle();
  CAF_REQUIRE_EQUAL(sent.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) {
    CAF_CHECK(sent[i]->target == specs[i]);
    CAF_CHECK(sent[i]->outcome.success);
  }
  CAF_CHECK(sent[4]->target == specs[3]);
  CAF_CHECK(sent[4]->outcome.error == probe_error::shutdown);
}

CAF_TEST(a target alone begins its probe at once) {
  icmp.in_rounds = true;
  do_tick();
  CAF_CHECK(icmp.rounds.empty());
  CAF_CHECK_EQUAL(icmp.probes.size(), 1U);
}

CAF_TEST(a probe gives one result) {
  do_tick();
  CAF_CHECK(sent.empty());
  finish(samples::success(7));
  CAF_REQUIRE_EQUAL(sent.size(), 1U);
  CAF_CHECK(sent[0]->target == spec);
  CAF_CHECK(sent[0]->outcome.success);
  CAF_CHECK(sent[0]->outcome.values.whole(kinds::icmp_column::sent) == 7U);
  CAF_CHECK(!story().probing);
  do_tick();
  CAF_CHECK_EQUAL(icmp.probes.size(), 2U);
}

CAF_TEST(a tick that finds the last probe running is counted and not queued) {
  do_tick();
  do_tick();
  do_tick();
  CAF_CHECK_EQUAL(icmp.probes.size(), 1U);
  finish(samples::success());
  CAF_CHECK_EQUAL(icmp.probes.size(), 1U);
  const auto told = story();
  CAF_CHECK_EQUAL(told.ticks, 3U);
  CAF_CHECK_EQUAL(told.skipped_busy, 2U);
  CAF_CHECK_EQUAL(told.started, 1U);
  CAF_CHECK_EQUAL(sent.size(), 1U);
}

CAF_TEST(an answer to an older probe is ignored) {
  probe(samples::success());
  do_tick();
  caf::anon_send(subject, probe_done{1, samples::failure(probe_error::no_reply)});
  reaper.settle();
  CAF_CHECK_EQUAL(sent.size(), 1U);
  CAF_CHECK(story().probing);
  CAF_CHECK_EQUAL(story().state, "ok");
  finish(samples::success());
  CAF_CHECK_EQUAL(sent.size(), 2U);
}

CAF_TEST(a second answer to the same probe is ignored) {
  probe(samples::success());
  caf::anon_send(subject, probe_done{1, samples::failure(probe_error::no_reply)});
  reaper.settle();
  CAF_CHECK_EQUAL(sent.size(), 1U);
  CAF_CHECK_EQUAL(story().failed, 0U);
}

CAF_TEST(the state follows the latest result) {
  CAF_CHECK_EQUAL(story().state, "waiting");
  CAF_CHECK(story().last == nullptr);
  probe(samples::failure(probe_error::no_reply));
  CAF_CHECK_EQUAL(story().state, "failing");
  probe(samples::success());
  CAF_CHECK_EQUAL(story().state, "ok");
  CAF_CHECK_EQUAL(story().succeeded, 1U);
  CAF_CHECK_EQUAL(story().failed, 1U);
}

CAF_TEST(an error of the prober itself is a state of its own) {
  probe(samples::failure(probe_error::local_overload));
  CAF_CHECK_EQUAL(story().state, "prober_fault");
  probe(samples::success());
  CAF_CHECK_EQUAL(story().state, "ok");
  probe(samples::failure(probe_error::local_send));
  CAF_CHECK_EQUAL(story().state, "prober_fault");
  probe(samples::failure(probe_error::no_reply));
  probe(samples::failure(probe_error::local_no_socket));
  const auto told = story();
  CAF_CHECK_EQUAL(told.state, "prober_fault");
  CAF_CHECK_EQUAL(told.local_errors, 3U);
  CAF_CHECK_EQUAL(told.succeeded, 1U);
  CAF_CHECK_EQUAL(told.failed, 1U);
  CAF_CHECK_EQUAL(sent.size(), 5U);
  CAF_REQUIRE(told.last);
  CAF_CHECK(told.last->outcome.error == probe_error::local_no_socket);
  CAF_REQUIRE_EQUAL(told.failures.size(), 1U);
  CAF_CHECK(told.failures[0]->outcome.error == probe_error::no_reply);
}

CAF_TEST(the story holds the last results and failures newest first) {
  for (int i = 0; i < 12; ++i) {
    probe(i % 2 == 0 ? samples::success()
                     : samples::failure(probe_error::no_reply, std::to_string(i)));
  }
  for (int i = 12; i < 17; ++i) {
    probe(samples::success(static_cast<std::uint32_t>(i)));
  }
  const auto told = story();
  CAF_CHECK(told.uid == spec->uid);
  CAF_REQUIRE_EQUAL(told.results.size(), target::history_length);
  CAF_CHECK(told.results.front() == sent.back());
  CAF_CHECK(told.last == sent.back());
  // Older ones are kept in short.
  const auto& oldest = *told.results.back();
  CAF_CHECK(oldest.target == spec);
  CAF_CHECK(oldest.outcome.success);
  CAF_CHECK(oldest.outcome.started == sent[12]->outcome.started);
  namespace column = kinds::icmp_column;
  const auto& gist = oldest.outcome.values;
  const auto& whole = sent[12]->outcome.values;
  CAF_CHECK(gist.whole(column::sent) == 12U);
  CAF_CHECK(gist.number(column::loss) == 0.0F);
  CAF_CHECK(gist.number(column::latency) == whole.number(column::latency));
  CAF_CHECK(!gist.has(column::p99));
  CAF_REQUIRE_EQUAL(told.failures.size(), target::history_length);
  CAF_CHECK_EQUAL(told.failures.front()->outcome.detail, "11");
  CAF_CHECK_EQUAL(told.failures.back()->outcome.detail, "3");
  CAF_CHECK_EQUAL(told.started, 17U);
}

CAF_TEST(the story of a kind with phases holds whole results) {
  const auto url = samples::target(4, "http://10.0.0.1/", kinds::http());
  subject = spawn_target(url);
  for (int i = 0; i < 7; ++i) {
    do_tick();
    probe_outcome outcome;
    outcome.success = true;
    outcome.values = samples::http_values({1, 2, 3, 4, static_cast<float>(i)}, 200);
    http.finish(std::move(outcome));
    reaper.settle();
  }
  const auto told = story();
  CAF_REQUIRE_EQUAL(told.results.size(), target::history_length);
  for (std::size_t i = 0; i < told.results.size(); ++i) {
    CAF_CHECK(told.results[i] == sent[6 - i]);
  }
}

CAF_TEST(a shared measurement is told once) {
  auto outcome = samples::success();
  outcome.shared = true;
  outcome.started = wall_time{1000s};
  probe(outcome);
  probe(outcome);
  CAF_CHECK_EQUAL(sent.size(), 1U);
  CAF_CHECK(!story().probing);
  CAF_CHECK_EQUAL(story().succeeded, 1U);
  outcome.started = wall_time{1015s};
  probe(outcome);
  CAF_CHECK_EQUAL(sent.size(), 2U);
}

CAF_TEST(a target whose engine throws tells the manager and ends) {
  icmp.broken = true;
  do_tick();
  CAF_REQUIRE_EQUAL(deaths.size(), 1U);
  CAF_CHECK(deaths[0].target == spec);
  CAF_CHECK_EQUAL(deaths[0].reason, "the engine is broken");
  CAF_CHECK(sent.empty());
  CAF_CHECK(!reaper.ask<target_story>(subject, describe_atom_v));
}

CAF_TEST(a probe whose answer is lost ends at the next tick and the target is probed on) {
  do_tick();
  icmp.probes[0].done = nullptr; // let go of, as by an exception of the engine's
  reaper.settle();
  CAF_CHECK(sent.empty());
  do_tick();
  CAF_REQUIRE_EQUAL(sent.size(), 1U);
  CAF_CHECK(sent[0]->target == spec);
  CAF_CHECK(sent[0]->outcome.error == probe_error::local_internal);
  CAF_CHECK_EQUAL(icmp.probes.size(), 2U);
  CAF_CHECK_EQUAL(story().skipped_busy, 0U);
  finish(samples::success());
  CAF_CHECK_EQUAL(sent.size(), 2U);
  do_tick(); // what was lost is over
  CAF_CHECK_EQUAL(sent.size(), 2U);
  do_tick();
  CAF_CHECK_EQUAL(story().skipped_busy, 1U);
}

CAF_TEST(an answer after the end of the target is harmless) {
  do_tick();
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
  reaper.settle();
  CAF_MESSAGE("its engine will count the probe as finished, so there is a result");
  CAF_REQUIRE_EQUAL(sent.size(), 1U);
  CAF_CHECK(sent[0]->outcome.error == probe_error::shutdown);
  finish(samples::success());
  CAF_CHECK_EQUAL(sent.size(), 1U);
  CAF_CHECK(deaths.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace target_suite
