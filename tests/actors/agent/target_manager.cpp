#define CAF_SUITE target_manager

#include "xprober/actors/agent/target_manager.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "xprober/actors/stats.hpp"

#include "support/fake_engine.hpp"
#include "support/fake_results.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace target_manager_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

target_group group(std::vector<std::string> addresses, std::string type = "icmp") {
  return {std::move(type), "cn-north", std::move(addresses)};
}

std::uint64_t hash_of(const std::string& address, const probe_kind& type = kinds::icmp()) {
  return stable_hash({"cn-north", address, type});
}

std::vector<std::string> many(std::size_t count) {
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < count; ++i) {
    addresses.push_back("host-" + std::to_string(i));
  }
  return addresses;
}

/// The wheel and the results are fakes that know who is there now.
struct manager_fixture : xprober_fixture {
  fake_engine icmp;
  fake_engine http;
  std::map<target_index, target_actor> ticked; ///< who is in the wheel
  std::map<target_index, target_ref> listed;   ///< whom results knows
  std::vector<probe_result_ptr> got;
  int scheduled = 0;
  int out_of_order = 0; ///< an index was given away before it was free
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  results_actor sink = spawn_results();
  ticker_actor wheel = spawn_ticker();
  target_manager_actor manager = reaper.keep(
      sys.spawn(target_manager, engine_table{{{&kinds::icmp(), &icmp}, {&kinds::http(), &http}}},
                sink, wheel, counters, std::vector<prober_name>{}, nullptr));

  results_actor spawn_results() {
    const auto result = [this](const probe_result_ptr& one) { got.push_back(one); };
    const auto begins = [this](const target_begun& begun) {
      out_of_order += listed.emplace(begun.target->index, begun.target).second ? 0 : 1;
    };
    const auto ends = [this](const target_gone& gone) { listed.erase(gone.index); };
    return reaper.keep(fake_results::spawn(sys, fake_stats::any_of{result, begins, ends}));
  }

  ticker_actor spawn_ticker() {
    return reaper.fake<ticker_actor>([this](ticker_actor::pointer) {
      return ticker_actor::behavior_type{
          [this](const schedule_target& what, const target_actor& target) {
            ++scheduled;
            out_of_order += ticked.emplace(what.index, target).second ? 0 : 1;
          },
          [this](const unschedule_target& gone) { ticked.erase(gone.index); },
          [](const set_probe_interval&) {},
          [](const wheel_due&) {},
          [](stop_atom) { return done_atom_v; },
      };
    });
  }

  apply_report apply(target_list list, bool obey_empty = false) {
    auto report = reaper.ask<apply_report>(manager, update(std::move(list), "r1", obey_empty));
    CAF_REQUIRE(report);
    return *report;
  }

  static list_update update(target_list list, std::string revision, bool obey_empty = true) {
    return {std::make_shared<const target_list>(std::move(list)), std::move(revision), obey_empty};
  }

  apply_report protect(target_list list, std::uint32_t percent = 50) {
    auto wanted = update(std::move(list), "r1");
    wanted.max_removal_percent = percent;
    auto report = reaper.ask<apply_report>(manager, wanted);
    CAF_REQUIRE(report);
    return *report;
  }

  apply_report change(target_list added, target_list removed, std::uint32_t percent = 100) {
    auto wanted = update(std::move(added), "r2");
    wanted.removed = std::make_shared<const target_list>(std::move(removed));
    wanted.max_removal_percent = percent;
    auto report = reaper.ask<apply_report>(manager, wanted);
    CAF_REQUIRE(report);
    return *report;
  }

  std::set<std::string> addresses() const {
    std::set<std::string> all;
    for (const auto& [index, target] : listed) {
      all.insert(target->uid.address);
    }
    return all;
  }

  void tick_all() {
    for (const auto& [index, target] : std::map{ticked}) {
      caf::anon_send(target, tick{reaper.now()});
    }
    reaper.settle();
  }

  actor_stats target_counts() {
    auto snapshot = reaper.ask<stats_snapshot>(counters, get_stats_atom_v);
    CAF_REQUIRE(snapshot);
    return snapshot->actors["target"];
  }

