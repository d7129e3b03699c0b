#define CAF_SUITE results_listing

#include <string>
#include <utility>

#include "actors/agent/results_fixture.hpp"

namespace results_listing_suite {

using namespace xprober;

CAF_TEST_FIXTURE_SCOPE(results_listing_tests, results_fixture)

CAF_TEST(the list holds the latest result of each target) {
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  begin(2, "10.0.0.3");
  add(a, samples::failure(probe_error::no_reply));
  const auto latest = add(a);
  const auto bad = add(b, samples::failure(probe_error::unreachable));
  const auto all = list();
  CAF_CHECK_EQUAL(all.total, 3U);
  CAF_CHECK_EQUAL(all.matching, 3U);
  CAF_CHECK_EQUAL(all.ok, 1U);
  CAF_CHECK_EQUAL(all.failing, 1U);
  CAF_REQUIRE_EQUAL(all.lines.size(), 3U);
  CAF_CHECK(all.lines[0].uid == a->uid);
  CAF_CHECK(all.lines[0].last == latest);
  CAF_CHECK_EQUAL(all.lines[0].state, "ok");
  CAF_CHECK(all.lines[1].last == bad);
  CAF_CHECK_EQUAL(all.lines[1].state, "failing");
  CAF_CHECK_EQUAL(all.lines[2].state, "waiting");
}

CAF_TEST(an error of the prober itself is a state of its own and is pushed) {
  const auto a = begin(0, "10.0.0.1");
  const auto good = add(a);
  const auto local = add(a, samples::failure(probe_error::local_send));
  const auto listing = list();
  CAF_CHECK(listing.lines.at(0).last == local);
  CAF_CHECK_EQUAL(listing.lines.at(0).state, "prober_fault");
  CAF_CHECK_EQUAL(listing.ok, 0U);
  CAF_CHECK_EQUAL(listing.failing, 0U);
  CAF_CHECK_EQUAL(listing.prober_fault, 1U);
  CAF_CHECK_EQUAL(list("prober_fault").matching, 1U);
  CAF_CHECK((take().results == result_list{good, local}));
  add(a);
  CAF_CHECK_EQUAL(list("ok").matching, 1U);
}

CAF_TEST(the list is filtered by state and cut at a limit) {
  for (target_index i = 0; i < 20; ++i) {
    const auto target = begin(i, "10.0.0." + std::to_string(i));
    if (i < 12) {
      add(target, i < 5 ? samples::success() : samples::failure(probe_error::no_reply));
    }
  }
  const auto failing = list("failing", 3);
  CAF_CHECK_EQUAL(failing.lines.size(), 3U);
  CAF_CHECK_EQUAL(failing.matching, 7U);
  CAF_CHECK_EQUAL(failing.total, 20U);
  CAF_CHECK_EQUAL(failing.ok, 5U);
  for (const auto& line : failing.lines) {
    CAF_CHECK_EQUAL(line.state, "failing");
  }
  CAF_CHECK_EQUAL(list("ok").lines.size(), 5U);
  CAF_CHECK_EQUAL(list("waiting").matching, 8U);
  CAF_CHECK_EQUAL(list("no such state").matching, 0U);
  CAF_CHECK_EQUAL(list("", 0).lines.size(), 0U);
}

CAF_TEST(the snapshot holds every target) {
  for (target_index i = 0; i < 150; ++i) {
    begin(i, "10.0.0." + std::to_string(i));
  }
  const auto all = reaper.ask<target_listing>(subject, latest_results_atom_v);
  CAF_REQUIRE(all);
  CAF_CHECK_EQUAL(all->lines.size(), 150U);
}

CAF_TEST(a long list is made in steps and holds what is there at its end) {
  const auto many = static_cast<target_index>(listing_step * 3);
  for (target_index i = 0; i < many; ++i) {
    caf::anon_send(subject, target_begun{samples::target(i, std::to_string(i))});
  }
  reaper.settle();
  auto& state = reaper.state_of<results_state>(subject);
  auto asked = self->request(subject, caf::infinite, latest_results_atom_v);
  reaper.settle();
  CAF_REQUIRE_EQUAL(state.listings.size(), 1U);
  CAF_CHECK_EQUAL(state.listings[0].listing.lines.size(), listing_step);
  forget(many - 1);
  reaper.pass(caf::timespan{0});
  CAF_CHECK(state.listings.empty());
  target_listing all;
  asked.receive([&](target_listing& answer) { all = std::move(answer); }, [](const caf::error&) {});
  CAF_CHECK_EQUAL(all.total, many - 1U);
  CAF_CHECK_EQUAL(all.lines.size(), many - 1U);
}

CAF_TEST(states are found by their bits) {
  target_states states;
  for (const target_index i : {3U, 63U, 64U, 1000U}) {
    states.set(i, target_state::waiting);
  }
  states.set(64, target_state::failing);
  states.set(64, target_state::failing);
  const auto failing = target_states_named("failing");
  CAF_CHECK_EQUAL(states.count(failing), 1U);
  CAF_CHECK_EQUAL(states.count(target_states::every), 4U);
  CAF_CHECK(states.next(0, failing) == target_index{64});
  CAF_CHECK(!states.next(65, failing));
  CAF_CHECK(states.next(4, target_states::every) == target_index{63});
  CAF_CHECK(states.next(65, target_states::every) == target_index{1000});
  states.clear(64);
  states.clear(5000);
  CAF_CHECK(!states.next(0, failing));
  CAF_CHECK_EQUAL(states.count(target_state::failing), 0U);
  CAF_CHECK_EQUAL(target_states_named("no such state"), 0U);
}

CAF_TEST(acknowledged results stay the latest) {
  const auto a = begin(0, "10.0.0.1");
  const auto result = add(a);
  acknowledge(take().id);
  CAF_CHECK(list().lines.at(0).last == result);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace results_listing_suite
