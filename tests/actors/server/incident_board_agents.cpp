#define CAF_SUITE incident_board_agents

#include <chrono>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/server/board_world.hpp"

#include "caf/test/dsl.hpp"

// What is said of a region's agents when one of them dies and then the others.

namespace incident_board_agents_suite {

using namespace board_worlds;
using namespace std::chrono_literals;

namespace {

/// A region "eu" of several agents, which "us" and "ap" probe, and which probe these.
class one_region {
public:
  explicit one_region(std::uint32_t agents) : size_(agents) {
    for (std::uint32_t i = 0; i < agents; ++i) {
      w.agents[name(i)] = {{"eu", "10.1.0." + std::to_string(10 + i)}, "", 0, 0, {}};
    }
    w.tell_agents();
    probe();
    pass(10s);
  }

  static std::string name(std::uint32_t agent) { return "eu " + std::to_string(agent); }

  void die(std::uint32_t agent) {
    dead_.insert(name(agent));
    probe();
    pass(20s);
  }
  void die_all() {
    for (std::uint32_t i = 0; i < size_; ++i) {
      dead_.insert(name(i));
    }
    probe();
    pass(20s);
  }
  /// The lease of the dead ones is over.
  void lose() {
    for (const auto& agent : dead_) {
      w.agents.at(agent).state = agent_state::lost;
    }
    w.tell_agents();
    pass(100s);
  }
  void rise() {
    for (const auto& agent : dead_) {
      w.agents.at(agent).state = agent_state::ok;
    }
    dead_.clear();
    w.tell_agents();
    probe();
    pass(100s);
  }
  /// They are back, and "ap" has not seen it yet: what it says has failed for so many results.
  void rise_but_for_ap(std::uint8_t results) {
    for (const auto& agent : dead_) {
      w.agents.at(agent).state = agent_state::ok;
    }
    w.tell_agents();
    const auto dead = std::exchange(dead_, {});
    probe();
    for (const auto& agent : dead) {
      w.say("ap", "eu", w.agents.at(agent).agent.local_ip, kinds::icmp(),
            {series_state::failing, results});
    }
    pass(30s);
  }

  world w{{"us", "ap"}};
  std::vector<std::string> told{};
  std::string opening{}; ///< the sentence of the incident that was told last to open
  incident last{};

private:
  void probe() {
    for (const auto* from : {"us", "ap"}) {
      for (std::uint32_t i = 0; i < size_; ++i) {
        w.say(from, "eu", w.agents.at(name(i)).agent.local_ip, kinds::icmp(),
              dead_.contains(name(i)) ? failing : well);
      }
      w.pair(from, from == std::string{"us"} ? "ap" : "us", well);
    }
    for (std::uint32_t i = 0; i < size_; ++i) {
      for (const auto* to : {"us", "ap"}) {
        w.pair(name(i), to, dead_.contains(name(i)) ? series_sight{series_state::stale, 0} : well);
      }
    }
  }
  void pass(std::chrono::seconds time) {
    for (const auto end = now_ + time; now_ < end; now_ += 5s) {
      for (const auto& change : w.look(now_)) {
        last = change.now;
        if (change.tell) {
          told.push_back(std::string{to_string(*change.tell)} + " " +
                         std::to_string(change.now.id));
          opening = *change.tell == incident_notice::opened ? change.now.summary : opening;
        }
      }
    }
  }