  target_manager_state& state() { return reaper.state_of<target_manager_state>(manager); }
};

using names = std::set<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(target_manager_tests, manager_fixture)

CAF_TEST(a list is obeyed by its difference) {
  auto report = apply({group({"a", "b", "c"})});
  CAF_CHECK_EQUAL(report.added, 3U);
  CAF_CHECK_EQUAL(report.kept, 0U);
  CAF_CHECK((addresses() == names{"a", "b", "c"}));
  CAF_CHECK_EQUAL(ticked.size(), 3U);
  const auto before = ticked;

  report = apply({group({"c", "d"}), group({"a"})});
  CAF_CHECK_EQUAL(report.added, 1U);
  CAF_CHECK_EQUAL(report.kept, 2U);
  CAF_CHECK_EQUAL(report.removed, 1U);
  CAF_CHECK(!report.ignored);
  CAF_CHECK((addresses() == names{"a", "c", "d"}));
  CAF_CHECK_EQUAL(ticked.size(), 3U);
  for (const auto& [index, target] : listed) {
    if (target->uid.address != "d") {
      CAF_CHECK(before.at(index) == ticked.at(index));
    }
  }
  const auto counts = target_counts();
  CAF_CHECK_EQUAL(counts.spawned, 4U);
  CAF_CHECK_EQUAL(counts.stopped, 1U);
  CAF_CHECK_EQUAL(counts.running, 3U);
}

CAF_TEST(targets differ by region and type as well as by address) {
  const auto report = apply({group({"a"}), {"icmp", "eu", {"a"}}, group({"a"}, "http")});
  CAF_CHECK_EQUAL(report.added, 3U);
  tick_all();
  CAF_CHECK_EQUAL(icmp.probes.size(), 2U);
  CAF_CHECK_EQUAL(http.probes.size(), 1U);
  const auto& counted = reaper.state_of<stats_state>(counters).targets;
  CAF_CHECK_EQUAL(counted.count.by_kind.at("icmp"), 2U);
  CAF_CHECK_EQUAL(counted.count.by_kind.at("http"), 1U);
}

CAF_TEST(a module decides which engine probes its targets) {
  const prober_name slow{"slow", &kinds::icmp()};
  const prober_name post{"post", &kinds::http()};
  caf::anon_send(manager, module_list{{post, slow}});
  const auto report =
      apply({group({"a"}, "slow"), group({"a"}, "post"), group({"a"}), group({"a"}, "other")});
  CAF_CHECK_EQUAL(report.added, 3U);
  CAF_CHECK_EQUAL(report.unknown_type, 1U);
  tick_all();
  CAF_CHECK_EQUAL(icmp.probes.size(), 2U);
  CAF_REQUIRE_EQUAL(http.probes.size(), 1U);
  CAF_CHECK((http.probes[0].request.target->uid.type == post));
  const auto& counted = reaper.state_of<stats_state>(counters).targets;
  CAF_CHECK_EQUAL(counted.count.by_kind.at("icmp"), 2U);
  CAF_CHECK_EQUAL(counted.count.by_kind.at("http"), 1U);
}

CAF_TEST(targets of a module that goes or is built on another type are killed) {
  const prober_name one{"one", &kinds::icmp()};
  const prober_name two{"two", &kinds::icmp()};
  caf::anon_send(manager, module_list{{one, two}});
  const target_list list{group({"a"}, "one"), group({"b"}, "two"), group({"c"})};
  apply(list);
  caf::anon_send(manager, module_list{{prober_name{"two", &kinds::http()}}});
  reaper.settle();
  CAF_CHECK((addresses() == names{"c"}));
  CAF_CHECK_EQUAL(ticked.size(), 1U);
  const auto report = apply(list);
  CAF_CHECK_EQUAL(report.added, 1U);
  CAF_CHECK_EQUAL(report.kept, 1U);
  CAF_CHECK_EQUAL(report.unknown_type, 1U);
  tick_all();
  CAF_CHECK_EQUAL(http.probes.size(), 1U);
  CAF_CHECK_EQUAL(out_of_order, 0);
  CAF_CHECK_EQUAL(target_counts().running, 2U);
}

