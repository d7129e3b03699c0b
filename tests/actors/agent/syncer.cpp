#define CAF_SUITE syncer

#include "xprober/actors/agent/syncer.hpp"

#include <string>
#include <vector>

#include "xprober/actors/stats.hpp"

#include "support/fake_server.hpp"

#include "support/actor_reaper.hpp"

namespace syncer_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const target_list two_targets{{"icmp", "cn-north", {"10.0.0.1", "10.0.0.2"}}};
const target_list three_targets{{"icmp", "cn-north", {"10.0.0.1", "10.0.0.2", "10.0.0.3"}}};

/// A manager that keeps the lists it is given.
struct syncer_fixture : xprober_fixture {
  using apply_promise = caf::typed_response_promise<apply_report>;

  fake_server server;
  std::vector<list_update> lists;
  bool hold_lists = false;
  bool holds = false; ///< every list takes away too much
  std::uint64_t duplicates = 0;
  std::vector<apply_promise> held_lists;
  kept_list kept;                       ///< in the spool
  std::vector<kept_change> changes;     ///< told to the spool
  bool keeps_changes = true;            ///< what the spool says to them
  std::vector<std::uint32_t> abilities; ///< told to the pusher
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  rpc_client_actor client = reaper.keep(server.spawn(sys));
  target_manager_actor manager = spawn_manager();

  target_manager_actor spawn_manager() {
    return reaper.fake<target_manager_actor>([this](target_manager_actor::pointer me) {
      return target_manager_actor::behavior_type{
          [this, me](const list_update& update) -> caf::result<apply_report> {
            lists.push_back(update);
            apply_report report;
            if (hold_lists) {
              held_lists.push_back(me->make_response_promise<apply_report>());
              return held_lists.back();
            }
            report.ignored = update.targets->empty() && !update.removed && !update.obey_empty;
            report.held = update.max_removal_percent < 100 && holds;
            report.removed = report.held ? 77 : 0;
            report.duplicates = duplicates;
            return report;
          },
          [](const module_list&) {},
          [](const story_query&) { return target_story{}; },
          [](const target_failed&) {},
          [](const respawn_target&) {},
          [](apply_more_atom) {},
          [](stop_atom) { return done_atom_v; },
          [](targets_ended_atom) {},
      };
    });
  }

  spool_actor spool = reaper.fake<spool_actor>([this](spool_actor::pointer) {
    return spool_actor::behavior_type{
        [](const result_batch&) { return spool_report{}; },
        [](oldest_batch_atom) { return spool_item{}; },
        [](const batch_acked&) { return spool_report{}; },
        [](spool_size_atom) { return spool_report{}; },
        [this](const kept_list& list) { kept = list; },
        [this](const kept_change& change) {
          changes.push_back(change);
          return keeps_changes;
        },
        [this](get_kept_list_atom) { return kept; },
    };
  });
  pusher_actor pusher = reaper.fake<pusher_actor>([this](pusher_actor::pointer) {
    return pusher_actor::behavior_type{
        [](const push_due&) {},
        [](const set_push_interval&) {},
        [this](const server_abilities& told) { abilities.push_back(told.batch_version); },
        [](flush_atom) { return flush_report{}; },
    };
  });

  syncer_actor start() {
    const auto subject =
        reaper.keep(sys.spawn(syncer, agent_identity{"cn-south", "10.1.1.1"}, client, manager,
                              spool, pusher, counters, caf::timespan{5s}, list_protection{50}));
    reaper.pass(0s);
    return subject;
  }

  void serve(target_list targets, std::string revision, bool unchanged = false) {
    server.list = {std::move(targets), std::move(revision), unchanged, 321, 1};
  }

  void serve_difference(const target_list& from, const target_list& to, target_list added,
                        target_list removed) {
    serve({}, list_revision(to));
    server.list.base_revision = list_revision(from);
    server.list.added = std::move(added);
    server.list.removed = std::move(removed);
  }

  sync_stats& counts() { return reaper.state_of<stats_state>(counters).sync; }

