#define CAF_SUITE terminator

#include "xprober/actors/agent/terminator.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/actor_reaper.hpp"

namespace terminator_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

/// All parts are fakes that tell when they are asked to stop; a part that hangs does not answer.
struct terminator_fixture : xprober_fixture {
  std::vector<std::string> events;
  std::string hanging;
  bool drain_at_once = true;
  std::vector<std::function<void()>> drained; ///< what a drain that takes its time calls back
  std::vector<caf::typed_response_promise<done_atom>> never_done;
  std::vector<caf::typed_response_promise<flush_report>> never_flushed;
  actor_reaper reaper{*this};
  target_manager_actor manager = spawn_manager();
  ticker_actor wheel = spawn_ticker();
  pusher_actor flusher = spawn_pusher();
  terminator_actor subject = reaper.keep(
      sys.spawn(terminator,
                terminator_parts{spawn_syncer(), wheel,
                                 [this](std::function<void()> done) { drain(std::move(done)); },
                                 manager, flusher, stats_actor{}},
                caf::timespan{10s}));

  template <class Self>
  caf::result<done_atom> stopped(Self* me, const std::string& part) {
    events.push_back(part);
    if (hanging == part) {
      never_done.push_back(me->template make_response_promise<done_atom>());
      return never_done.back();
    }
    return done_atom_v;
  }

  syncer_actor spawn_syncer() {
    return reaper.fake<syncer_actor>([this](syncer_actor::pointer me) {
      return syncer_actor::behavior_type{
          [](const sync_due&) {},
          [](start_over_atom) {},
          [](use_kept_list_atom) {},
          [](const set_sync_interval&) {},
          [](const list_protection&) {},
          [](const own_fault_report&) {},
          [](const set_probe_interval&) {},
          [](is_ready_atom) { return true; },
          [this, me](leave_atom) { return stopped(me, "goodbye"); },
          [](goodbye_atom) { return leave_request{}; },
          [](new_server_atom) { return done_atom_v; },
          [this, me](stop_atom) { return stopped(me, "syncer"); },
      };
    });
  }

  ticker_actor spawn_ticker() {
    return reaper.fake<ticker_actor>([this](ticker_actor::pointer me) {
      return ticker_actor::behavior_type{
          [](const schedule_target&, const target_actor&) {},
          [](const unschedule_target&) {},
          [](const set_probe_interval&) {},
          [](const wheel_due&) {},
          [this, me](stop_atom) { return stopped(me, "ticker"); },
      };
    });
  }

  target_manager_actor spawn_manager() {
    return reaper.fake<target_manager_actor>([this](target_manager_actor::pointer me) {
      return target_manager_actor::behavior_type{
          [](const list_update&) { return apply_report{}; },
          [](const module_list&) {},
          [](const story_query&) { return target_story{}; },
          [](const target_failed&) {},
          [](const respawn_target&) {},
          [](apply_more_atom) {},
          [this, me](stop_atom) { return stopped(me, "manager"); },
          [](targets_ended_atom) {},
      };
    });
  }

  pusher_actor spawn_pusher() {
    return reaper.fake<pusher_actor>([this](pusher_actor::pointer me) {
      return pusher_actor::behavior_type{
          [](const push_due&) {},
          [](const set_push_interval&) {},
          [](const server_abilities&) {},
          [](new_server_atom) { return done_atom_v; },
          [this, me](flush_atom) -> caf::result<flush_report> {
            events.emplace_back("flush");
            if (hanging == "pusher") {
              never_flushed.push_back(me->make_response_promise<flush_report>());
              return never_flushed.back();
            }
            return flush_report{5, 2, 7};
          },
      };
    });
  }

  void drain(std::function<void()> done) {
    events.emplace_back("drain");
    if (drain_at_once) {
      done();
    } else {
      drained.push_back(std::move(done));
    }
  }

  /// Asks it to stop, and lets so much time pass for the answer.
  caf::expected<flush_report> stop_within(caf::timespan length) {
    auto request = self->request(subject, caf::infinite, stop_atom_v);
    reaper.pass(length);
    caf::expected<flush_report> answer{caf::make_error(caf::sec::request_timeout)};
    if (self->peek_at_next_mailbox_element() != nullptr) {
      request.receive([&](flush_report& report) { answer = report; },
                      [&](caf::error& why) { answer = std::move(why); });
    }
    return answer;
  }

