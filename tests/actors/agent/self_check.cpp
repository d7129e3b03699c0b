#define CAF_SUITE self_check

#include "xprober/actors/agent/self_check.hpp"

#include <string>
#include <vector>

#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"

#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace self_check_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct self_check_fixture : xprober_fixture {
  std::vector<own_fault_report> reports; ///< to the syncer
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  syncer_actor asking = reaper.fake<syncer_actor>([this](syncer_actor::pointer) {
    return syncer_actor::behavior_type{
        [](const sync_due&) {},
        [](start_over_atom) {},
        [](use_kept_list_atom) {},
        [](const set_sync_interval&) {},
        [](const list_protection&) {},
        [this](const own_fault_report& report) { reports.push_back(report); },
        [](const set_probe_interval&) {},
        [](is_ready_atom) { return true; },
        [](leave_atom) { return done_atom_v; },
        [](goodbye_atom) { return leave_request{}; },
        [](new_server_atom) { return done_atom_v; },
        [](stop_atom) { return done_atom_v; },
    };
  });
  self_check_actor subject =
      reaper.keep(sys.spawn(self_check, asking, counters, caf::timespan{15s}, std::uint64_t{1000}));

  self_check_fixture() { log::set_level(log::level::off); }

  template <class Section>
  void tell(Section section) {
    caf::anon_send(counters, std::move(section));
    reaper.settle();
  }

  const own_fault_report& shown() { return reaper.state_of<stats_state>(counters).own; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(self_check_tests, self_check_fixture)

CAF_TEST(an agent without faults tells nothing) {
  reaper.pass(60s);
  CAF_CHECK(reports.empty());
}

CAF_TEST(a fault is told to the server and shown until it is over) {
  result_tally tally;
  tally.add(*samples::result(samples::target(0, "10.0.0.1"),
                             samples::failure(probe_error::local_no_socket, "no\npermission")));
  tell(tally);
  reaper.pass(first_self_check);
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_REQUIRE_EQUAL(reports[0].faults.size(), 1U);
  CAF_CHECK(reports[0].faults[0].reason == own_faults::no_icmp_permission);
  CAF_CHECK_EQUAL(reports[0].faults[0].detail, "no permission");
  CAF_CHECK_EQUAL(reports[0].blocked, "nothing can be probed: no permission");
  CAF_CHECK(shown() == reports[0]);
  reaper.pass(30s);
  CAF_CHECK_EQUAL(reports.size(), 1U);
  reaper.pass(40s);
  CAF_REQUIRE_EQUAL(reports.size(), 2U);
  CAF_CHECK(reports[1] == own_fault_report{});
  CAF_CHECK(shown() == own_fault_report{});
}

CAF_TEST(what lists and the spool say is looked at every few seconds) {
  reaper.pass(first_self_check);
  target_stats targets;
  targets.unknown_type = 3;
  tell(targets);
  push_stats push;
  push.spool_bytes = 501;
  tell(push);
  tick_report ticks;
  ticks.due = 10;
  ticks.skipped_behind = 10;
  tell(ticks);
  reaper.pass(self_check_interval);
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  std::vector<std::string_view> reasons;
  for (const auto& fault : reports[0].faults) {
    reasons.push_back(fault.reason);
  }
  CAF_CHECK(reasons ==
            (std::vector<std::string_view>{own_faults::unknown_modules, own_faults::spool_full,
                                           own_faults::overload}));
}

CAF_TEST(ticks that results had no time for are an overload) {
  reaper.pass(first_self_check);
  tick_report ticks;
  ticks.due = 10;
  ticks.skipped_overload = 1;
  tell(ticks);
  reaper.pass(self_check_interval);
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_REQUIRE_EQUAL(reports[0].faults.size(), 1U);
  CAF_CHECK(reports[0].faults[0].reason == own_faults::overload);
}

CAF_TEST(what waits goes to the server without being a fault) {
  reaper.pass(first_self_check);
  push_stats push;
  push.spool_batches = 3;
  push.spool_bytes = 300;
  push.spool_oldest_unix = 1'700'000'000;
  tell(push);
  reaper.pass(self_check_interval);
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK(reports[0].backlog == (agent_backlog{3, 300, 1'700'000'000, 0}));
  CAF_CHECK(shown() == own_fault_report{});
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace self_check_suite