  bool ready(const syncer_actor& subject) {
    const auto answer = reaper.ask<bool>(subject, is_ready_atom_v);
    return answer && *answer;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(syncer_tests, syncer_fixture)

CAF_TEST(the server is asked at once and then in every interval) {
  serve(two_targets, "r1");
  start();
  CAF_REQUIRE_EQUAL(server.syncs.size(), 1U);
  CAF_CHECK_EQUAL(server.syncs[0].local_region, "cn-south");
  CAF_CHECK_EQUAL(server.syncs[0].local_ip, "10.1.1.1");
  reaper.pass(4999ms);
  CAF_CHECK_EQUAL(server.syncs.size(), 1U);
  reaper.pass(1ms);
  CAF_CHECK_EQUAL(server.syncs.size(), 2U);
  reaper.pass(20s);
  CAF_REQUIRE_EQUAL(server.syncs.size(), 6U);
  CAF_CHECK_EQUAL(server.syncs[0].process.size(), 32U);
  CAF_CHECK_EQUAL(server.syncs[5].process, server.syncs[0].process);
}

CAF_TEST(a list is handed to the manager with its revision) {
  serve(two_targets, "r1");
  const auto subject = start();
  CAF_REQUIRE_EQUAL(lists.size(), 1U);
  CAF_CHECK((*lists[0].targets == two_targets));
  CAF_CHECK_EQUAL(lists[0].revision, "r1");
  CAF_CHECK(lists[0].obey_empty);
  CAF_CHECK(ready(subject));
  CAF_CHECK_EQUAL(counts().ok, 1U);
  CAF_CHECK_EQUAL(counts().unchanged, 0U);
  CAF_CHECK_EQUAL(counts().revision, "r1");
  CAF_CHECK_EQUAL(counts().last_bytes, 321U);
  CAF_CHECK(counts().last_ok_unix > 0);
}

CAF_TEST(the revision is sent along once its list was applied and not before) {
  serve(two_targets, "r1");
  hold_lists = true;
  const auto subject = start();
  CAF_CHECK_EQUAL(server.syncs.at(0).revision, "");
  CAF_CHECK(!ready(subject));
  CAF_REQUIRE_EQUAL(held_lists.size(), 1U);
  reaper.deliver(manager, held_lists[0], caf::make_error(caf::sec::runtime_error, "no memory"));
  CAF_CHECK_EQUAL(counts().failed, 1U);
  CAF_CHECK(!ready(subject));
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.syncs.size(), 2U);
  CAF_CHECK_EQUAL(server.syncs[1].revision, "");
  CAF_REQUIRE_EQUAL(held_lists.size(), 2U);
  reaper.deliver(manager, held_lists[1], apply_report{});
  CAF_CHECK(ready(subject));
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.at(2).revision, "r1");
}

CAF_TEST(an answer that nothing has changed changes nothing) {
  serve(two_targets, "r1");
  const auto subject = start();
  serve({}, "r1", true);
  reaper.pass(10s);
  CAF_CHECK_EQUAL(lists.size(), 1U);
  CAF_CHECK_EQUAL(counts().ok, 3U);
  CAF_CHECK_EQUAL(counts().unchanged, 2U);
  CAF_CHECK_EQUAL(counts().revision, "r1");
  CAF_CHECK_EQUAL(server.syncs.back().revision, "r1");
  serve(three_targets, "r2");
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(lists.size(), 2U);
  CAF_CHECK((*lists[1].targets == three_targets));
  CAF_CHECK(ready(subject));
}

CAF_TEST(an empty list of a server that knows revisions is to be obeyed) {
  serve({}, "r9");
  start();
  CAF_REQUIRE_EQUAL(lists.size(), 1U);
  CAF_CHECK(lists[0].obey_empty);
}

CAF_TEST(a server that cannot be reached changes nothing) {
  server.reachable = false;
  const auto subject = start();
  reaper.pass(10s);
  CAF_CHECK(lists.empty());
  CAF_CHECK_EQUAL(counts().failed, 3U);
  CAF_CHECK_EQUAL(counts().ok, 0U);
  CAF_CHECK(!counts().last_error.empty());
  CAF_CHECK(!ready(subject));

  server.reachable = true;
  serve(two_targets, "r1");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.size(), 1U);
  CAF_CHECK_EQUAL(counts().ok, 1U);
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK(ready(subject));

  server.reachable = false;
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.size(), 1U);
  CAF_CHECK_EQUAL(counts().failed, 4U);
  CAF_CHECK_EQUAL(counts().revision, "r1");
  CAF_CHECK(ready(subject));
}

CAF_TEST(the same list of a server without revisions is applied once) {
  serve(two_targets, "");
  start();
  reaper.pass(10s);
  CAF_REQUIRE_EQUAL(lists.size(), 1U);
  CAF_CHECK(!lists[0].obey_empty);
  CAF_CHECK_EQUAL(counts().unchanged, 2U);
  serve(three_targets, "");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.size(), 2U);
  serve(two_targets, "");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.size(), 3U);
}

