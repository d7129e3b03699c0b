#define CAF_SUITE results

#include "xprober/actors/agent/results.hpp"

#include <string>
#include <vector>

#include "xprober/actors/chain_actors.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/probes/stream/tls_details.hpp"

#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace results_suite {

using namespace xprober;

namespace {

struct results_fixture : xprober_fixture {
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  results_actor subject = spawn_results(1000);

  results_actor spawn_results(std::uint64_t limit) {
    return reaper.keep(sys.spawn(results, counters, limit, nullptr));
  }

  target_ref begin(target_index index, std::string address) {
    const auto target = samples::target(index, std::move(address));
    caf::anon_send(subject, target_begun{target});
    reaper.settle();
    return target;
  }

  probe_result_ptr add(const target_ref& target, probe_outcome outcome = samples::success()) {
    const auto result = samples::result(target, std::move(outcome));
    caf::anon_send(subject, result_round{{result}});
    reaper.settle();
    return result;
  }

  void forget(target_index index) {
    caf::anon_send(subject, target_gone{index});
    reaper.settle();
  }

  void acknowledge(std::uint64_t id) {
    // The spool takes it, and then a server does.
    const auto& in_flight = reaper.state_of<results_state>(subject).in_flight;
    const auto size = in_flight.id == id ? in_flight.results.size() : 0;
    caf::anon_send(subject, spool_change{id, 0, 0, 0});
    caf::anon_send(subject, spool_change{0, size, 0, 0});
    reaper.settle();
  }

  result_batch take(std::uint64_t most = 100) {
    auto batch = reaper.ask<result_batch>(subject, take_results{most});
    CAF_REQUIRE(batch);
    return *batch;
  }

  const backlog_stats& backlog() { return reaper.state_of<stats_state>(counters).backlog; }