CAF_TEST(the user of a url is kept apart from what is shown) {
  const auto report = apply({group({"http://u:p@h/", "http://h/"}, "http")});
  CAF_CHECK_EQUAL(report.added, 1U);
  CAF_CHECK_EQUAL(report.duplicates, 1U);
  CAF_CHECK((addresses() == names{"http://h/"}));
  tick_all();
  CAF_REQUIRE_EQUAL(http.probes.size(), 1U);
  CAF_REQUIRE(http.probes[0].request.target->user_info);
  CAF_CHECK_EQUAL(*http.probes[0].request.target->user_info, "u:p");
  CAF_MESSAGE("the same user is the same target, another one is another");
  CAF_CHECK_EQUAL(apply({group({"http://u:p@h/"}, "http")}).kept, 1U);
  const auto changed = apply({group({"http://u:new@h/"}, "http")});
  CAF_CHECK_EQUAL(changed.added, 1U);
  CAF_CHECK_EQUAL(changed.removed, 1U);
  tick_all();
  CAF_CHECK_EQUAL(*http.probes.back().request.target->user_info, "u:new");
  CAF_CHECK_EQUAL(out_of_order, 0);
}

CAF_TEST(a target that is named twice is one) {
  auto report = apply({group({"a", "a"}), group({"b", "a"})});
  CAF_CHECK_EQUAL(report.added, 2U);
  CAF_CHECK_EQUAL(report.duplicates, 2U);
  CAF_CHECK_EQUAL(ticked.size(), 2U);
  report = apply({group({"a", "a"}), group({"b"})});
  CAF_CHECK_EQUAL(report.kept, 2U);
  CAF_CHECK_EQUAL(report.duplicates, 1U);
  CAF_CHECK_EQUAL(report.removed, 0U);
  CAF_CHECK_EQUAL(reaper.state_of<stats_state>(counters).targets.duplicates, 1U);
}

CAF_TEST(targets of an unknown type are skipped and counted) {
  const auto report = apply({group({"a", "b"}, "dns"), group({"c"}), group({"d"}, "ICMP")});
  CAF_CHECK_EQUAL(report.unknown_type, 3U);
  CAF_CHECK_EQUAL(report.added, 1U);
  CAF_CHECK((addresses() == names{"c"}));
  CAF_CHECK_EQUAL(reaper.state_of<stats_state>(counters).targets.unknown_type, 3U);
  const auto& warnings = reaper.state_of<stats_state>(counters).warnings["target_manager"];
  CAF_REQUIRE_EQUAL(warnings.size(), 1U);
  CAF_CHECK(warnings[0] == "targets that this agent skips because it has no module of their type: "
                           "3 ('dns', 'ICMP')");
  apply({group({"c"}), group({"d"}, "htpp")});
  CAF_CHECK(reaper.state_of<stats_state>(counters).warnings["target_manager"].at(0).ends_with(
      ": 1 ('htpp': do you mean http?)"));
  apply({group({"c"})});
  CAF_CHECK(reaper.state_of<stats_state>(counters).warnings["target_manager"].empty());
}

CAF_TEST(an empty list is ignored unless it is to be obeyed) {
  apply({group({"a", "b"})});
  for (const auto& nothing : {target_list{}, target_list{group({}), group({}, "http")}}) {
    const auto report = apply(nothing);
    CAF_CHECK(report.ignored);
    CAF_CHECK_EQUAL(ticked.size(), 2U);
  }
  const auto report = apply({}, true);
  CAF_CHECK(!report.ignored);
  CAF_CHECK_EQUAL(report.removed, 2U);
  CAF_CHECK(ticked.empty());
  CAF_CHECK(listed.empty());
}