CAF_TEST(an ignored empty list leaves the list before it in force) {
  serve(two_targets, "");
  start();
  serve({}, "");
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(lists.size(), 2U);
  CAF_CHECK(!lists[1].obey_empty);
  serve(two_targets, "");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.size(), 2U);
  CAF_CHECK_EQUAL(counts().failed, 0U);
}

CAF_TEST(no second request is made while one is under way) {
  server.hold = true;
  start();
  reaper.pass(20s);
  CAF_REQUIRE_EQUAL(server.syncs.size(), 1U);
  reaper.deliver(client, server.held_syncs[0], get_targets_response{two_targets, "r1", false, 0});
  CAF_CHECK_EQUAL(lists.size(), 1U);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.size(), 2U);
}

CAF_TEST(no request is made while a list is applied) {
  serve(two_targets, "r1");
  hold_lists = true;
  start();
  reaper.pass(20s);
  CAF_CHECK_EQUAL(server.syncs.size(), 1U);
  CAF_REQUIRE_EQUAL(held_lists.size(), 1U);
  reaper.deliver(manager, held_lists[0], apply_report{});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.size(), 2U);
}

CAF_TEST(a server that never answers is given up and asked again) {
  server.hold = true;
  start();
  reaper.pass(31s);
  CAF_CHECK_EQUAL(counts().failed, 1U);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.size(), 2U);
  CAF_CHECK(lists.empty());
}

CAF_TEST(the interval can be changed) {
  serve(two_targets, "r1");
  const auto subject = start();
  reaper.pass(500ms);
  caf::anon_send(subject, set_sync_interval{1s});
  reaper.pass(999ms);
  CAF_CHECK_EQUAL(server.syncs.size(), 1U);
  reaper.pass(9001ms);
  CAF_CHECK_EQUAL(server.syncs.size(), 11U);
}

CAF_TEST(a list that means something else now is asked for anew and at once) {
  serve(two_targets, "r1");
  const auto subject = start();
  reaper.pass(1s);
  caf::anon_send(subject, start_over_atom_v);
  reaper.pass(1ms);
  CAF_REQUIRE_EQUAL(server.syncs.size(), 2U);
  CAF_CHECK_EQUAL(server.syncs[1].revision, "");
  CAF_CHECK_EQUAL(lists.size(), 2U);
  serve(two_targets, "");
  caf::anon_send(subject, start_over_atom_v);
  reaper.pass(1ms);
  CAF_CHECK_EQUAL(lists.size(), 3U);
}

CAF_TEST(a list that was being applied when its meaning changed is applied once more) {
  serve(two_targets, "r1");
  hold_lists = true;
  const auto subject = start();
  caf::anon_send(subject, start_over_atom_v);
  reaper.pass(1s);
  CAF_REQUIRE_EQUAL(held_lists.size(), 1U);
  reaper.deliver(manager, held_lists[0], apply_report{});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.back().revision, "");
  CAF_CHECK_EQUAL(held_lists.size(), 2U);
}

CAF_TEST(after a jump of the clock the server is asked once and not for every interval missed) {
  serve(two_targets, "r1");
  start();
  reaper.jump(60s);
  reaper.pass(1s);
  CAF_CHECK(server.syncs.size() <= 3);
  server.syncs.clear();
  reaper.pass(50s);
  CAF_CHECK_EQUAL(server.syncs.size(), 10U);
}

CAF_TEST(after stop nothing is asked and a late answer is not applied) {
  server.hold = true;
  const auto subject = start();
  CAF_CHECK(reaper.ask<done_atom>(subject, stop_atom_v));
  reaper.deliver(client, server.held_syncs.at(0),
                 get_targets_response{two_targets, "r1", false, 0});
  reaper.pass(60s);
  CAF_CHECK(lists.empty());
  CAF_CHECK_EQUAL(server.syncs.size(), 1U);
}