  std::uint32_t size_;
  std::set<std::string> dead_;
  wall_time now_ = start;
};

using told_list = std::vector<std::string>;

/// One of several dies, is lost, and then the others.
void check_region_of(std::uint32_t agents) {
  CAF_MESSAGE(agents << " agents");
  one_region eu{agents};
  CAF_CHECK(eu.told.empty());
  eu.die(0);
  CAF_CHECK_EQUAL(eu.opening, "agent eu 10.1.0.10: 2 of 2 regions fail to reach it; " +
                                  std::to_string(agents - 1) + " of eu " +
                                  (agents == 2 ? "answers" : "answer") + " (no_reply)");
  CAF_CHECK(eu.last.severity == incident_severity::warning);
  CAF_CHECK(eu.last.targets.names == std::vector<std::string>{"eu 10.1.0.10"});
  CAF_CHECK_EQUAL(eu.last.targets.affected, 1u);
  CAF_CHECK_EQUAL(eu.last.targets.of, agents);
  eu.lose();
  CAF_CHECK_EQUAL(eu.told, told_list{"opened 1"});
  const auto open = eu.w.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK(open[0].summary.find("fail to reach it, and it is lost; ") != std::string::npos);
  eu.die_all();
  eu.lose();
  CAF_CHECK_EQUAL(eu.told, (told_list{"opened 1", "escalated 1"}));
  CAF_CHECK_EQUAL(eu.w.book.open_count(), 1u);
  eu.rise();
  CAF_CHECK_EQUAL(eu.told, (told_list{"opened 1", "escalated 1", "closed 1"}));
}

} // namespace

CAF_TEST(an agent that is back and that one region does not see yet is no other incident) {
  for (const std::uint8_t results : {std::uint8_t{longest_run}, std::uint8_t{3}}) {
    one_region eu{2};
    eu.die(0);
    eu.lose();
    eu.rise_but_for_ap(results);
    CAF_CHECK_EQUAL(eu.told, told_list{"opened 1"});
    const auto open = eu.w.book.open();
    CAF_REQUIRE_EQUAL(open.size(), 1u);
    CAF_CHECK(open[0].summary.starts_with("path from ap to eu: the pair "));
    eu.rise();
    CAF_CHECK_EQUAL(eu.told, (told_list{"opened 1", "closed 1"}));
  }
}

CAF_TEST(the only agent of a region is its region) {
  one_region eu{1};
  eu.die(0);
  CAF_CHECK_EQUAL(eu.opening, "region eu: 2 of 2 regions fail to reach it, and its own probers "
                              "are silent; 0 of 2 others are failing (no_reply)");
  CAF_CHECK(eu.last.severity == incident_severity::critical);
  eu.lose();
  CAF_CHECK_EQUAL(eu.told, told_list{"opened 1"});
  eu.rise();
  CAF_CHECK_EQUAL(eu.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(one agent of two) { check_region_of(2); }
CAF_TEST(one agent of three) { check_region_of(3); }
CAF_TEST(one agent of eleven) { check_region_of(11); }
CAF_TEST(one agent of forty) { check_region_of(40); }

CAF_TEST(an agent that is lost and still reached is not said to have results) {
  one_region eu{3};
  eu.w.agents.at(one_region::name(1)).state = agent_state::lost;
  eu.lose(); // nobody is dead
  CAF_CHECK_EQUAL(eu.told, told_list{"opened 1"});
  CAF_CHECK(eu.last.kind == incident_kind::prober);
  CAF_CHECK_EQUAL(eu.opening, "prober eu 10.1.0.11: nothing is heard of it; 0 of 4 others are "
                              "failing");
}

CAF_TEST(the period is that of most agents whatever one says) {
  world w{{"ap", "eu", "us"}};
  w.mesh(well);
  const auto period = [&] { return w.board.pictures(start).front().period; };
  CAF_CHECK(period() == incident_board::usual_period);
  w.agents.at("ap").probe_interval_ms = 20'000;
  w.agents.at("eu").probe_interval_ms = 20'000;
  w.agents.at("us").probe_interval_ms = std::numeric_limits<std::uint64_t>::max();
  w.tell_agents();
  CAF_CHECK(period() == 20s);
  for (auto& [region, line] : w.agents) {
    line.probe_interval_ms = std::numeric_limits<std::uint64_t>::max();
  }
  w.tell_agents();
  CAF_CHECK(period() == incident_board::longest_period);
}

/// Agents of whom some are behind.
struct late_world : world {
  using world::world;

  bool behind(wall_time now, const std::string& region = "us") {
    for (const auto& picture : board.pictures(now)) {
      for (const auto source : picture.all->behind()) {
        if (picture.names->name(side::source, source) == region) {
          return true;
        }
      }
    }
    return false;
  }
  /// "us" probes "ap".
  void result(series_sight sight, std::int64_t last) {
    say("us", "ap", agents.at("ap").agent.local_ip, kinds::icmp(), sight, "no answer", last);
  }
  /// "us" asks, and says that results wait since then.
  void asks(std::int64_t at, std::int64_t oldest) {
    agents.at("us").last_seen_unix = at;
    agents.at("us").backlog = agent_backlog{2, 1000, oldest, 0};
    tell_agents();
  }
};

CAF_TEST(who delivers old results is behind for a moment) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  CAF_CHECK(!w.behind(start));
  w.result({series_state::failing, 1}, noon - 5);
  CAF_CHECK(!w.behind(start));
  w.result({series_state::failing, 2}, noon - 300);
  CAF_CHECK(w.behind(start));
  CAF_CHECK(!w.behind(start, "ap"));
  CAF_CHECK(w.behind(start + 2s));
  CAF_CHECK(!w.behind(start + 3s));
  w.result({series_state::failing, 3}, noon - 250);
  CAF_CHECK(w.behind(start + 5s));
  CAF_CHECK(!w.behind(start - 1h)); // the clock was set
  w.result({series_state::stale, 0}, noon - 250);
  CAF_CHECK(!w.behind(start + 20s)); // it has delivered nothing
}

CAF_TEST(who has a slow clock is not behind for that) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  w.agents.at("us").clock_skew_ms = -60'000;
  w.tell_agents();
  w.result({series_state::failing, 1}, noon - 65);
  CAF_CHECK(!w.behind(start));
  w.result({series_state::failing, 2}, noon - 85);
  CAF_CHECK(w.behind(start));
}

CAF_TEST(who was cut off with others is waited for longer) {
  late_world w{{"us", "ap", "eu"}};
  w.mesh(well);
  CAF_CHECK(!w.behind(start, "eu"));
  w.agents.at("eu").state = agent_state::lost;
  w.tell_agents();
  CAF_CHECK(!w.behind(start, "eu")); // who is away alone is not waited for
  w.result({series_state::failing, 4}, noon - 300);
  CAF_CHECK(w.behind(start, "us") && w.behind(start, "eu"));
  CAF_CHECK(!w.behind(start + 14s, "us") && w.behind(start + 14s, "eu"));
  CAF_CHECK(!w.behind(start + 15s, "eu"));
}

CAF_TEST(who comes back with nothing left to deliver is followed by the others) {
  late_world w{{"us", "ap", "eu"}};
  w.mesh(well);
  const auto are = [&](agent_state us) {
    w.agents.at("us").state = us;
    w.tell_agents();
  };
  CAF_CHECK(!w.behind(start, "eu"));
  w.agents.at("eu").state = agent_state::late;
  are(agent_state::lost);
  CAF_CHECK(!w.behind(start, "eu") && !w.behind(start, "us"));
  CAF_MESSAGE("results are here before the listing says so");
  w.result({series_state::failing, 4}, noon + 1);
  CAF_CHECK(w.behind(start + 1s, "us") && w.behind(start + 1s, "eu"));
  are(agent_state::ok);
  CAF_CHECK(w.behind(start + 2s, "us")); // its next results are on their way
  CAF_CHECK(!w.behind(start + 5s, "us") && w.behind(start + 5s, "eu"));
  CAF_CHECK(w.behind(start + 16s, "eu"));
  CAF_CHECK(!w.behind(start + 17s, "eu"));
  CAF_MESSAGE("the other one is back, too, and its first results are on their way");
  w.agents.at("eu").state = agent_state::ok;
  w.tell_agents();
  CAF_CHECK(w.behind(start + 18s, "eu"));
  CAF_CHECK(!w.behind(start + 21s, "eu"));
}

CAF_TEST(one that comes and goes does not hold up what others see) {
  late_world w{{"us", "ap", "eu"}};
  w.mesh(well);
  CAF_CHECK(!w.behind(start, "eu"));
  w.agents.at("eu").state = agent_state::lost;
  w.tell_agents();
  for (const auto every : {2, 20, 61}) {
    int held = 0;
    for (int second = 0; second < 3600; ++second) {
      w.agents.at("us").state = second % every == 0 ? agent_state::ok : agent_state::late;
      w.tell_agents();
      held +=
          w.behind(start + std::chrono::hours{every} + std::chrono::seconds{second}, "eu") ? 1 : 0;
    }
    const int waits = every > incident_board::returns_of_one_outage.count() ? 3600 / every + 1 : 1;
    const auto rest = incident_board::behind_rest + incident_board::behind_rest_of_others;
    const auto longest = waits * rest.count() + incident_board::returns_of_one_outage.count();
    CAF_CHECK_GREATER(held, 0);
    CAF_CHECK_LESS_OR_EQUAL(held, longest);
  }
}

CAF_TEST(who says that results wait is behind until they have come) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  w.agents.at("us").clock_skew_ms = 3'600'000;
  w.asks(noon, noon + 3600 - 2);
  CAF_CHECK(!w.behind(start));
  w.asks(noon, noon + 3600 - 60);
  CAF_CHECK(w.behind(start));
  CAF_CHECK(w.behind(start + 10s));
  w.asks(noon + 10, 0);
  CAF_CHECK(!w.behind(start + 13s));
}