CAF_TEST(a difference is applied to what is there) {
  apply({group({"a", "b", "c"}), group({"http://h/"}, "http"), group({"x"}, "dns")});
  auto report = change({group({"d"}), group({"http://i/"}, "http"), group({"y", "z"}, "dns")},
                       {group({"a", "never-there"}),
                        group({"http://h/"}, "http"),
                        group({"x"}, "dns"),
                        {"icmp", "eu", {"b"}}});
  CAF_CHECK_EQUAL(report.added, 2U);
  CAF_CHECK_EQUAL(report.removed, 2U);
  CAF_CHECK((addresses() == names{"b", "c", "d", "http://i/"}));
  CAF_CHECK_EQUAL(ticked.size(), 4U);
  CAF_CHECK_EQUAL(reaper.state_of<stats_state>(counters).targets.unknown_type, 2U);
  CAF_CHECK_EQUAL(out_of_order, 0);
  CAF_MESSAGE("a whole list after it is right, too");
  report = apply({group({"b", "d"})});
  CAF_CHECK_EQUAL(report.kept, 2U);
  CAF_CHECK_EQUAL(report.removed, 2U);
}

CAF_TEST(a difference that changes the user of a url makes it a new target) {
  apply({group({"http://u:p@h/"}, "http")});
  const auto before = listed.begin()->second;
  const auto report =
      change({group({"http://u:q@h/"}, "http")}, {group({"http://u:p@h/"}, "http")});
  CAF_CHECK_EQUAL(report.added, 1U);
  CAF_CHECK_EQUAL(report.removed, 1U);
  CAF_REQUIRE_EQUAL(listed.size(), 1U);
  CAF_CHECK(listed.begin()->second != before);
  CAF_CHECK_EQUAL(*listed.begin()->second->user_info, "u:q");
  CAF_MESSAGE("the user that is taken out is not the one there");
  change({}, {group({"http://u:p@h/"}, "http")});
  CAF_CHECK_EQUAL(listed.size(), 1U);
}