  void kill(const caf::strong_actor_ptr& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    reaper.settle();
  }
};

using order = std::vector<std::string>;
const order whole{"syncer", "ticker", "drain", "manager", "flush", "goodbye"};

} // namespace

CAF_TEST_FIXTURE_SCOPE(terminator_tests, terminator_fixture)

CAF_TEST(parts end in order and the answer is how the flush ended) {
  const auto report = stop_within(0s);
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 5U);
  CAF_CHECK_EQUAL(report->pending, 2U);
  CAF_CHECK_EQUAL(report->kept, 7U);
  CAF_CHECK((events == whole));
}

CAF_TEST(nothing happens before it is asked) {
  reaper.pass(60s);
  CAF_CHECK(events.empty());
}

CAF_TEST(targets live until the probes in flight have ended) {
  drain_at_once = false;
  CAF_CHECK(!stop_within(3s));
  CAF_CHECK((events == order{"syncer", "ticker", "drain"}));
  CAF_REQUIRE_EQUAL(drained.size(), 1U);
  drained[0]();
  reaper.settle();
  CAF_CHECK((events == whole));
  CAF_CHECK(stop_within(0s));
}

CAF_TEST(probes that do not end hold it up for half of the time at most) {
  drain_at_once = false;
  CAF_CHECK(!stop_within(4999ms));
  CAF_CHECK_EQUAL(events.back(), "drain");
  const auto report = stop_within(1ms);
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 5U);
  CAF_CHECK((events == whole));
  CAF_MESSAGE("a call back that comes later does nothing more");
  drained.at(0)();
  reaper.pass(20s);
  CAF_CHECK((events == whole));
}

CAF_TEST(a second request gets the same answer) {
  drain_at_once = false;
  auto first = self->request(subject, caf::infinite, stop_atom_v);
  auto second = self->request(subject, caf::infinite, stop_atom_v);
  reaper.pass(6s);
  const auto check = [](flush_report& report) { CAF_CHECK_EQUAL(report.pushed, 5U); };
  const auto fail = [](caf::error&) { CAF_FAIL("stop failed"); };
  CAF_REQUIRE(self->peek_at_next_mailbox_element() != nullptr);
  first.receive(check, fail);
  CAF_REQUIRE(self->peek_at_next_mailbox_element() != nullptr);
  second.receive(check, fail);
  CAF_CHECK((events == whole));
}

CAF_TEST(a request after the end gets the same answer) {
  CAF_CHECK(stop_within(0s));
  const auto late = stop_within(0s);
  CAF_REQUIRE(late);
  CAF_CHECK_EQUAL(late->pushed, 5U);
  CAF_CHECK_EQUAL(late->pending, 2U);
  CAF_CHECK((events == whole));
}

CAF_TEST(a server that does not hear the goodbye is waited for a second) {
  hanging = "goodbye";
  CAF_CHECK(!stop_within(999ms));
  const auto report = stop_within(1ms);
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 5U);
  CAF_CHECK((events == whole));
}

CAF_TEST(a dead pusher does not hold it up) {
  kill(caf::actor_cast<caf::strong_actor_ptr>(flusher));
  const auto report = stop_within(0s);
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 0U);
}

CAF_TEST(dead tickers and managers do not hold it up) {
  kill(caf::actor_cast<caf::strong_actor_ptr>(wheel));
  kill(caf::actor_cast<caf::strong_actor_ptr>(manager));
  const auto report = stop_within(0s);
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->pushed, 5U);
  std::sort(events.begin(), events.end());
  CAF_CHECK((events == order{"drain", "flush", "goodbye", "syncer"}));
}

CAF_TEST(whatever hangs the answer comes in time) {
  for (const std::string part : {"syncer", "ticker", "manager", "pusher", "goodbye"}) {
    CAF_MESSAGE(part << " hangs");
    hanging = part;
    drain_at_once = false;
    events.clear();
    subject = reaper.keep(
        sys.spawn(terminator,
                  terminator_parts{spawn_syncer(), wheel,
                                   [this](std::function<void()> done) { drain(std::move(done)); },
                                   manager, flusher, stats_actor{}},
                  caf::timespan{10s}));
    CAF_CHECK(stop_within(10s));
    // Where the flush has taken all the time none is left for more.
    CAF_CHECK((events == (part == "pusher" ? order{whole.begin(), whole.end() - 1} : whole)));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace terminator_suite