CAF_TEST(a difference is asked for once a list was applied whose revision is its hash) {
  serve(two_targets, list_revision(two_targets));
  start();
  CAF_CHECK(!server.syncs[0].differences);
  serve_difference(two_targets, three_targets, {{"icmp", "cn-north", {"10.0.0.3"}}}, {});
  reaper.pass(5s);
  CAF_CHECK(server.syncs[1].differences);
  CAF_REQUIRE_EQUAL(lists.size(), 2U);
  CAF_REQUIRE(lists[1].removed);
  CAF_CHECK((*lists[1].targets == target_list{{"icmp", "cn-north", {"10.0.0.3"}}}));
  CAF_CHECK(lists[1].removed->empty());
  CAF_CHECK_EQUAL(counts().revision, list_revision(three_targets));
  CAF_CHECK_EQUAL(counts().full, 1U);
  CAF_CHECK_EQUAL(counts().differences, 1U);
  CAF_MESSAGE("the spool hears of the change alone");
  CAF_CHECK((*kept.targets == two_targets));
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK_EQUAL(changes[0].base, list_revision(two_targets));
  CAF_CHECK_EQUAL(changes[0].revision, list_revision(three_targets));
  CAF_MESSAGE("and the next one goes from there");
  serve_difference(three_targets, two_targets, {}, {{"icmp", "cn-north", {"10.0.0.3"}}});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs[2].revision, list_revision(three_targets));
  CAF_CHECK_EQUAL(counts().differences, 2U);
  CAF_CHECK_EQUAL(counts().revision, list_revision(two_targets));
  CAF_CHECK_EQUAL(counts().mismatches, 0U);
}

CAF_TEST(a change that cannot be kept makes it ask for the whole list once in a while) {
  keeps_changes = false;
  serve(two_targets, list_revision(two_targets));
  start();
  serve_difference(two_targets, three_targets, {{"icmp", "cn-north", {"10.0.0.3"}}}, {});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().differences, 1U);
  serve(three_targets, list_revision(three_targets));
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.back().revision, "");
  CAF_CHECK_EQUAL(counts().full, 2U);
  CAF_CHECK((*kept.targets == three_targets));
  serve_difference(three_targets, two_targets, {}, {{"icmp", "cn-north", {"10.0.0.3"}}});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(changes.size(), 2U);
  serve({}, list_revision(two_targets), true);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.back().revision, list_revision(two_targets));
}

CAF_TEST(no difference is asked for where it could not be checked) {
  serve(two_targets, "r1");
  start();
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs[1].revision, "r1");
  CAF_CHECK(!server.syncs[1].differences);
  CAF_MESSAGE("nor where a list names targets twice");
  duplicates = 1;
  serve(three_targets, list_revision(three_targets));
  reaper.pass(5s);
  reaper.pass(5s);
  CAF_CHECK(!server.syncs.back().differences);
}

CAF_TEST(a difference that leads elsewhere is answered by asking for the whole list at once) {
  serve(two_targets, list_revision(two_targets));
  start();
  serve_difference(two_targets, three_targets, {{"icmp", "cn-north", {"10.0.0.4"}}}, {});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.size(), 1U);
  CAF_CHECK_EQUAL(counts().mismatches, 2U); // this server has nothing else to say
  CAF_REQUIRE_EQUAL(server.syncs.size(), 3U);
  CAF_CHECK_EQUAL(server.syncs[2].revision, "");
  CAF_CHECK(!server.syncs[2].differences);
  CAF_CHECK_EQUAL(counts().failed, 1U);
  CAF_MESSAGE("but not for ever");
  reaper.pass(4s);
  CAF_CHECK_EQUAL(server.syncs.size(), 3U);
  serve(three_targets, list_revision(three_targets));
  reaper.pass(1s);
  CAF_CHECK_EQUAL(counts().full, 2U);
  reaper.pass(5s);
  CAF_CHECK(server.syncs.back().differences);
}

CAF_TEST(a difference for another list is not applied) {
  serve(two_targets, list_revision(two_targets));
  start();
  serve_difference(three_targets, two_targets, {}, {{"icmp", "cn-north", {"10.0.0.3"}}});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.size(), 1U);
  CAF_CHECK(counts().mismatches > 0);
}

CAF_TEST(a list that takes away too much is applied when it comes again) {
  serve(three_targets, "r1");
  const auto subject = start();
  CAF_CHECK_EQUAL(lists.back().max_removal_percent, 50U);
  holds = true;
  serve(two_targets, "r2");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held, 1U);
  CAF_CHECK_EQUAL(counts().held_removals, 77U);
  CAF_CHECK_EQUAL(counts().revision, "r1");
  CAF_CHECK((*kept.targets == three_targets));
  CAF_MESSAGE("another one has to come twice, too");
  serve({}, "r3");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held, 2U);
  CAF_CHECK_EQUAL(server.syncs.back().revision, "r1");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.back().max_removal_percent, 100U);
  CAF_CHECK_EQUAL(counts().held, 2U);
  CAF_CHECK_EQUAL(counts().held_removals, 0U);
  CAF_CHECK_EQUAL(counts().revision, "r3");
  CAF_MESSAGE("the limit can be changed");
  caf::anon_send(subject, list_protection{20});
  serve(three_targets, "r4");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.back().max_removal_percent, 20U);
}