CAF_TEST(a long difference is applied in steps) {
  apply({group({"a"})});
  auto wanted = update({group(many(5'000))}, "r2");
  wanted.removed = std::make_shared<const target_list>(target_list{group({"a"})});
  auto changing = self->request(manager, caf::infinite, wanted);
  CAF_REQUIRE(sched.prioritize(manager));
  sched.run_once();
  CAF_CHECK(!state().jobs.empty());
  reaper.pass(0s);
  changing.receive([](apply_report& r) { CAF_CHECK_EQUAL(r.added, 5'000U); },
                   [](caf::error&) { CAF_FAIL("the difference was not applied"); });
  CAF_CHECK_EQUAL(ticked.size(), 5'000U);
}

CAF_TEST(a list that takes away too much is held and changes nothing) {
  apply({group(many(100))});
  auto report = protect({group({"host-1", "new"})});
  CAF_CHECK(report.held);
  CAF_CHECK_EQUAL(report.removed, 99U);
  CAF_CHECK_EQUAL(listed.size(), 100U);
  CAF_CHECK(addresses().count("new") == 0);
  CAF_MESSAGE("half of them is allowed, one more is not");
  CAF_CHECK(protect({group(many(49))}).held);
  report = protect({group(many(50))});
  CAF_CHECK(!report.held);
  CAF_CHECK_EQUAL(report.removed, 50U);
  CAF_MESSAGE("so it is with a difference");
  report = change({}, {group(many(26))}, 50);
  CAF_CHECK(report.held);
  CAF_CHECK_EQUAL(report.removed, 26U);
  CAF_CHECK(!change({}, {group(many(25))}, 50).held);
  CAF_CHECK_EQUAL(listed.size(), 25U);
  CAF_MESSAGE("repeats in a list are no targets of their own");
  CAF_CHECK(protect({group({"host-30", "host-30", "host-30", "host-30"})}).held);
  CAF_MESSAGE("without protection it is obeyed");
  CAF_CHECK_EQUAL(protect({group({"host-30"})}, 100).removed, 24U);
}

CAF_TEST(targets that are not probed here do not count when they go) {
  auto unknown = group(many(300));
  unknown.prober_type = "nobody_knows";
  apply({group(many(20)), unknown});
  CAF_CHECK(!change({}, {unknown}, 50).held);
  apply({group(many(20)), unknown});
  CAF_CHECK(!change({group({"new"})}, {unknown}, 100).held);
  CAF_CHECK_EQUAL(listed.size(), 21U);
}

CAF_TEST(few targets may always go but not the last ones) {
  apply({group(many(10))});
  CAF_CHECK_EQUAL(protect({group({"host-0"})}).removed, 9U);
  const auto report = protect({});
  CAF_CHECK(report.held);
  CAF_CHECK_EQUAL(report.removed, 1U);
  CAF_CHECK_EQUAL(listed.size(), 1U);
  CAF_CHECK_EQUAL(protect({}, 100).removed, 1U);
  CAF_CHECK(!protect({}).held); // there is nothing to protect
}

CAF_TEST(an index is used again once it is free) {
  apply({group({"a", "b", "c"})});
  apply({group({"b"})});
  apply({group({"b", "d", "e"})});
  CAF_CHECK_EQUAL(out_of_order, 0);
  CAF_CHECK((addresses() == names{"b", "d", "e"}));
  CAF_CHECK_EQUAL(listed.rbegin()->first, 2U);
}

CAF_TEST(a target is found by the hash of its uid) {
  apply({group({"a", "b"})});
  const auto story = reaper.ask<target_story>(manager, story_query{hash_of("b")});
  CAF_REQUIRE(story);
  CAF_CHECK_EQUAL(story->uid.address, "b");
  CAF_CHECK(!reaper.ask<target_story>(manager, story_query{hash_of("x")}));
  apply({group({"a"})});
  CAF_CHECK(!reaper.ask<target_story>(manager, story_query{hash_of("b")}));
}

CAF_TEST(a long list is applied in steps with others at work in between) {
  auto listing = self->request(manager, caf::infinite, update({group(many(10'000))}, "r1"));
  reaper.settle();
  std::size_t steps = 1;
  for (std::size_t before = 0; sched.has_pending_timeout(); ++steps) {
    CAF_CHECK(ticked.size() - before <= 500);
    before = ticked.size();
    auto question = self->request(manager, caf::infinite, story_query{hash_of("host-0")});
    reaper.settle();
    CAF_REQUIRE(self->peek_at_next_mailbox_element() != nullptr);
    question.receive([](target_story&) {}, [](caf::error&) { CAF_FAIL("no story"); });
    sched.trigger_timeout();
    reaper.settle();
  }
  CAF_CHECK(steps >= 20);
  CAF_CHECK_EQUAL(ticked.size(), 10'000U);
  CAF_REQUIRE(self->peek_at_next_mailbox_element() != nullptr);
  listing.receive([](apply_report& report) { CAF_CHECK_EQUAL(report.added, 10'000U); },
                  [](caf::error&) { CAF_FAIL("the list was not applied"); });
}

CAF_TEST(a list of nothing but empty and unknown groups is applied in steps too) {
  target_list list(10'000, group({}));
  list.resize(20'000, group({"a"}, "dns"));
  auto listing = self->request(manager, caf::infinite, update(std::move(list), "r1"));
  CAF_REQUIRE(sched.prioritize(manager));
  sched.run_once();
  CAF_CHECK(!state().jobs.empty());
  reaper.pass(0s);
  listing.receive([](apply_report& report) { CAF_CHECK_EQUAL(report.unknown_type, 10'000U); },
                  [](caf::error&) { CAF_FAIL("the list was not applied"); });
}

CAF_TEST(lists that come while one is applied are applied in turn) {
  auto first = self->request(manager, caf::infinite, update({group(many(5'000))}, "r1"));
  auto second = self->request(manager, caf::infinite, update({group(many(4'000))}, "r2"));
  auto third = self->request(manager, caf::infinite, update({group({"host-1", "z"})}, "r3"));
  reaper.pass(0s);
  const auto fail = [](caf::error&) { CAF_FAIL("the list was not applied"); };
  first.receive([](apply_report& r) { CAF_CHECK_EQUAL(r.added, 5'000U); }, fail);
  second.receive(
      [](apply_report& r) {
        CAF_CHECK_EQUAL(r.kept, 4'000U);
        CAF_CHECK_EQUAL(r.removed, 1'000U);
      },
      fail);
  third.receive(
      [](apply_report& r) {
        CAF_CHECK_EQUAL(r.added, 1U);
        CAF_CHECK_EQUAL(r.kept, 1U);
        CAF_CHECK_EQUAL(r.removed, 3'999U);
      },
      fail);
  CAF_CHECK((addresses() == names{"host-1", "z"}));
  CAF_CHECK_EQUAL(ticked.size(), 2U);
}

CAF_TEST(a target that died of an error comes back after waits that double) {
  apply({group({"a", "b"})});
  tick_all();
  icmp.finish(0, samples::success());
  icmp.finish(1, samples::success());
  reaper.settle();
  icmp.broken = true;
  std::uint64_t deaths = 0;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    tick_all();
    deaths += 2;
    CAF_CHECK(ticked.empty());
    CAF_CHECK_EQUAL(target_counts().failed, deaths);
    CAF_CHECK_EQUAL(target_counts().running, 0U);
    CAF_CHECK(!reaper.ask<target_story>(manager, story_query{hash_of("a")}));
    reaper.pass(wait - 1ms);
    CAF_CHECK(ticked.empty());
    reaper.pass(1ms);
    CAF_CHECK_EQUAL(ticked.size(), 2U);
    CAF_CHECK_EQUAL(target_counts().running, 2U);
  }
  icmp.broken = false;
  tick_all();
  CAF_CHECK_EQUAL(icmp.probes.size(), 4U);
  CAF_CHECK((addresses() == names{"a", "b"}));
  CAF_CHECK_EQUAL(target_counts().stopped, 0U);

  CAF_MESSAGE("after five minutes without a failure the first wait is short again");
  reaper.pass(301s);
  icmp.broken = true;
  icmp.finish(2, samples::success());
  icmp.finish(3, samples::success());
  reaper.settle();
  tick_all();
  CAF_CHECK(ticked.empty());
  reaper.pass(1s);
  CAF_CHECK_EQUAL(ticked.size(), 2U);
}

CAF_TEST(a target that is removed while it waits does not come back) {
  apply({group({"a", "b"})});
  icmp.broken = true;
  tick_all();
  CAF_CHECK_EQUAL(apply({group({"b", "c"})}).removed, 1U);
  CAF_CHECK((addresses() == names{"b", "c"}));
  reaper.pass(10s);
  CAF_CHECK_EQUAL(ticked.size(), 2U);
  CAF_CHECK_EQUAL(out_of_order, 0);
  const auto counts = target_counts();
  CAF_CHECK_EQUAL(counts.spawned, 4U);
  CAF_CHECK_EQUAL(counts.failed, 2U);
  CAF_CHECK_EQUAL(counts.stopped, 0U);
  CAF_CHECK_EQUAL(counts.running, 2U);
}

CAF_TEST(a target waits its own time and not that of the one that had its index before) {
  apply({group({"a"})});
  icmp.broken = true;
  tick_all();
  reaper.pass(500ms);
  apply({group({"b"})});
  apply({group({"b", "c"})});
  CAF_REQUIRE_EQUAL(listed.at(0)->uid.address, "c");
  caf::anon_send(ticked.at(0), tick{reaper.now()});
  reaper.pass(999ms);
  CAF_CHECK_EQUAL(ticked.size(), 1U);
  reaper.pass(1ms);
  CAF_CHECK_EQUAL(ticked.size(), 2U);
}

CAF_TEST(a target that is kept while it waits comes back once) {
  apply({group({"a"})});
  icmp.broken = true;
  tick_all();
  CAF_CHECK_EQUAL(apply({group({"a", "b"})}).kept, 1U);
  CAF_CHECK_EQUAL(ticked.size(), 1U);
  reaper.pass(1s);
  CAF_CHECK_EQUAL(ticked.size(), 2U);
  CAF_CHECK_EQUAL(scheduled, 3);
}

CAF_TEST(a target that fails as it is removed is counted once) {
  apply({group({"a", "b"})});
  const auto gone = listed.begin()->second;
  apply({group({listed.rbegin()->second->uid.address})});
  caf::anon_send(manager, target_failed{gone, "too late"});
  reaper.settle();
  const auto counts = target_counts();
  CAF_CHECK_EQUAL(counts.stopped, 1U);
  CAF_CHECK_EQUAL(counts.failed, 0U);
  CAF_CHECK_EQUAL(counts.running, 1U);
  reaper.pass(10s);
  CAF_CHECK_EQUAL(scheduled, 2);
}

CAF_TEST(stop ends all targets and keeps their results) {
  apply({group({"a", "b"}), group({"c"}, "http")});
  CAF_CHECK(reaper.ask<done_atom>(manager, stop_atom_v));
  CAF_CHECK_EQUAL(listed.size(), 3U);
  for (const auto& [index, target] : ticked) {
    CAF_CHECK(!reaper.ask<target_story>(target, describe_atom_v));
  }
  const auto counts = target_counts();
  CAF_CHECK_EQUAL(counts.stopped, 3U);
  CAF_CHECK_EQUAL(counts.running, 0U);
  CAF_CHECK(reaper.ask<done_atom>(manager, stop_atom_v));
  CAF_CHECK(apply({group({"z"})}).ignored);
  CAF_CHECK_EQUAL(scheduled, 3);
}

CAF_TEST(stop without targets is answered) {
  CAF_CHECK(reaper.ask<done_atom>(manager, stop_atom_v));
}

CAF_TEST(stop is answered when every target has ended and its last result is on its way) {
  apply({group({"a", "b", "c"})});
  tick_all();
  icmp.finish(1, samples::success());
  std::set<caf::actor_id> targets;
  for (const auto& [index, target] : ticked) {
    targets.insert(target->id());
  }
  ticked.clear();
  auto first = self->request(manager, caf::infinite, stop_atom_v);
  auto second = self->request(manager, caf::infinite, stop_atom_v);
  sched.run_jobs_filtered([&](caf::resumable* job) {
    return targets.count(dynamic_cast<caf::local_actor&>(*job).id()) == 0;
  });
  CAF_CHECK(got.empty());
  CAF_CHECK(self->peek_at_next_mailbox_element() == nullptr);
  reaper.settle();
  CAF_MESSAGE("one was measured, and the two probes that still ran have a result that says so");
  CAF_CHECK_EQUAL(got.size(), 3U);
  CAF_CHECK_EQUAL(std::ranges::count_if(got, [](const auto& r) { return r->outcome.success; }), 1);
  CAF_REQUIRE(self->peek_at_next_mailbox_element() != nullptr);
  const auto fail = [](caf::error&) { CAF_FAIL("stop failed"); };
  first.receive([](done_atom) {}, fail);
  second.receive([](done_atom) {}, fail);
}

CAF_TEST(stop waits neither for probes in flight nor for targets that wait to come back) {
  apply({group({"a"}), group({"b"}, "http")});
  http.broken = true;
  tick_all();
  CAF_CHECK(reaper.ask<done_atom>(manager, stop_atom_v));
  reaper.pass(10s);
  CAF_CHECK_EQUAL(scheduled, 2);
}

CAF_TEST(stop while a list is applied ends that as well) {
  auto listing = self->request(manager, caf::infinite, update({group(many(5'000))}, "r1"));
  sched.prioritize(manager);
  sched.run_once();
  auto stopping = self->request(manager, caf::infinite, stop_atom_v);
  reaper.pass(0s);
  listing.receive([](apply_report&) { CAF_FAIL("the list was applied"); }, [](caf::error&) {});
  stopping.receive([](done_atom) {}, [](caf::error&) { CAF_FAIL("stop failed"); });
  CAF_CHECK(ticked.size() < 1'000);
  CAF_CHECK_EQUAL(target_counts().running, 0U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace target_manager_suite
