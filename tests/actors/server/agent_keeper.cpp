#define CAF_SUITE agent_keeper

#include "xprober/actors/server/agent_keeper.hpp"

#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "support/actor_reaper.hpp"
#include "support/fake_stats.hpp"

namespace agent_keeper_suite {

using namespace xprober;
using storage::agent_change;

namespace {

const wall_time noon{std::chrono::seconds{1'767'268'800}};

agent_change change(const std::string& address, agent_state state = agent_state::ok) {
  return {{{"eu", address}, noon, noon, state, "", ""}, false};
}

struct fixture : xprober_fixture {
  test::folder folder;
  std::vector<std::vector<std::string>> warnings;
  actor_reaper reaper{*this};
  stats_actor stats = reaper.keep(fake_stats::spawn(
      sys, [this](const warnings_report& report) { warnings.push_back(report.lines); }));
  agent_keeper_actor subject = start();

  fixture() { log::set_level(log::level::off); }

  agent_keeper_actor start() { return reaper.keep(sys.spawn(agent_keeper, folder.path(), stats)); }

  void tell(std::vector<agent_change> changes) {
    caf::anon_send(subject, keep_agents{std::move(changes)});
    reaper.settle();
  }

  /// What the next process finds.
  std::vector<known_agent> found() {
    caf::anon_send_exit(subject, caf::exit_reason::kill);
    reaper.settle();
    auto all = storage::agent_file{folder.path()}.agents();
    subject = start();
    return all;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_keeper_tests, fixture)

CAF_TEST(what it is told is there after a restart) {
  tell({change("10.0.0.1"), change("10.0.0.2"), change("10.0.0.1", agent_state::lost)});
  CAF_CHECK(found() == (std::vector<known_agent>{change("10.0.0.1", agent_state::lost).agent,
                                                 change("10.0.0.2").agent}));
  auto gone = change("10.0.0.2");
  gone.gone = true;
  tell({gone});
  CAF_CHECK_EQUAL(found().size(), 1u);
  CAF_CHECK(warnings.empty());
}

CAF_TEST(what the disk does not take is written when it works again) {
  tell({change("10.0.0.1")});
  {
    const test::full_disk full{16};
    tell({change("10.0.0.2")});
    tell({change("10.0.0.3")});
    CAF_REQUIRE_EQUAL(warnings.size(), 1u);
    CAF_CHECK_EQUAL(warnings[0].size(), 1u);
  }
  reaper.pass(agent_keeper_retry);
  CAF_REQUIRE_EQUAL(warnings.size(), 2u);
  CAF_CHECK(warnings[1].empty());
  CAF_CHECK_EQUAL(found().size(), 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace agent_keeper_suite