CAF_TEST(a list that never comes twice is obeyed after some that were held) {
  serve(three_targets, "r1");
  start();
  holds = true;
  for (const auto* revision : {"r2", "r3", "r4"}) {
    serve(two_targets, revision);
    reaper.pass(5s);
    CAF_CHECK_EQUAL(lists.back().max_removal_percent, 50U);
  }
  CAF_CHECK_EQUAL(counts().held, 3U);
  serve(two_targets, "r5");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(lists.back().max_removal_percent, 100U);
  CAF_CHECK_EQUAL(counts().revision, "r5");
}

CAF_TEST(a list that was held is forgotten when the server comes back to the one at hand) {
  serve(three_targets, "r1");
  start();
  holds = true;
  serve(two_targets, "r2");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held, 1U);
  serve({}, "r1", true);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held_removals, 0U);
  serve(two_targets, "r2");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held, 2U);
}

CAF_TEST(a list of a server without revisions is held until it comes again) {
  serve(three_targets, "");
  start();
  holds = true;
  serve(two_targets, "");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held, 1U);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held, 1U);
  CAF_CHECK_EQUAL(lists.back().max_removal_percent, 100U);
  CAF_CHECK_EQUAL(counts().full, 2U);
}

CAF_TEST(a difference that takes away too much is applied when it comes again) {
  serve(three_targets, list_revision(three_targets));
  start();
  holds = true;
  serve_difference(three_targets, two_targets, {}, {{"icmp", "cn-north", {"10.0.0.3"}}});
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().held, 1U);
  reaper.pass(5s);
  CAF_CHECK_EQUAL(counts().differences, 1U);
  CAF_CHECK_EQUAL(counts().revision, list_revision(two_targets));
}

CAF_TEST(the pusher hears what the server can do) {
  serve(two_targets, "r1");
  start();
  serve({}, "r1", true);
  reaper.pass(5s);
  server.list.batch_version = 0;
  reaper.pass(5s);
  CAF_CHECK((abilities == std::vector<std::uint32_t>{1, 1, 0}));
}

CAF_TEST(an applied list is kept and an agent without its server begins with it) {
  serve(two_targets, "r1");
  auto subject = start();
  CAF_REQUIRE(kept.targets);
  CAF_CHECK(!counts().kept_list);
  caf::anon_send_exit(subject, caf::exit_reason::kill);
  reaper.settle();
  lists.clear();
  server.reachable = false;
  subject = start();
  CAF_REQUIRE_EQUAL(lists.size(), 1U);
  CAF_CHECK((*lists[0].targets == two_targets));
  CAF_CHECK(ready(subject));
  CAF_CHECK(counts().kept_list);
  CAF_CHECK_EQUAL(counts().revision, "r1");
  reaper.pass(20s);
  CAF_CHECK_EQUAL(lists.size(), 1U);

  CAF_MESSAGE("the server is there again: its word counts");
  server.reachable = true;
  serve(three_targets, "r2");
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.syncs.back().revision, "r1");
  CAF_CHECK_EQUAL(lists.size(), 2U);
  CAF_CHECK(!counts().kept_list);
}

CAF_TEST(a server that says nothing does not hold up the kept list) {
  kept = {std::make_shared<const target_list>(two_targets), "r1"};
  server.hold = true;
  const auto subject = start();
  reaper.pass(1999ms);
  CAF_CHECK(lists.empty());
  reaper.pass(1ms);
  CAF_CHECK_EQUAL(lists.size(), 1U);
  CAF_CHECK(ready(subject));
  CAF_MESSAGE("its late answer is applied");
  reaper.deliver(client, server.held_syncs.at(0),
                 get_targets_response{three_targets, "r2", false, 0, 1});
  CAF_CHECK_EQUAL(lists.size(), 2U);
  CAF_CHECK(!counts().kept_list);
}

CAF_TEST(an agent that has kept nothing waits for its server) {
  server.reachable = false;
  const auto subject = start();
  reaper.pass(10s);
  CAF_CHECK(lists.empty());
  CAF_CHECK(!ready(subject));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace syncer_suite
