#define CAF_SUITE journal_intake

#include "xprober/actors/server/journal_intake.hpp"

#include <string>
#include <thread>

#include "actors/server/journal_fixture.hpp"

namespace journal_intake_suite {

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
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_intake_tests, fixture)

CAF_TEST(a stamp of the future does not hide what comes after it) {
  const auto stamped = [](std::uint64_t sequence, float mean, std::chrono::hours ahead) {
    batch_encoder encoder{{"cn-south", "10.1.1.1"}};
    auto outcome = samples::success();
    outcome.started = wall_clock::now() + ahead;
    outcome.values.set(kinds::icmp_column::latency, mean);
    encoder.add(*samples::result(samples::target(0, "10.0.0.0"), outcome));
    agent_instance instance{};
    instance[0] = 1;
    return encoder.finish(instance, sequence, to_unix_ms(wall_clock::now()));
  };
  const std::chrono::hours fifty_years{50 * 365 * 24};
  CAF_CHECK(push(stamped(1, 10, fifty_years))->accepted == 1);
  push(stamped(2, 20, 0h));
  CAF_CHECK_EQUAL(counts().misdated_results, 1U);
  CAF_CHECK_EQUAL(latency_of(view()->targets.at(0)), 20.0);
  restart();
  CAF_CHECK_EQUAL(latency_of(view()->targets.at(0)), 20.0);
}

CAF_TEST(a sequence that cannot be poisons nothing) {
  push(batch(1, 1, {10}));
  const auto answer = push(batch(1, std::uint64_t{1} << 40U, {20, 30}));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 0);
  CAF_CHECK_EQUAL(answer->rejected, 2);
  CAF_CHECK(answer->errors.at(0).find("no agent leaves out so many") != std::string::npos);
  CAF_CHECK(!push(batch(1, (std::uint64_t{1} << 63U) - 1, {20})));
  CAF_CHECK_EQUAL(counts().impossible_batches, 1U);
  CAF_CHECK(!push(batch(1, 2, {40}))->duplicate);
  CAF_CHECK_EQUAL(counts().missing_batches, 0U);
}

CAF_TEST(a journal at its limit refuses batches and goes on when there is room) {
  caf::anon_send(subject, limits_config{.journal_bytes = 3000});
  reaper.settle();
  std::uint64_t taken = 0;
  while (taken < 100 && push(batch(1, taken + 1, {10, 20, 30}))) {
    ++taken;
  }
  CAF_CHECK(taken > 0 && taken < 100);
  CAF_CHECK(problem().find("limits.journal_bytes") != std::string::npos);
  CAF_CHECK(counts().bytes <= 3000);
  reaper.state_of<journal_state>(subject).least_kept = {};
  caf::anon_send(subject, set_result_ttl{});
  std::this_thread::sleep_for(2ms); // ages are by the wall clock
  reaper.pass(server_clock::probation + 11s);
  CAF_CHECK_EQUAL(problem(), "");
  CAF_CHECK(push(batch(1, taken + 1, {10, 20, 30})));
}

CAF_TEST(batches are refused while memory is short and those of before are known) {
  CAF_CHECK(push(batch(1, 1, {10})));
  caf::anon_send(subject, memory_strain{true});
  reaper.settle();
  CAF_CHECK(problem().find("limits.memory") != std::string::npos);
  CAF_CHECK(!push(batch(1, 2, {20})));
  CAF_CHECK_EQUAL(counts().refused_batches, 1U);
  CAF_CHECK(push(batch(1, 1, {10}))->duplicate);
  caf::anon_send(subject, memory_strain{false});
  reaper.settle();
  CAF_CHECK_EQUAL(problem(), "");
  CAF_CHECK(!push(batch(1, 2, {20}))->duplicate);
}

CAF_TEST(what was taken before a restart counts against the limits) {
  CAF_CHECK(push(batch(1, 1, {10, 20, 30}))->accepted == 3);
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  caf::anon_send_exit(values, caf::exit_reason::kill);
  reaper.settle();
  values = open_store();
  subject =
      reaper.keep(sys.spawn(limited_journal, folder.path(), values, counters, caf::timespan{300s},
                            registry_actor{}, limits_config{.agent_series = 2}));
  CAF_CHECK(reaper.ask<done_atom>(subject, await_replay_atom_v));
  CAF_CHECK_EQUAL(view()->targets.size(), 2U);
  CAF_CHECK_EQUAL(counts().series, 2U);
  const auto answer = push(batch(1, 2, {10, 20, 30}));
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->accepted, 2);
  CAF_CHECK_EQUAL(answer->rejected, 1);
  CAF_CHECK_EQUAL(counts().above_agent_series, 1U);
}

CAF_TEST(an agent that sends too fast keeps its batches) {
  caf::anon_send(subject, limits_config{.agent_rows_per_second = 1});
  reaper.settle();
  CAF_CHECK(push(batch(1, 1, std::vector<float>(40, 10))));
  const auto later = push(batch(1, 2, {10}));
  CAF_REQUIRE(!later);
  CAF_CHECK(sys.render(later.error()).find("is to come later") != std::string::npos);
  CAF_CHECK_EQUAL(counts().paced_batches, 1U);
  CAF_CHECK(push(batch(2, 1, {10})));
  reaper.pass(11s);
  CAF_CHECK(!push(batch(1, 2, {10}))->duplicate);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_intake_suite