CAF_TEST(what a batch says of a backlog counts before its agent says it) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  w.asks(noon, noon - 600);
  CAF_CHECK(w.behind(start));
  w.agents.at("us").caught_up_unix = noon + 1;
  w.tell_agents();
  CAF_CHECK(w.behind(start + 2s)); // for a moment: its results are on their way
  CAF_CHECK(!w.behind(start + 3s));
  w.asks(noon + 5, noon - 300); // what it knew before its last batch
  CAF_CHECK(!w.behind(start + 5s));
  w.asks(noon + 400, noon + 100);
  CAF_CHECK(w.behind(start + 400s));
}

CAF_TEST(a long backlog is waited for while it is delivered at twice the pace) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  const auto hour = 3600;
  for (int second = 0; second < hour; ++second) {
    w.agents.at("us").delivered_unix = noon - hour + 2 * second;
    w.asks(noon + second, noon - hour + 2 * second);
    CAF_REQUIRE(second > hour - 30 || w.behind(start + std::chrono::seconds{second}));
  }
}

CAF_TEST(a backlog is waited for that began before the agent counted as late) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  w.asks(noon, 0);
  CAF_CHECK(!w.behind(start));
  const int away = 45; // seconds; it is late from 15 on
  for (int second = 1; second < away; ++second) {
    w.agents.at("us").state = second < 15 ? agent_state::ok : agent_state::late;
    w.tell_agents();
    CAF_CHECK(!w.behind(start + std::chrono::seconds{second}));
  }
  w.agents.at("us").state = agent_state::ok;
  for (int second = 0; second < away - 20; ++second) {
    w.agents.at("us").delivered_unix = noon + 2 * second;
    w.asks(noon + away + second, noon + 2 * second);
    CAF_CHECK(w.behind(start + std::chrono::seconds{away + second}));
  }
}