  target_listing list(std::string state = "", std::size_t limit = 100) {
    auto listing = reaper.ask<target_listing>(subject, target_query{std::move(state), limit});
    CAF_REQUIRE(listing);
    return *listing;
  }
};

using result_list = std::vector<probe_result_ptr>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(results_tests, results_fixture)

CAF_TEST(nothing pending is a batch without a number) {
  const auto batch = take();
  CAF_CHECK_EQUAL(batch.id, 0U);
  CAF_CHECK(batch.results.empty());
  CAF_CHECK_EQUAL(batch.pending, 0U);
}

CAF_TEST(the same batch is handed out until it is acknowledged) {
  const auto a = begin(0, "10.0.0.1");
  const auto first = add(a);
  const auto second = add(a);
  const auto batch = take();
  CAF_CHECK(batch.id != 0);
  CAF_CHECK((batch.results == result_list{first, second}));
  CAF_CHECK_EQUAL(batch.pending, 2U);

  const auto third = add(a);
  const auto again = take();
  CAF_CHECK_EQUAL(again.id, batch.id);
  CAF_CHECK((again.results == result_list{first, second}));
  CAF_CHECK_EQUAL(again.pending, 3U);

  acknowledge(batch.id);
  const auto next = take();
  CAF_CHECK(next.id != batch.id);
  CAF_CHECK((next.results == result_list{third}));
  acknowledge(next.id);
  CAF_CHECK_EQUAL(take().id, 0U);
}

CAF_TEST(results that come together are taken as they would be one by one) {
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  const auto gone = begin(2, "10.0.0.3");
  forget(2);
  const auto first = add(b);
  const auto failure = samples::failure(probe_error::no_reply);
  const result_list together{samples::result(a), samples::result(gone), samples::result(b, failure),
                             samples::result(a, failure)};
  caf::anon_send(subject, result_round{together});
  reaper.settle();
  const auto batch = take();
  CAF_CHECK((batch.results == result_list{first, together[0], together[2], together[3]}));
  CAF_CHECK_EQUAL(batch.forgotten, 1U);
  const auto failing = list("failing");
  CAF_REQUIRE_EQUAL(failing.lines.size(), 2U);
  CAF_CHECK(failing.lines[0].last == together[3]);
  CAF_CHECK(failing.lines[1].last == together[2]);
}

CAF_TEST(a wrong acknowledgement is ignored) {
  const auto a = begin(0, "10.0.0.1");
  add(a);
  const auto first = take();
  acknowledge(first.id + 1);
  acknowledge(0);
  CAF_CHECK_EQUAL(take().id, first.id);
  acknowledge(first.id);
  add(a);
  const auto second = take();
  acknowledge(first.id);
  CAF_CHECK_EQUAL(take().id, second.id);
  CAF_CHECK_EQUAL(take().results.size(), 1U);
}

CAF_TEST(an acknowledgement of nothing does not count as one of a batch to come) {
  acknowledge(1);
  const auto a = begin(0, "10.0.0.1");
  add(a);
  CAF_CHECK_EQUAL(take().results.size(), 1U);
}

CAF_TEST(many results are taken in parts and in order) {
  const auto a = begin(0, "10.0.0.1");
  result_list added;
  for (int i = 0; i < 250; ++i) {
    added.push_back(add(a));
  }
  result_list taken;
  std::vector<std::size_t> sizes;
  for (auto batch = take(); batch.id != 0; batch = take()) {
    CAF_CHECK_EQUAL(batch.pending, 250 - taken.size());
    taken.insert(taken.end(), batch.results.begin(), batch.results.end());
    sizes.push_back(batch.results.size());
    acknowledge(batch.id);
  }
  CAF_CHECK((taken == added));
  CAF_CHECK((sizes == std::vector<std::size_t>{100, 100, 50}));
}

CAF_TEST(what is pending of a removed target is not pushed and counted) {
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  add(a);
  const auto kept = add(b);
  add(a);
  forget(0);
  forget(77);
  const auto batch = take();
  CAF_CHECK((batch.results == result_list{kept}));
  CAF_CHECK_EQUAL(batch.forgotten, 2U);
  CAF_CHECK_EQUAL(batch.pending, 1U);
  CAF_CHECK_EQUAL(list().total, 1U);
}

CAF_TEST(a straggler of a removed target is dropped and counted) {
  const auto a = begin(0, "10.0.0.1");
  forget(0);
  add(a);
  add(samples::target(500, "10.9.9.9"));
  const auto batch = take();
  CAF_CHECK_EQUAL(batch.id, 0U);
  CAF_CHECK_EQUAL(batch.forgotten, 2U);
}

CAF_TEST(an index that is used again does not mix two targets) {
  const auto old = begin(0, "10.0.0.1");
  add(old, samples::failure(probe_error::no_reply));
  forget(0);
  const auto young = begin(0, "10.0.0.2");
  add(old, samples::failure(probe_error::no_reply));
  const auto listed = list();
  CAF_REQUIRE_EQUAL(listed.lines.size(), 1U);
  CAF_CHECK_EQUAL(listed.lines[0].uid.address, "10.0.0.2");
  CAF_CHECK_EQUAL(listed.lines[0].state, "waiting");
  CAF_CHECK(listed.lines[0].last == nullptr);
  const auto result = add(young);
  const auto batch = take();
  CAF_CHECK((batch.results == result_list{result}));
  CAF_CHECK_EQUAL(batch.forgotten, 2U);
}

CAF_TEST(past the limit the oldest are dropped and counted) {
  subject = spawn_results(10);
  const auto a = begin(0, "10.0.0.1");
  result_list added;
  for (int i = 0; i < 25; ++i) {
    added.push_back(add(a));
  }
  const auto batch = take();
  CAF_CHECK_EQUAL(batch.pending, 10U);
  CAF_CHECK_EQUAL(batch.dropped, 15U);
  CAF_REQUIRE(!batch.results.empty());
  CAF_CHECK(batch.results.front() == added[15]);
}

CAF_TEST(the batch in flight counts towards the limit and stays whole) {
  subject = spawn_results(10);
  const auto a = begin(0, "10.0.0.1");
  for (int i = 0; i < 10; ++i) {
    add(a);
  }
  const auto batch = take();
  result_list later;
  for (int i = 0; i < 30; ++i) {
    later.push_back(add(a));
    CAF_CHECK(take().pending <= 10);
  }
  const auto again = take();
  CAF_CHECK_EQUAL(again.id, batch.id);
  CAF_CHECK((again.results == batch.results));
  CAF_CHECK_EQUAL(again.dropped, 30U);
  acknowledge(batch.id);
  result_list rest;
  for (auto next = take(); next.id != 0; next = take()) {
    rest.insert(rest.end(), next.results.begin(), next.results.end());
    acknowledge(next.id);
  }
  CAF_CHECK((rest == result_list(later.end() - 5, later.end())));
}

CAF_TEST(a limit of one and of none is bearable) {
  for (const std::uint64_t limit : {0, 1}) {
    subject = spawn_results(limit);
    const auto a = begin(0, "10.0.0.1");
    add(a);
    add(a);
    CAF_CHECK_EQUAL(take().results.size(), limit);
    add(a);
    CAF_CHECK_EQUAL(take().pending, limit);
    CAF_CHECK_EQUAL(take().dropped, 3 - limit);
  }
}

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

CAF_TEST(stats hear of the first change at once and then of the last state) {
  const auto a = begin(0, "10.0.0.1");
  add(a);
  CAF_CHECK_EQUAL(backlog().pending, 1U);
  for (int i = 0; i < 9; ++i) {
    add(a);
  }
  CAF_CHECK_EQUAL(backlog().pending, 1U);
  reaper.pass(backlog_report_interval);
  CAF_CHECK_EQUAL(backlog().pending, 10U);
  CAF_MESSAGE("without a change nothing more is told");
  CAF_CHECK(reaper.pass(std::chrono::minutes{1}) <= 1);
  add(a);
  CAF_CHECK_EQUAL(backlog().pending, 11U);
}

CAF_TEST(stats hear of everything when they ask) {
  const auto a = begin(0, "10.0.0.1");
  add(a);
  add(a);
  CAF_CHECK_EQUAL(backlog().pending, 1U);
  CAF_CHECK(reaper.ask<done_atom>(subject, report_atom_v));
  CAF_CHECK_EQUAL(backlog().pending, 2U);
}

CAF_TEST(every result is in one part of the backlog) {
  subject = spawn_results(10);
  const auto a = begin(0, "10.0.0.1");
  const auto b = begin(1, "10.0.0.2");
  for (int i = 0; i < 8; ++i) {
    add(a);
    add(b);
  }
  const auto check = [this](backlog_stats wanted) {
    reaper.pass(backlog_report_interval);
    const auto told = backlog();
    CAF_CHECK_EQUAL(told.acked, wanted.acked);
    CAF_CHECK_EQUAL(told.pending, wanted.pending);
    CAF_CHECK_EQUAL(told.dropped, wanted.dropped);
    CAF_CHECK_EQUAL(told.forgotten, wanted.forgotten);
  };
  check({0, 10, 6, 0});
  const auto batch = take(4);
  check({0, 10, 6, 0});
  acknowledge(batch.id);
  check({4, 6, 6, 0});
  forget(1);
  add(b);
  take(4);
  check({4, 3, 6, 4});
}

CAF_TEST(what is in the spool is pending until it is acknowledged or dropped) {
  const auto a = begin(0, "10.0.0.1");
  for (int i = 0; i < 10; ++i) {
    add(a);
  }
  const auto check = [this](backlog_stats wanted) {
    reaper.pass(backlog_report_interval);
    const auto told = backlog();
    CAF_CHECK_EQUAL(told.acked, wanted.acked);
    CAF_CHECK_EQUAL(told.pending, wanted.pending);
    CAF_CHECK_EQUAL(told.dropped, wanted.dropped);
    CAF_CHECK_EQUAL(told.restored, wanted.restored);
    CAF_CHECK_EQUAL(told.acked + told.pending + told.dropped + told.forgotten, 10 + told.restored);
  };
  const auto tell = [this](spool_change change) {
    caf::anon_send(subject, change);
    reaper.settle();
  };
  tell({0, 0, 0, 100});
  check({0, 110, 0, 0, 100});
  tell({take().id, 0, 0, 0});
  check({0, 110, 0, 0, 100});
  CAF_CHECK_EQUAL(take().id, 0U);
  tell({0, 60, 0, 0});
  check({60, 50, 0, 0, 100});
  tell({0, 0, 20, 0});
  check({60, 30, 20, 0, 100});
}

CAF_TEST(whoever watches certificates hears what is another one) {
  std::vector<chain_seen> seen;
  std::vector<target_index> gone;
  const auto chain_named = [](const std::string& name) {
    return std::make_shared<const sent_chain>(sent_chain{{name}, {name}});
  };
  const auto with = [](probe_outcome outcome, sent_chain_ptr chain, std::int64_t accepted) {
    auto tls = std::make_shared<tls_summary>();
    tls->sent = std::move(chain);
    tls->chain_expiry_unix = accepted;
    auto details = std::make_shared<stream::tls_details>();
    details->tls = std::move(tls);
    outcome.details = std::move(details);
    return outcome;
  };
  const auto one = chain_named("one");
  const auto target = begin(0, "10.0.0.1");
  add(target, with(samples::success(), one, 99));
  const auto listener = reaper.fake<chain_teller_actor>([&](chain_teller_actor::pointer) {
    return chain_teller_actor::behavior_type{
        [&](const chain_seen& what) { seen.push_back(what); },
        [&](const target_gone& what) { gone.push_back(what.index); },
        [](const server_abilities&) {},
        [](tell_chains_atom) {},
    };
  });
  caf::anon_send(subject, watch_chains{caf::actor_cast<caf::actor>(listener)});
  reaper.settle();
  CAF_REQUIRE_EQUAL(seen.size(), 1U);
  CAF_CHECK(seen[0].chain == one);
  CAF_CHECK_EQUAL(seen[0].verdict, "accepted");
  add(target, with(samples::success(), one, 99));
  add(target, samples::failure(probe_error::refused, "closed"));
  CAF_CHECK_EQUAL(seen.size(), 1U);
  add(target, with(samples::failure(probe_error::tls_expired, "over"), one, 0));
  CAF_REQUIRE_EQUAL(seen.size(), 2U);
  CAF_CHECK_EQUAL(seen[1].verdict, "tls_expired");
  add(target);
  CAF_REQUIRE_EQUAL(seen.size(), 3U);
  CAF_CHECK(!seen[2].chain);
  // What fails behind an accepted certificate says nothing against it.
  add(target, with(samples::failure(probe_error::tls_unknown_issuer, "elsewhere"), one, 99));
  CAF_REQUIRE_EQUAL(seen.size(), 4U);
  CAF_CHECK_EQUAL(seen[3].verdict, "accepted");
  add(target, with(samples::failure(probe_error::tls_unwanted, "not judged"), one, 0));
  CAF_REQUIRE_EQUAL(seen.size(), 5U);
  CAF_CHECK_EQUAL(seen[4].verdict, "");
  // It shows none any more, and failed before that was seen.
  add(target, samples::failure(probe_error::refused, "closed"));
  auto plain = samples::success();
  plain.details = std::make_shared<stream::tls_details>();
  add(target, plain);
  CAF_REQUIRE_EQUAL(seen.size(), 6U);
  CAF_CHECK(!seen[5].chain);
  add(target, plain);
  CAF_CHECK_EQUAL(seen.size(), 6U);
  forget(0);
  CAF_CHECK((gone == std::vector<target_index>{0}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace results_suite
