#define CAF_SUITE registry

#include "xprober/actors/server/registry.hpp"

#include <memory>
#include <string>
#include <vector>

#include "xprober/base/log.hpp"

#include "support/actor_fixture.hpp"
#include "support/fake_stats.hpp"

namespace registry_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

/// What the registry told others.
struct heard {
  std::vector<mesh_update> updates;
  std::vector<std::uint64_t> agents;
  std::vector<std::vector<std::string>> warnings;
};

target_pool_actor::behavior_type fake_pool(target_pool_actor::pointer,
                                           std::shared_ptr<heard> told) {
  return {
      [](const get_targets_request&) { return targets_answer{}; },
      [told](const mesh_update& update) { told->updates.push_back(update); },
      [](const pool_config&) { return pool_report{}; },
      [](get_labels_atom) { return target_labels_ptr{}; },
      [](const watch_labels&) {},
  };
}

struct fixture : xprober_fixture {
  std::shared_ptr<heard> told = std::make_shared<heard>();
  target_pool_actor pool = sys.spawn(fake_pool, told);
  stats_actor stats =
      fake_stats::spawn(sys, fake_stats::any_of{[told = told](const registry_stats& section) {
                                                  told->agents.push_back(section.agents);
                                                },
                                                [told = told](const warnings_report& report) {
                                                  told->warnings.push_back(report.lines);
                                                }});
  registry_actor reg = sys.spawn(registry, pool, stats, caf::timespan{60s});

  fixture() {
    log::set_level(log::level::off);
    consume_messages();
  }

  ~fixture() override {
    caf::anon_send_exit(reg, caf::exit_reason::kill);
    consume_messages();
  }

  void seen(const std::string& region, const std::string& ip,
            const std::string& peer = "192.0.2.1:40000", const std::string& process = "") {
    caf::anon_send(reg, agent_seen{{region, ip}, peer, process.empty() ? peer : process});
    consume_messages();
  }

  /// Time passes in small steps, so that timers fire in their order.
  void pass(std::chrono::milliseconds time) {
    consume_messages();
    for (auto at = 0ms; at < time; at += 50ms) {
      advance_time(50ms);
      consume_messages();
    }
  }