CAF_TEST(who ends in the middle of a backlog holds nobody up) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  for (int second = 0; second < 60; ++second) {
    w.agents.at("us").delivered_unix = noon - 36'000 + 300 * second;
    w.asks(noon + second, noon - 36'000 + 300 * second);
    CAF_CHECK(w.behind(start + std::chrono::seconds{second}));
  }
  CAF_MESSAGE("it dies, and its report stays what it was");
  std::int64_t held = 0;
  for (int second = 60; second < 3600; ++second) {
    w.agents.at("us").state = second < 75    ? agent_state::ok
                              : second < 120 ? agent_state::late
                                             : agent_state::lost;
    w.tell_agents();
    held += w.behind(start + std::chrono::seconds{second}) ? 1 : 0;
  }
  CAF_CHECK(held <= 40);
}

CAF_TEST(one of several agents that is behind does not hold up its region) {
  late_world w{{"us", "ap"}};
  for (const auto* other : {"b", "c"}) {
    w.agents[other] = {{"us", std::string{"10.0.1."} + (*other == 'b' ? "2" : "3")}, "", 0, 0, {}};
  }
  w.tell_agents();
  const auto& ap = w.agents.at("ap").agent.local_ip;
  for (const auto* from : {"us", "b", "c"}) {
    w.say(from, "ap", ap, kinds::icmp(), well, "", noon - 5);
  }
  CAF_CHECK(!w.behind(start));
  w.say("us", "ap", ap, kinds::icmp(), failing, "no answer", noon - 300);
  CAF_CHECK(!w.behind(start + 1s));
  w.say("b", "ap", ap, kinds::icmp(), failing, "no answer", noon - 300);
  CAF_CHECK(w.behind(start + 2s));
}

CAF_TEST(a backlog that does not come holds nobody up) {
  late_world w{{"us", "ap"}};
  w.mesh(well);
  w.asks(noon, 0);
  CAF_CHECK(!w.behind(start));
  CAF_MESSAGE("it says so, and nothing comes");
  std::int64_t held = 0;
  const auto pass = [&](std::int64_t from, std::int64_t seconds, auto oldest) {
    held = 0;
    for (auto at = from; at < from + seconds; ++at) {
      w.asks(at, oldest(at));
      held += w.behind(wall_time{std::chrono::seconds{at}}) ? 1 : 0;
    }
  };
  pass(noon, 3600, [](auto) { return noon - 86'400; });
  CAF_CHECK(held <= 20);
  CAF_MESSAGE("it says that much comes, as if it had been away for a day");
  pass(noon + 4000, 3600, [](auto at) { return noon - 86'400 + 10 * (at - noon); });
  CAF_CHECK(held <= 20);
  CAF_MESSAGE("the next hour as well, with a moment of nothing between");
  w.asks(noon + 7999, 0);
  CAF_CHECK(!w.behind(start + 7999s));
  pass(noon + 8000, 3600, [](auto at) { return at - 1800; });
  CAF_CHECK(held <= 40);
}

} // namespace incident_board_agents_suite
