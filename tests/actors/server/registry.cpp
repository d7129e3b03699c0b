#define CAF_SUITE registry

#include "xprober/actors/server/registry.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/base/log.hpp"

#include "support/actor_fixture.hpp"
#include "support/fake_stats.hpp"
#include "support/fake_store.hpp"
#include "support/fake_target_pool.hpp"

namespace registry_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

/// What the registry told others.
struct heard {
  std::vector<mesh_update> updates;
  std::vector<std::uint64_t> agents;
  std::vector<std::vector<std::string>> warnings;
  std::vector<agent_identity> ended;       ///< to the store
  std::vector<agent_identity> come;        ///< likewise
  std::vector<agent_listing_ptr> listings; ///< to a watcher
  std::vector<std::string> kept;           ///< "10.0.0.1 lost"
};

caf::actor fake_watcher(caf::actor_system& system, std::shared_ptr<heard> told) {
  const auto behave = [](caf::event_based_actor*, const std::shared_ptr<heard>& to) {
    return caf::behavior{[to](const agent_listing_ptr& all) { to->listings.push_back(all); }};
  };
  return system.spawn(behave, std::move(told));
}

agent_keeper_actor::behavior_type fake_keeper(agent_keeper_actor::pointer,
                                              std::shared_ptr<heard> told) {
  return {
      [told](const keep_agents& kept) {
        for (const auto& change : kept.changes) {
          const auto& who = change.agent;
          told->kept.push_back(who.agent.local_ip + " " +
                               (change.gone ? "gone" : std::string{to_string(who.state)}));
        }
      },
      [](retry_atom) {},
  };
}

struct fixture : xprober_fixture {
  std::shared_ptr<heard> told = std::make_shared<heard>();
  target_pool_actor pool = fake_target_pool::spawn(
      sys, [told = told](const mesh_update& update) { told->updates.push_back(update); });
  store_actor store = fake_store::spawn(
      sys, fake_stats::any_of{[told = told](const forget_agents& gone) {
                                std::ranges::copy(gone.agents, std::back_inserter(told->ended));
                              },
                              [told = told](const welcome_agents& back) {
                                std::ranges::copy(back.agents, std::back_inserter(told->come));
                              }});
  stats_actor stats =
      fake_stats::spawn(sys, fake_stats::any_of{[told = told](const registry_stats& section) {
                                                  told->agents.push_back(section.agents);
                                                },
                                                [told = told](const warnings_report& report) {
                                                  told->warnings.push_back(report.lines);
                                                }});
  agent_keeper_actor keeper = sys.spawn(fake_keeper, told);
  registry_actor reg = spawn_registry({});

  fixture() {
    log::set_level(log::level::off);
    consume_messages();
  }

  ~fixture() override {
    caf::anon_send_exit(reg, caf::exit_reason::kill);
    consume_messages();
  }

  registry_actor spawn_registry(std::vector<known_agent> known) {
    return sys.spawn(registry, registry_parts{pool, store, stats, keeper},
                     registry_settings{60s, 24h, std::move(known)});
  }

  /// The server starts anew with what it knew.
  void restart(std::vector<known_agent> known) {
    caf::anon_send_exit(reg, caf::exit_reason::kill);
    consume_messages();
    reg = spawn_registry(std::move(known));
    consume_messages();
  }

  template <class... Ts>
  bool ask(Ts... question) {
    auto handle = self->request(reg, caf::infinite, std::move(question)...);
    consume_messages();
    bool result = false;
    handle.receive([&](bool answer) { result = answer; },
                   [&](caf::error& e) { CAF_FAIL(sys.render(e)); });
    return result;
  }

