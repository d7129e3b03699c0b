#define CAF_SUITE incident_board

#include "xprober/actors/server/incident_board.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/server/board_world.hpp"

#include "caf/test/dsl.hpp"

namespace incident_board_suite {

using namespace board_worlds;
using namespace std::chrono_literals;

CAF_TEST(a region that nobody reaches and that is lost is one incident) {
  world w{{"eu", "us", "ap", "sa"}};
  w.mesh(well);
  CAF_CHECK(w.look(start).empty());
  for (const auto* from : {"us", "ap", "sa"}) {
    w.pair(from, "eu", failing);
  }
  auto changes = w.look(start + 45s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK(changes[0].now.kind == incident_kind::target);
  CAF_CHECK_EQUAL(changes[0].now.reason, "no_reply");
  CAF_CHECK_EQUAL(changes[0].now.detail, "no answer");
  w.agents.at("eu").state = agent_state::lost;
  w.tell_agents();
  for (int i = 0; i < 100; ++i) {
    for (const auto& change : w.look(start + 60s + i * 1s)) {
      CAF_CHECK_EQUAL(change.now.id, changes[0].now.id);
      CAF_CHECK(!change.tell);
    }
  }
  CAF_CHECK_EQUAL(w.book.open_count(), 1U);
  w.agents.at("eu").state = agent_state::ok;
  w.tell_agents();
  w.mesh(well);
  std::size_t closed = 0;
  for (int i = 0; i < 60; ++i) {
    for (const auto& change : w.look(start + 300s + i * 1s)) {
      closed += change.now.open() ? 0 : 1;
    }
  }
  CAF_CHECK_EQUAL(closed, 1U);
  CAF_CHECK_EQUAL(w.book.open_count(), 0U);
}

CAF_TEST(what some fail to reach is not over because they are lost) {
  world w{{"a", "b", "c", "d", "e", "f", "g", "h"}};
  const std::string url = "https://shop.example/";
  const auto others = [&](const std::string& from, series_sight sight) {
    for (const auto* host : {"https://1.example/", "https://2.example/", "https://3.example/"}) {
      w.say(from, "web", host, kinds::http(), sight);
    }
  };
  for (const auto& [name, line] : w.agents) {
    others(name, well);
    w.say(name, "web", url, kinds::http(), well);
  }
  w.look(start);
  const auto three = {"a", "b", "c"};
  for (const auto* from : three) {
    w.say(from, "web", url, kinds::http(), {series_state::failing, 12});
  }
  const auto opened = w.look(start + 1s);
  CAF_REQUIRE_EQUAL(opened.size(), 1U);
  const auto id = opened[0].now.id;
  constexpr series_sight stale{series_state::stale, 0};
  for (const auto* from : three) {
    w.agents.at(from).state = agent_state::lost;
    others(from, stale);
    w.say(from, "web", url, kinds::http(), stale);
  }
  w.tell_agents();
  for (int i = 0; i < 300; ++i) {
    w.look(start + 60s + i * 1s);
  }
  CAF_CHECK(w.book.find_open(id) != nullptr);
  for (const auto* from : three) {
    w.agents.at(from).state = agent_state::ok;
    others(from, well);
    w.say(from, "web", url, kinds::http(), well);
  }
  w.tell_agents();
  for (int i = 0; i < 120; ++i) {
    w.look(start + 400s + i * 1s);
  }
  CAF_CHECK(w.book.find_open(id) == nullptr);
}

CAF_TEST(what fails from a region goes on when a second agent comes there) {
  const std::vector<std::string> urls{"https://1.example/", "https://2.example/",
                                      "https://3.example/", "https://4.example/"};
  for (const std::size_t missed : {std::size_t{1}, urls.size()}) { // a path, and a source
    world w{{"ap", "eu", "sa", "us"}};
    const auto probe = [&](const std::string& from, std::size_t fails) {
      for (std::size_t i = 0; i < urls.size(); ++i) {
        const auto sight = i < fails ? series_sight{series_state::failing, 12} : well;
        w.say(from, "web", urls[i], kinds::http(), sight);
      }
    };
    for (const auto* from : {"ap", "sa", "us"}) {
      probe(from, 0);
    }
    probe("eu", missed);
    const auto opened = w.look(start);
    CAF_REQUIRE_EQUAL(opened.size(), 1U);
    CAF_CHECK(opened[0].now.sources.names == std::vector<std::string>{"eu"});
    w.agents["eu 2"] = {{"eu", "10.0.0.9"}, "", 0, 0, {}};
    w.tell_agents();
    probe("eu 2", 0);
    for (int i = 1; i < 120; ++i) {
      for (const auto& change : w.look(start + i * 1s)) {
        CAF_CHECK(!change.tell);
      }
    }
    CAF_CHECK_EQUAL(w.book.open_count(), 1U);
    w.agents.erase("eu 2"); // and it goes again
    w.tell_agents();
    for (int i = 120; i < 240; ++i) {
      for (const auto& change : w.look(start + i * 1s)) {
        CAF_CHECK(!change.tell);
      }
    }
    CAF_CHECK_EQUAL(w.book.open_count(), 1U);
    probe("eu", 0);
    for (int i = 240; i < 300; ++i) {
      w.look(start + i * 1s);
    }
    CAF_CHECK_EQUAL(w.book.open_count(), 0U);
  }
}

CAF_TEST(an agent that is lost and probes nothing is missed) {
  world w{{"eu", "us"}};
  w.look(start);
  w.agents.at("eu").state = agent_state::lost;
  w.tell_agents();
  w.look(start + 1s);
  const auto changes = w.look(start + 32s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK(changes[0].now.kind == incident_kind::prober);
  CAF_CHECK_EQUAL(changes[0].now.reason, "lost");
  CAF_CHECK(changes[0].now.sources.names == std::vector<std::string>{"eu"});
  w.agents.at("eu").state = agent_state::left; // retired
  w.tell_agents();
  for (int i = 0; i < 60; ++i) {
    w.look(start + 60s + i * 1s);
  }
  CAF_CHECK_EQUAL(w.book.open_count(), 0U);
}

CAF_TEST(an agent that is lost is so when the others of its region are lost as well) {
  world w{{"eu", "us"}};
  w.agents["eu 2"] = {{"eu", "10.0.0.9"}, "", 0, 0, {}};
  w.tell_agents();
  w.look(start);
  w.agents.at("eu 2").state = agent_state::lost;
  w.tell_agents();
  w.look(start + 1s);
  const auto changes = w.look(start + 32s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK(changes[0].now.sources.names == std::vector<std::string>{"eu 10.0.0.9"});
  w.agents.at("eu").state = agent_state::lost;
  w.tell_agents();
  const auto closed = [&](wall_time from) {
    std::size_t count = 0;
    for (int i = 0; i < 100; ++i) {
      for (const auto& change : w.look(from + i * 1s)) {
        count += change.now.open() ? 0 : 1;
      }
    }
    return count;
  };
  CAF_CHECK_EQUAL(closed(start + 60s), 0U);
  w.agents.at("eu").state = agent_state::ok;
  w.tell_agents();
  CAF_CHECK_EQUAL(closed(start + 160s), 0U); // the other one is not back
  w.agents.at("eu 2").state = agent_state::ok;
  w.tell_agents();
  CAF_CHECK_EQUAL(closed(start + 300s), 1U); // it was one all the time
}

/// Everybody probes all four agents of which `dead` fail.
void probe_two_of_eu(world& w, const std::vector<std::string>& dead) {
  for (const auto* from : {"us", "ap"}) {
    for (const auto* to : {"eu", "eu 2"}) {
      const bool fails = std::ranges::find(dead, to) != dead.end();
      w.say(from, "eu", w.agents.at(to).agent.local_ip, kinds::icmp(), fails ? failing : well);
    }
    w.pair(from, from == std::string{"us"} ? "ap" : "us", well);
  }
  for (const auto* from : {"eu", "eu 2"}) {
    for (const auto* to : {"us", "ap"}) {
      const bool fails = std::ranges::find(dead, from) != dead.end();
      w.pair(from, to, fails ? series_sight{series_state::stale, 0} : well);
    }
  }
}

CAF_TEST(an agent of two that dies with its machine is one incident that grows to its region) {
  world w{{"eu", "us", "ap"}};
  w.agents["eu 2"] = {{"eu", "10.0.0.9"}, "", 0, 0, {}};
  w.tell_agents();
  probe_two_of_eu(w, {});
  std::vector<std::string> told;
  auto now = start;
  incident last;
  const auto pass = [&](std::chrono::seconds time) {
    for (const auto end = now + time; now < end; now += 5s) {
      for (const auto& change : w.look(now)) {
        last = change.now;
        if (change.tell) {
          told.push_back(std::string{to_string(*change.tell)} + " " +
                         std::to_string(change.now.id));
        }
      }
    }
  };
  const auto lose = [&](const std::string& agent, agent_state state) {
    w.agents.at(agent).state = state;
    w.tell_agents();
    pass(100s);
  };
  pass(10s);
  probe_two_of_eu(w, {"eu 2"});
  pass(20s);
  CAF_CHECK(last.targets.names == std::vector<std::string>{"eu 10.0.0.9"});
  CAF_CHECK(last.summary.find("agent eu 10.0.0.9: 2 of 2 regions fail to reach it") == 0);
  lose("eu 2", agent_state::lost);
  CAF_CHECK(told == std::vector<std::string>{"opened 1"});
  CAF_CHECK_EQUAL(w.book.open_count(), 1U);
  pass(1200s); // however old it is
  probe_two_of_eu(w, {"eu", "eu 2"});
  pass(20s);
  lose("eu", agent_state::lost);
  CAF_CHECK(told == (std::vector<std::string>{"opened 1", "escalated 1"}));
  CAF_CHECK_EQUAL(w.book.open_count(), 1U);
  CAF_CHECK(w.book.open().front().targets.names == std::vector<std::string>{"eu"});
  probe_two_of_eu(w, {"eu 2"});
  lose("eu", agent_state::ok);
  CAF_CHECK_EQUAL(w.book.open_count(), 1U);
  CAF_CHECK(w.book.open().front().targets.names == std::vector<std::string>{"eu 10.0.0.9"});
  probe_two_of_eu(w, {});
  lose("eu 2", agent_state::ok);
  CAF_CHECK(told == (std::vector<std::string>{"opened 1", "escalated 1", "closed 1"}));
}

CAF_TEST(what an agent says of itself is told and blames no target) {
  world w{{"eu", "us", "ap"}};
  w.mesh(well);
  w.agents.at("eu").own_faults.push_back(
      {std::string{own_faults::no_icmp_permission}, "no permission for raw sockets", noon});
  w.tell_agents();
  w.pair("eu", "us", faulty);
  w.pair("eu", "ap", faulty);
  w.look(start);
  const auto changes = w.look(start + 31s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK(changes[0].now.kind == incident_kind::prober);
  CAF_CHECK_EQUAL(changes[0].now.reason, own_faults::no_icmp_permission);
  CAF_CHECK_EQUAL(changes[0].now.detail, "no permission for raw sockets");
}

CAF_TEST(a clock that is off is the prober trouble) {
  world w{{"eu", "us", "ap"}};
  w.mesh(well);
  w.agents.at("us").own_faults = {
      {std::string{own_faults::clock_off}, "its clock is 120 s behind this server's", noon}};
  w.tell_agents();
  w.look(start);
  const auto changes = w.look(start + 31s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK_EQUAL(changes[0].now.reason, own_faults::clock_off);
  CAF_CHECK(changes[0].now.detail.find("120 s behind") != std::string::npos);
}

CAF_TEST(targets that are no agents stand by their own) {
  world w{{"eu", "us", "ap"}};
  w.mesh(well);
  for (const auto* from : {"eu", "us", "ap"}) {
    for (int i = 0; i < 10; ++i) {
      const auto url = "https://host-" + std::to_string(i) + "/";
      w.say(from, "web", url, kinds::http(), i == 7 ? failing : well,
            "the certificate of host " + std::to_string(i) + " expired");
    }
  }
  const auto changes = w.look(start + 45s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK(changes[0].now.kind == incident_kind::target);
  CAF_CHECK(changes[0].now.targets.names == std::vector<std::string>{"https://host-7/"});
  CAF_CHECK_EQUAL(changes[0].now.detail, "the certificate of host 7 expired");
  CAF_CHECK_EQUAL(changes[0].now.probe_type, "http");
  const auto uids = w.board.targets_of(changes[0].now);
  CAF_REQUIRE_EQUAL(uids.size(), 1U);
  CAF_CHECK_EQUAL(uids[0].region, "web");
  CAF_CHECK(w.board.is_probed("https://host-7/"));
  CAF_CHECK(!w.board.is_probed("https://host-77/"));
}

CAF_TEST(labels that come later group targets) {
  world w{{"eu", "us", "ap"}};
  target_labels::builder labels;
  std::vector<std::string> rack;
  for (int i = 0; i < 30; ++i) {
    const auto url = "https://host-" + std::to_string(i) + "/";
    for (const auto* from : {"eu", "us", "ap"}) {
      w.say(from, "web", url, kinds::http(), i < 10 ? failing : well);
    }
    if (i < 10) {
      rack.push_back(url);
    }
  }
  labels.add(kinds::http(), "web", rack, {{"rack", "r7"}});
  w.board.set_labels(labels.finish());
  const auto changes = w.look(start + 45s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK(changes[0].now.summary.find("rack=r7") != std::string::npos);
}

CAF_TEST(numbers of agents and targets are used again by others) {
  world w{{"eu"}};
  w.say("eu", "web", "https://a/", kinds::http(), well);
  // An agent that the registry does not list, and is gone again; over and over with other names.
  for (std::uint32_t i = 0; i < 1000; ++i) {
    series_changes changes;
    changes.agents.push_back({7, "region-" + std::to_string(i), "10.1.0." + std::to_string(i)});
    changes.targets.push_back(
        {7,
         {"web-" + std::to_string(i), "10.2.0." + std::to_string(i % 256), kinds::tcp()},
         "tcp",
         false,
         false});
    series_change change;
    change.agent = change.target = 7;
    change.after = failing;
    changes.series.push_back(change);
    w.board.take(changes);
    w.board.pictures(start);
    std::swap(change.before, change.after);
    series_changes gone;
    gone.series.push_back(change);
    w.board.take(gone);
  }
  const auto size = w.board.size();
  CAF_CHECK_EQUAL(size.agents, 1U);
  CAF_CHECK_EQUAL(size.regions, 2U); // its own and that of its target
  CAF_CHECK_EQUAL(size.groups, 0U);
  CAF_CHECK(size.agent_numbers <= 2U);
  for (const auto& picture : w.board.pictures(start)) {
    CAF_CHECK_EQUAL(picture.all->bad_cells().size(), 0U);
    CAF_CHECK(picture.probe_type != "tcp" || picture.all->known_cells() == 0);
  }
}

CAF_TEST(a number that goes and is named in one message is another one) {
  world w{{"eu"}};
  series_changes first;
  first.agents.push_back({0, "eu", "10.0.0.1"});
  first.targets.push_back({0, {"web", "https://a/", kinds::http()}, "http", false, false});
  first.series.push_back({0, 0, {}, failing});
  w.board.take(first);
  series_changes second;
  second.targets.push_back({0, {"web", "https://b/", kinds::http()}, "http", false, false});
  second.series.push_back({0, 0, failing, {}});
  second.series.push_back({0, 0, {}, well});
  w.board.take(second);
  CAF_CHECK(!w.board.is_probed("https://a/"));
  CAF_CHECK(w.board.is_probed("https://b/"));
  for (const auto& picture : w.board.pictures(start)) {
    CAF_CHECK_EQUAL(picture.all->bad_cells().size(), 0U);
  }
}

CAF_TEST(kinds keep their targets apart) {
  world w{{"eu", "us", "ap"}};
  for (int i = 0; i < 20; ++i) {
    const auto host = "10.0.0." + std::to_string(i);
    for (const auto* from : {"eu", "us", "ap"}) {
      w.say(from, "web", "http://" + host + "/", kinds::http(), i == 3 ? failing : well);
      w.say(from, "web", host + ":53", kinds::tcp(), well);
    }
  }
  const auto changes = w.look(start + 45s);
  CAF_REQUIRE_EQUAL(changes.size(), 1U);
  CAF_CHECK(changes[0].now.targets.names == std::vector<std::string>{"http://10.0.0.3/"});
  CAF_CHECK_EQUAL(changes[0].now.targets.of, 20U);
}

CAF_TEST(there is a whole picture when all parts have told all) {
  incident_board board{2};
  CAF_CHECK(!board.complete());
  series_changes some;
  some.more = true;
  board.take(some);
  some.part = 1;
  some.more = false;
  board.take(some);
  CAF_CHECK(!board.complete());
  some.part = 0;
  board.take(some);
  CAF_CHECK(board.complete());
}

CAF_TEST(series that go leave nothing behind) {
  world w{{"eu", "us", "ap"}};
  w.mesh(well);
  for (const auto* from : {"eu", "us", "ap"}) {
    w.say(from, "web", "https://a/", kinds::http(), failing);
  }
  CAF_CHECK_EQUAL(w.look(start + 45s).size(), 1U);
  for (const auto* from : {"eu", "us", "ap"}) {
    w.say(from, "web", "https://a/", kinds::http(), {});
  }
  CAF_CHECK(!w.board.is_probed("https://a/"));
  for (int i = 0; i < 60; ++i) {
    w.look(start + 60s + i * 1s);
  }
  CAF_CHECK_EQUAL(w.book.open_count(), 0U);
}

} // namespace incident_board_suite