  agent_listing list() {
    auto handle = self->request(reg, caf::infinite, get_agents_atom_v);
    consume_messages();
    agent_listing result;
    handle.receive([&](agent_listing& l) { result = std::move(l); },
                   [&](caf::error& e) { CAF_FAIL(sys.render(e)); });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(registry_tests, fixture)

CAF_TEST(an agent that joins changes the mesh) {
  seen("eu", "10.0.0.1");
  CAF_CHECK(told->updates.empty());
  pass(200ms);
  CAF_REQUIRE_EQUAL(told->updates.size(), 1u);
  CAF_CHECK(told->updates[0].members == (std::vector<agent_identity>{{"eu", "10.0.0.1"}}));
  CAF_CHECK_EQUAL(told->agents, (std::vector<std::uint64_t>{1}));
}

CAF_TEST(a burst of agents is one update) {
  for (int i = 1; i <= 100; ++i) {
    seen("eu", "10.0.0." + std::to_string(i));
  }
  pass(1s);
  CAF_REQUIRE_EQUAL(told->updates.size(), 1u);
  CAF_CHECK_EQUAL(told->updates[0].members.size(), 100u);
  CAF_CHECK_EQUAL(told->agents, (std::vector<std::uint64_t>{100}));
}

CAF_TEST(an agent that asks again changes nothing) {
  seen("eu", "10.0.0.1");
  pass(1s);
  seen("eu", "10.0.0.1");
  pass(1s);
  CAF_CHECK_EQUAL(told->updates.size(), 1u);
}

CAF_TEST(members are told in the order of region and address) {
  seen("us", "10.1.0.1");
  seen("eu", "10.0.0.2");
  seen("eu", "10.0.0.1");
  pass(200ms);
  CAF_CHECK(
      told->updates.at(0).members ==
      (std::vector<agent_identity>{{"eu", "10.0.0.1"}, {"eu", "10.0.0.2"}, {"us", "10.1.0.1"}}));
}

CAF_TEST(an agent that stops asking leaves the mesh) {
  seen("eu", "10.0.0.1");
  seen("us", "10.1.0.1");
  pass(30s);
  seen("us", "10.1.0.1");
  pass(29s);
  CAF_CHECK_EQUAL(told->updates.size(), 1u);
  pass(3s);
  CAF_REQUIRE_EQUAL(told->updates.size(), 2u);
  CAF_CHECK(told->updates[1].members == (std::vector<agent_identity>{{"us", "10.1.0.1"}}));
  CAF_CHECK_EQUAL(told->agents.back(), 1u);
  pass(60s);
  CAF_REQUIRE_EQUAL(told->updates.size(), 3u);
  CAF_CHECK(told->updates[2].members.empty());
}

CAF_TEST(a shorter lease counts at once) {
  seen("eu", "10.0.0.1");
  pass(10s);
  caf::anon_send(reg, set_mesh_lease{5s});
  pass(200ms);
  CAF_REQUIRE_EQUAL(told->updates.size(), 2u);
  CAF_CHECK(told->updates[1].members.empty());
}

CAF_TEST(stray expiry messages do not multiply the timer) {
  for (int i = 0; i < 10; ++i) {
    caf::anon_send(reg, expire_leases_atom_v);
    consume_messages();
  }
  // One timer a second, whatever else was sent.
  std::size_t handled = 0;
  for (int i = 0; i < 200; ++i) {
    advance_time(50ms);
    handled += consume_messages();
  }
  CAF_CHECK(handled >= 9);
  CAF_CHECK(handled <= 11);
}

CAF_TEST(agents that are no members are not told) {
  seen("", "10.0.0.1");
  seen("eu", "not an address");
  seen("eu", "");
  pass(1s);
  CAF_CHECK(told->updates.empty());
  CAF_CHECK(list().agents.empty());
}

CAF_TEST(two agents with one identity are named for as long as both are there) {
  for (int i = 0; i < 2; ++i) {
    seen("eu", "10.0.0.1", "192.0.2.1:4000");
    seen("eu", "10.0.0.1", "192.0.2.2:5000");
  }
  pass(2s);
  CAF_REQUIRE_EQUAL(told->warnings.size(), 1u);
  CAF_CHECK(told->warnings[0] ==
            std::vector<std::string>{"two agents say that they are eu 10.0.0.1, from "
                                     "192.0.2.1:4000 and from 192.0.2.2:5000; give each a region "
                                     "and local_ip of its own"});
  CAF_MESSAGE("that it goes on is no news, and one that is alone again ends it");
  seen("eu", "10.0.0.1", "192.0.2.1:4000");
  pass(40s);
  seen("eu", "10.0.0.1", "192.0.2.1:4000");
  CAF_CHECK_EQUAL(told->warnings.size(), 1u);
  pass(30s);
  CAF_REQUIRE_EQUAL(told->warnings.size(), 2u);
  CAF_CHECK(told->warnings[1].empty());
}

CAF_TEST(one agent behind a proxy with several connections is never two) {
  for (const auto* peer : {"192.0.2.9:1", "192.0.2.9:2", "192.0.2.9:1", "192.0.2.9:2"}) {
    seen("eu", "10.0.0.1", peer, "0a1b");
    pass(2s);
  }
  CAF_CHECK(told->warnings.empty());
}

CAF_TEST(the listing names all members) {
  seen("us", "10.1.0.1");
  seen("eu", "10.0.0.1");
  const auto listing = list();
  CAF_REQUIRE_EQUAL(listing.agents.size(), 2u);
  CAF_CHECK(listing.agents[0].agent == (agent_identity{"eu", "10.0.0.1"}));
  CAF_CHECK_EQUAL(listing.agents[0].peer, "192.0.2.1:40000");
  CAF_CHECK(listing.agents[0].first_seen_unix > 1'500'000'000);
  CAF_CHECK(listing.agents[0].last_seen_unix >= listing.agents[0].first_seen_unix);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace registry_suite
