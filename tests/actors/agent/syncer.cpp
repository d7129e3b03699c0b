#define CAF_SUITE syncer

#include "xprober/actors/agent/syncer.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/stats.hpp"
#include "xprober/domain/kind_table.hpp"

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
  std::vector<probe_question> probed;   ///< asked of the prober
  target_ref listed;                    ///< what the manager knows; null: no target
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
          [this](const story_query&) -> caf::result<target_story> {
            if (!listed) {
              return caf::make_error(caf::sec::invalid_argument, "no target has this uid");
            }
            target_story story;
            story.uid = listed->uid;
            story.spec = listed;
            return story;
          },
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
        [](new_server_atom) { return done_atom_v; },
    };
  });
  pusher_actor pusher = reaper.fake<pusher_actor>([this](pusher_actor::pointer) {
    return pusher_actor::behavior_type{
        [](const push_due&) {},
        [](const set_push_interval&) {},
        [this](const server_abilities& told) { abilities.push_back(told.batch_version); },
        [](new_server_atom) { return done_atom_v; },
        [](flush_atom) { return flush_report{}; },
    };
  });

  prober_actor prober = reaper.fake<prober_actor>([this](prober_actor::pointer) {
    return prober_actor::behavior_type{
        [this](const probe_question& question) -> caf::result<probe_answer_ptr> {
          probed.push_back(question);
          auto answer = std::make_shared<probe_answer>();
          if (question.module == "bad") {
            answer->refused = probe_refusal::unknown_module;
            answer->problem = "Unknown module";
          }
          return probe_answer_ptr{answer};
        },
        [](const probe_answered&) {},
        [](const probe_modules&) {},
        [](report_atom) { return done_atom_v; },
        [](done_atom, std::uint64_t) {},
        [](stop_atom) {},
    };
  });

  /// Answers questions with "probed" and "told".
  question_parts answering() const {
    return {prober,
            {[](const probe_question&, const probe_answer&) { return std::string{"probed"}; },
             [](const target_story&) { return std::string{"told"}; }}};
  }

  syncer_actor start(question_parts questions = {}) {
    const auto subject = reaper.keep(sys.spawn(
        syncer, syncer_self{{"cn-south", "10.1.1.1"}, {"1.2.3", "a:1"}, std::move(questions)},
        client, manager, spool, pusher, counters, caf::timespan{5s}, list_protection{50}));
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

CAF_TEST(the server is told what there is to say of the agent) {
  serve(two_targets, "r1");
  const auto subject = start();
  CAF_REQUIRE_EQUAL(server.syncs.size(), 1U);
  CAF_CHECK(server.syncs[0].about == (agent_report{"1.2.3", "a:1", 5000}));
  const own_fault fault{"overload", "too much", 7};
  const agent_backlog waits{3, 900, 1'700'000'000, 12};
  caf::anon_send(subject, own_fault_report{{fault}, "", waits});
  caf::anon_send(subject, set_probe_interval{15s});
  caf::anon_send(subject, set_sync_interval{2s});
  reaper.pass(2s);
  CAF_REQUIRE_EQUAL(server.syncs.size(), 2U);
  CAF_CHECK(server.syncs[1].about ==
            (agent_report{"1.2.3", "a:1", 2000, 15'000, {fault}, false, waits}));
}

CAF_TEST(a goodbye names the process that has asked) {
  serve(two_targets, "r1");
  const auto subject = start();
  CAF_CHECK(reaper.ask<done_atom>(subject, leave_atom_v));
  CAF_REQUIRE_EQUAL(server.goodbyes.size(), 1U);
  CAF_CHECK(server.goodbyes[0] == (leave_request{"cn-south", "10.1.1.1", server.syncs[0].process}));
}

CAF_TEST(a server that does not hear the goodbye is not waited for) {
  serve(two_targets, "r1");
  const auto subject = start();
  server.hold = true;
  CAF_CHECK(!reaper.ask<done_atom>(subject, leave_atom_v));
  CAF_CHECK_EQUAL(server.goodbyes.size(), 1U);
  server.hold = false;
  server.reachable = false;
  reaper.pass(5s);
  CAF_CHECK(reaper.ask<done_atom>(subject, leave_atom_v));
  CAF_MESSAGE("and one that was away at the last question is not told at all");
  CAF_CHECK_EQUAL(server.goodbyes.size(), 1U);
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

CAF_TEST(what a goodbye says is known without a server) {
  server.reachable = false;
  const auto subject = start();
  const auto said = reaper.ask<leave_request>(subject, goodbye_atom_v);
  CAF_REQUIRE(said);
  CAF_CHECK(*said == (leave_request{"cn-south", "10.1.1.1", server.syncs[0].process}));
  CAF_CHECK(server.goodbyes.empty());
}

CAF_TEST(another server is asked for its whole list and hears no revision of the old one) {
  serve(two_targets, list_revision(two_targets));
  const auto subject = start();
  reaper.pass(5s);
  CAF_CHECK(server.syncs.back().differences);
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  CAF_CHECK_EQUAL(counts().revision, "");
  CAF_MESSAGE("and nobody is asked meanwhile");
  const auto asked = server.syncs.size();
  reaper.pass(9s);
  CAF_CHECK_EQUAL(server.syncs.size(), asked);
  caf::anon_send(subject, start_over_atom_v);
  reaper.pass(1ms);
  CAF_REQUIRE_EQUAL(server.syncs.size(), asked + 1);
  CAF_CHECK_EQUAL(server.syncs.back().revision, "");
  CAF_CHECK(!server.syncs.back().differences);
  CAF_CHECK_EQUAL(server.syncs.back().process, server.syncs[0].process);
}

CAF_TEST(a change of the server that nobody ends is over after ten seconds) {
  serve(two_targets, "r1");
  const auto subject = start();
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  reaper.pass(20s);
  CAF_CHECK(server.syncs.size() >= 2U);
}

CAF_TEST(a late answer of the old server is not applied and does not hold up the new one) {
  serve(two_targets, "r1");
  const auto subject = start();
  server.hold = true;
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.held_syncs.size(), 1U);
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  server.hold = false;
  serve(three_targets, "r7");
  caf::anon_send(subject, start_over_atom_v);
  reaper.pass(1ms);
  CAF_REQUIRE_EQUAL(lists.size(), 2U);
  CAF_CHECK_EQUAL(lists.back().revision, "r7");
  reaper.deliver(client, server.held_syncs.at(0),
                 get_targets_response{two_targets, "r9", false, 0, 0});
  CAF_CHECK_EQUAL(lists.size(), 2U);
  CAF_CHECK_EQUAL(counts().revision, "r7");
  CAF_CHECK_EQUAL(abilities.back(), 1U);
}

CAF_TEST(a list of the old server that is applied late is probed and not taken for the new one) {
  serve(two_targets, "r1");
  hold_lists = true;
  const auto subject = start();
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  server.reachable = false;
  caf::anon_send(subject, start_over_atom_v);
  reaper.deliver(manager, held_lists.at(0), apply_report{});
  reaper.pass(5s);
  CAF_CHECK(ready(subject));
  CAF_CHECK(!kept.targets);
  CAF_CHECK_EQUAL(server.syncs.back().revision, "");
  CAF_CHECK_EQUAL(counts().revision, "");
}

CAF_TEST(a kept list that is applied during the change has no revision for the new server) {
  kept = {std::make_shared<const target_list>(two_targets), "r1"};
  server.reachable = false;
  hold_lists = true;
  const auto subject = start();
  CAF_REQUIRE_EQUAL(held_lists.size(), 1U);
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  caf::anon_send(subject, start_over_atom_v);
  reaper.deliver(manager, held_lists[0], apply_report{});
  reaper.pass(5s);
  CAF_CHECK(ready(subject));
  CAF_CHECK_EQUAL(server.syncs.back().revision, "");
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(syncer_question_tests, syncer_fixture)

CAF_TEST(questions are taken when there are some and each is answered by itself) {
  serve(two_targets, "r1");
  start(answering());
  CAF_CHECK(server.syncs.at(0).about.answers_questions);
  CAF_CHECK(server.asked.empty());
  server.list.questions = true;
  const std::string uid = "00000000000000aa";
  server.questions.questions = {{"1", "probe", uid, "http", "eu", "http://a/?token=***"},
                                {"2", "probe", uid, "icmp", "eu", "10.0.0.9", "", 100},
                                {"3", "probe", uid, "icmp", "eu", "10.0.0.9", "bad"},
                                {"4", "story", uid, "icmp", "eu", "10.0.0.9"},
                                {"5", "dance", uid, "icmp", "eu", "10.0.0.9"}};
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.asked.size(), 6U);
  CAF_CHECK_EQUAL(server.asked[0].process, server.syncs[0].process);
  CAF_CHECK(server.asked[0].replies.empty());
  std::map<std::string, agent_reply> replies;
  for (std::size_t i = 1; i < server.asked.size(); ++i) {
    const auto& reply = server.asked[i].replies.at(0);
    replies[reply.id] = reply;
  }
  CAF_CHECK(replies["1"].problem.find("secrets") != std::string::npos);
  CAF_CHECK(replies["2"] == (agent_reply{"2", "", "probed"}));
  CAF_CHECK_EQUAL(replies["3"].problem, "Unknown module");
  CAF_CHECK(replies["4"].problem.find("on its list") != std::string::npos);
  CAF_CHECK(replies["5"].problem.find("dance") != std::string::npos);
  CAF_REQUIRE_EQUAL(probed.size(), 2U);
  CAF_CHECK(probed[0].from_server);
  CAF_CHECK(!probed[0].own);
  CAF_CHECK(probed[0].time_limit == 100ms);
}

CAF_TEST(a server that asks without end is answered in one piece) {
  serve(two_targets, "r1");
  server.list.questions = true;
  for (int i = 0; i < 30; ++i) {
    server.questions.questions.push_back(
        {std::to_string(i), "story", "00000000000000aa", "icmp", "eu", "10.0.0.9"});
  }
  start(answering());
  CAF_REQUIRE_EQUAL(server.asked.size(), 2U + most_questions);
  std::size_t refused = 0;
  for (const auto& request : server.asked) {
    CAF_CHECK_LESS_OR_EQUAL(request.replies.size(), most_questions);
    refused += request.replies.size() == most_questions ? 1 : 0;
  }
  CAF_CHECK_EQUAL(refused, 1U);
}

CAF_TEST(a target of the own list is probed and told of as the list has it) {
  listed = new_counted<target_spec>(
      target_spec{{"eu", "http://a/?token=***", prober_name{kinds::http()}}, 3});
  serve(two_targets, "r1");
  server.list.questions = true;
  server.questions.questions = {{"1", "probe", "00000000000000aa", "http", "eu", "http://other/"},
                                {"2", "story", "00000000000000aa", "http", "eu", "http://other/"}};
  start(answering());
  CAF_REQUIRE_EQUAL(probed.size(), 1U);
  CAF_CHECK(probed[0].own == listed);
  CAF_CHECK_EQUAL(probed[0].target, "http://a/?token=***");
  CAF_CHECK_EQUAL(probed[0].module, "http");
  CAF_REQUIRE_EQUAL(server.asked.size(), 3U);
}

CAF_TEST(an agent without answers takes no questions) {
  serve(two_targets, "r1");
  server.list.questions = true;
  start();
  CAF_CHECK(!server.syncs.at(0).about.answers_questions);
  CAF_CHECK(server.asked.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace syncer_suite