  bool leave(const std::string& region, const std::string& ip,
             const std::string& process = "192.0.2.1:40000") {
    return ask(agent_gone{{region, ip}, process});
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

CAF_TEST(an agent that stops asking is lost and stays in the mesh) {
  seen("eu", "10.0.0.1");
  seen("us", "10.1.0.1");
  pass(30s);
  seen("us", "10.1.0.1");
  pass(29s);
  CAF_CHECK_EQUAL(told->updates.size(), 1u);
  pass(3s);
  CAF_REQUIRE_EQUAL(told->updates.size(), 2u);
  CAF_CHECK_EQUAL(told->updates[1].members.size(), 2u);
  CAF_CHECK(told->updates[1].active == (std::vector<agent_identity>{{"us", "10.1.0.1"}}));
  CAF_CHECK_EQUAL(told->agents.back(), 1u);
  CAF_CHECK(told->ended.empty());
  CAF_CHECK(list().agents.at(0).state == agent_state::lost);
  CAF_MESSAGE("and takes its part again when it is back");
  seen("eu", "10.0.0.1");
  pass(1s);
  CAF_REQUIRE_EQUAL(told->updates.size(), 3u);
  CAF_CHECK_EQUAL(told->updates[2].active.size(), 2u);
  CAF_CHECK(list().agents.at(0).state == agent_state::ok);
}

CAF_TEST(an agent that says goodbye leaves the mesh and is not missed) {
  seen("eu", "10.0.0.1");
  seen("us", "10.1.0.1");
  pass(1s);
  CAF_CHECK(leave("eu", "10.0.0.1"));
  CAF_CHECK(told->ended == (std::vector<agent_identity>{{"eu", "10.0.0.1"}}));
  pass(200ms);
  CAF_REQUIRE_EQUAL(told->updates.size(), 2u);
  CAF_CHECK(told->updates[1].members == (std::vector<agent_identity>{{"us", "10.1.0.1"}}));
  CAF_CHECK_EQUAL(told->agents.back(), 1u);
  CAF_CHECK(list().agents.at(0).state == agent_state::left);
  CAF_CHECK(!leave("eu", "10.0.0.9"));
}

CAF_TEST(the goodbye of a process that was replaced changes nothing) {
  seen("eu", "10.0.0.1", "192.0.2.1:40000", "old");
  seen("eu", "10.0.0.1", "192.0.2.1:40001", "new");
  pass(1s);
  CAF_CHECK(leave("eu", "10.0.0.1", "old"));
  pass(1s);
  CAF_CHECK_EQUAL(told->updates.size(), 1u);
  CAF_CHECK(told->ended.empty());
}

CAF_TEST(an operator retires an agent) {
  seen("eu", "10.0.0.1");
  pass(1s);
  CAF_CHECK(ask(retire_agent{{"eu", "10.0.0.1"}}));
  CAF_CHECK(told->ended == (std::vector<agent_identity>{{"eu", "10.0.0.1"}}));
  CAF_CHECK(list().agents.empty());
  pass(200ms);
  CAF_REQUIRE_EQUAL(told->updates.size(), 2u);
  CAF_CHECK(told->updates[1].members.empty());
  CAF_CHECK(!ask(retire_agent{{"eu", "10.0.0.1"}}));
}

CAF_TEST(a lost agent is forgotten after its time) {
  seen("eu", "10.0.0.1");
  caf::anon_send(reg, set_mesh_forget{120s});
  pass(119s);
  CAF_CHECK_EQUAL(list().agents.size(), 1u);
  CAF_CHECK(told->ended.empty());
  pass(3s);
  CAF_CHECK(list().agents.empty());
  CAF_CHECK(told->ended == (std::vector<agent_identity>{{"eu", "10.0.0.1"}}));
  CAF_CHECK(told->updates.back().members.empty());
}

CAF_TEST(a shorter lease counts at once) {
  seen("eu", "10.0.0.1");
  pass(10s);
  caf::anon_send(reg, set_mesh_lease{5s});
  pass(200ms);
  CAF_REQUIRE_EQUAL(told->updates.size(), 2u);
  CAF_CHECK(told->updates[1].active.empty());
}

CAF_TEST(who watches hears now and of each change and every few seconds) {
  caf::anon_send(reg, watch_agents{fake_watcher(sys, told)});
  caf::anon_send(reg, watch_agents{fake_watcher(sys, told)});
  consume_messages();
  CAF_REQUIRE_EQUAL(told->listings.size(), 2u);
  CAF_CHECK(told->listings[0]->agents.empty());
  seen("eu", "10.0.0.1");
  pass(200ms);
  CAF_REQUIRE_EQUAL(told->listings.size(), 4u);
  CAF_CHECK_EQUAL(told->listings[2]->agents.size(), 1u);
  pass(6s);
  CAF_CHECK(told->listings.size() >= 6);
  CAF_MESSAGE("its own faults");
  told->listings.clear();
  const agent_report about{"1.0", "10.0.0.1:8087", 5000, 15'000, {{"overload", "late", 7}}};
  const std::string peer = "192.0.2.1:40000";
  caf::anon_send(reg, agent_seen{{"eu", "10.0.0.1"}, peer, peer, about});
  pass(200ms);
  CAF_REQUIRE(!told->listings.empty());
  const auto& line = told->listings.back()->agents.at(0);
  CAF_CHECK(line.own_faults == (std::vector<own_fault>{{"overload", "late", 7}}));
  CAF_CHECK_EQUAL(line.version, "1.0");
  CAF_CHECK_EQUAL(line.http_addr, "10.0.0.1:8087");
  CAF_CHECK_EQUAL(line.probe_interval_ms, 15'000u);
  CAF_MESSAGE("and that it is late");
  pass(14s);
  CAF_CHECK(told->listings.back()->agents.at(0).state == agent_state::ok);
  pass(2s);
  CAF_CHECK(told->listings.back()->agents.at(0).state == agent_state::late);
}

CAF_TEST(a batch tells when an agent has pushed last) {
  seen("eu", "10.0.0.1");
  CAF_CHECK(list().agents.at(0).last_push_unix == 0);
  caf::anon_send(reg, agent_clock{{"eu", "10.0.0.1"}, -250});
  consume_messages();
  const auto line = list().agents.at(0);
  CAF_CHECK(line.last_push_unix >= line.first_seen_unix);
  CAF_CHECK(line.clock_skew_ms == std::optional<std::int64_t>{-250});
}

CAF_TEST(who watches hears at once that an agent has caught up) {
  seen("eu", "10.0.0.1");
  pass(5s);
  caf::anon_send(reg, watch_agents{fake_watcher(sys, told)});
  consume_messages();
  told->listings.clear();
  caf::anon_send(reg, agent_delivery{{"eu", "10.0.0.1"}, 1000, true});
  pass(200ms);
  CAF_CHECK(told->listings.empty()); // it is in the next listing
  const auto now = list();
  CAF_CHECK_EQUAL(now.agents.at(0).delivered_unix, 1000);
  CAF_CHECK_EQUAL(now.agents.at(0).caught_up_unix, 0);
  caf::anon_send(reg, agent_delivery{{"eu", "10.0.0.1"}, 2000, false});
  caf::anon_send(reg, agent_delivery{{"eu", "10.0.0.9"}, 2000, false}); // nobody
  pass(200ms);
  CAF_REQUIRE_EQUAL(told->listings.size(), 1u);
  const auto& line = told->listings[0]->agents.at(0);
  CAF_CHECK_EQUAL(line.delivered_unix, 2000);
  CAF_CHECK(line.caught_up_unix >= line.first_seen_unix);
}

CAF_TEST(what has changed is kept and that it was seen once in a minute) {
  seen("eu", "10.0.0.1");
  pass(1s);
  CAF_CHECK(told->kept == strings{"10.0.0.1 ok"});
  for (int i = 0; i < 7; ++i) {
    seen("eu", "10.0.0.1");
    pass(10s);
  }
  CAF_CHECK(told->kept == (strings{"10.0.0.1 ok", "10.0.0.1 ok"}));
  pass(60s);
  CAF_CHECK_EQUAL(told->kept.back(), "10.0.0.1 lost");
  seen("eu", "10.0.0.1");
  leave("eu", "10.0.0.1");
  pass(1s);
  CAF_CHECK_EQUAL(told->kept.back(), "10.0.0.1 left");
  ask(retire_agent{{"eu", "10.0.0.1"}});
  pass(1s);
  CAF_CHECK_EQUAL(told->kept.back(), "10.0.0.1 gone");
}

CAF_TEST(after a restart agents are in the mesh and have a lease to come back) {
  const auto seen_at = wall_clock::now() - 10s;
  restart({{{"eu", "10.0.0.1"}, seen_at, seen_at, agent_state::ok, "1.0", ""},
           {{"eu", "10.0.0.2"}, seen_at, seen_at, agent_state::lost, "", ""},
           {{"eu", "10.0.0.3"}, seen_at, seen_at, agent_state::left, "", ""}});
  CAF_REQUIRE_EQUAL(told->updates.size(), 1u);
  CAF_CHECK_EQUAL(told->updates[0].members.size(), 2u);
  CAF_CHECK(told->updates[0].active == (std::vector<agent_identity>{{"eu", "10.0.0.1"}}));
  CAF_CHECK_EQUAL(told->agents.back(), 0u);
  pass(120s); // it reads its journal
  CAF_CHECK(list().agents.at(0).state == agent_state::late);
  caf::anon_send(reg, serving_atom_v);
  pass(59s);
  CAF_CHECK(list().agents.at(0).state == agent_state::late);
  pass(3s);
  CAF_CHECK(list().agents.at(0).state == agent_state::lost);
  CAF_CHECK(list().agents.at(1).state == agent_state::lost);
  CAF_CHECK(list().agents.at(2).state == agent_state::left);
  // What the store has of it is of before the restart.
  CAF_CHECK(told->ended == (std::vector<agent_identity>{{"eu", "10.0.0.3"}}));
  CAF_CHECK(told->updates.back().active.empty());
  seen("eu", "10.0.0.2");
  pass(1s);
  CAF_CHECK(list().agents.at(1).state == agent_state::ok);
  CAF_CHECK_EQUAL(told->agents.back(), 1u);
  CAF_CHECK(told->come.empty());
  seen("eu", "10.0.0.3");
  CAF_CHECK(told->come == (std::vector<agent_identity>{{"eu", "10.0.0.3"}}));
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

CAF_TEST(a server that stood still has missed nobody) {
  seen("eu", "10.0.0.1");
  pass(2s);
  advance_time(10min);
  pass(50s);
  CAF_CHECK(list().agents.at(0).state == agent_state::late);
  CAF_MESSAGE("and then one that is silent is lost as always");
  pass(12s);
  CAF_CHECK(list().agents.at(0).state == agent_state::lost);
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

CAF_TEST(who is not taken into the mesh is told of until it asks no more) {
  caf::anon_send(reg, set_mesh_gate{mesh_gate{{}, 100}});
  seen("eu", "10.0.0.1", "10.0.0.1:4000");
  seen("eu", "10.0.0.2", "10.0.0.9:4000");
  pass(1s);
  CAF_REQUIRE_EQUAL(told->updates.size(), 1u);
  CAF_CHECK_EQUAL(told->updates[0].members.size(), 1u);
  CAF_CHECK_EQUAL(told->updates[0].active.size(), 2u);
  CAF_CHECK_EQUAL(list().agents.size(), 2u);
  CAF_REQUIRE_EQUAL(told->warnings.size(), 1u);
  CAF_CHECK(told->warnings[0].at(0).find("mesh_networks") != std::string::npos);
  pass(70s);
  CAF_REQUIRE_EQUAL(told->warnings.size(), 2u);
  CAF_CHECK(told->warnings[1].empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace registry_suite
