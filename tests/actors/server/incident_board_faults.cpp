#define CAF_SUITE incident_board_faults

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "actors/server/board_world.hpp"

#include "caf/test/dsl.hpp"

// What counts of what an agent sees that has a fault of its own.

namespace incident_board_faults_suite {

using namespace board_worlds;
using namespace std::chrono_literals;

namespace {

/// The summaries of what is open a minute after "us", which alone fails to reach one of two URLs,
/// says these own faults; `not_probed`: what it does not probe over TCP, by a fault of its own.
std::set<std::string> opened_beside(const std::vector<std::string>& reasons,
                                    const std::vector<std::string>& not_probed = {}) {
  world w{{"ap", "eu", "us"}};
  for (const auto& reason : reasons) {
    w.agents.at("us").own_faults.push_back({reason, "it says so", noon});
  }
  w.tell_agents();
  w.mesh(well);
  for (const auto* from : {"ap", "eu", "us"}) {
    for (const auto* url : {"http://a/", "http://b/"}) {
      const bool fails = from == std::string{"us"} && url == std::string{"http://a/"};
      w.say(from, "web", url, kinds::http(), fails ? failing : well);
    }
  }
  for (const auto& address : not_probed) {
    w.say("us", "web", address, kinds::tcp(), faulty);
  }
  for (auto now = start; now < start + 60s; now += 5s) {
    w.look(now);
  }
  std::set<std::string> summaries;
  for (const auto& one : w.book.open()) {
    summaries.insert(one.summary);
  }
  return summaries;
}

/// With a result a second in each pair, and a mesh that is well; "us" is overloaded.
struct overloaded_world : world {
  wall_time now = start;
  std::vector<incident_change> told;

  overloaded_world() : world{{"ap", "eu", "us"}} {
    for (auto& [region, line] : agents) {
      line.probe_interval_ms = 1000;
    }
    tell_agents();
    mesh(well);
  }
  void pass(std::chrono::seconds time) {
    for (const auto end = now + time; now < end; now += 1s) {
      for (auto& change : look(now)) {
        if (change.tell) {
          told.push_back(std::move(change));
        }
      }
    }
  }
  void overload(const std::string& region) {
    agents.at(region).own_faults = {{"overload", "too much", noon}};
    tell_agents();
  }
};

constexpr series_sight removed{series_state::never, 0};

constexpr const char* path_fails =
    "path from us to http://a/: the pair fails, and neither end fails "
    "in general (no_reply)";

} // namespace

CAF_TEST(what an agent sees counts where its own fault is of something else) {
  for (const auto* reason : {"unknown_modules", "certificate_ends", "spool_full", "no_ipv6"}) {
    CAF_MESSAGE(reason);
    const auto own = "prober us: it has a fault of its own; 0 of 2 others are failing (" +
                     std::string{reason} + ")";
    CAF_CHECK_EQUAL(opened_beside({reason}), (std::set<std::string>{path_fails, own}));
  }
}

CAF_TEST(what an agent sees counts nothing where its own fault is in all of it) {
  CAF_CHECK_EQUAL(opened_beside({}), std::set<std::string>{path_fails});
  const std::set<std::string> overload{
      "prober us: overload; its results are not counted; 0 of 2 others are failing"};
  CAF_CHECK_EQUAL(opened_beside({"overload"}), overload);
  CAF_CHECK_EQUAL(opened_beside({"certificate_ends", "overload"}), overload);
  CAF_CHECK_EQUAL(opened_beside({"flooded"}),
                  std::set<std::string>{"prober us: it has a fault of its own; 0 of 2 others "
                                        "are failing (flooded)"});
}

CAF_TEST(own faults in one kind leave what an agent sees of another one) {
  CAF_CHECK_EQUAL(opened_beside({}, {"a:1", "b:2"}),
                  (std::set<std::string>{
                      path_fails, "prober us: 2 of 2 series end with the prober's own fault"}));
}

CAF_TEST(an agent without permission is judged by those of its series that it cannot probe) {
  world w{{"ap", "eu", "us"}};
  w.agents.at("us").own_faults = {{"no_icmp_permission", "give it the right", noon}};
  w.tell_agents();
  w.mesh(well);
  w.pair("us", "ap", faulty);
  w.pair("us", "eu", faulty);
  w.say("us", "eu", "name@10.1.0.1", kinds::dns(), well);
  w.say("ap", "eu", "name@10.1.0.1", kinds::dns(), well);
  for (auto now = start; now < start + 60s; now += 5s) {
    w.look(now);
  }
  const auto open = w.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK_EQUAL(open[0].summary, "prober us: 2 of 2 series end with the prober's own fault; "
                                   "0 of 2 others are failing (no_icmp_permission)");
  CAF_CHECK_EQUAL(open[0].probe_type, "icmp");
  CAF_CHECK_EQUAL(open[0].detail, "give it the right");
}

CAF_TEST(an agent that has no series of a kind any more is in no trouble there) {
  overloaded_world w;
  for (const auto* from : {"ap", "eu", "us"}) {
    w.say(from, "web", "http://a/", kinds::http(), well);
  }
  w.pass(5s);
  w.overload("us");
  w.pass(10s);
  CAF_CHECK(!w.book.open().empty());
  for (const auto* from : {"ap", "eu", "us"}) {
    w.say(from, "web", "http://a/", kinds::http(), removed);
  }
  w.pass(5s);
  w.agents.at("us").own_faults.clear();
  w.tell_agents();
  w.pass(60s);
  CAF_CHECK(w.book.open().empty());
}

CAF_TEST(an overloaded agent that leaves takes its trouble with it) {
  overloaded_world w;
  w.pass(5s);
  w.overload("us");
  w.pass(10s);
  for (const auto* other : {"ap", "eu"}) { // before the listing says so
    w.pair("us", other, removed);
    w.pair(other, "us", removed);
  }
  w.agents.erase("us");
  w.tell_agents();
  w.pass(60s);
  CAF_CHECK(w.book.open().empty());
}

CAF_TEST(an outage is not told to be over because those who see it are overloaded) {
  overloaded_world w;
  w.pass(5s);
  w.overload("us");
  w.pass(10s);
  for (const auto* other : {"ap", "eu"}) {
    w.pair(other, "us", failing);
  }
  w.pass(4s);
  w.agents.at("us").state = agent_state::lost;
  w.tell_agents();
  for (const auto* other : {"ap", "eu"}) {
    w.pair("us", other, {series_state::stale, 0});
  }
  w.pass(30s);
  w.overload("ap");
  w.overload("eu");
  w.told.clear();
  w.pass(30s);
  for (const auto& change : w.told) {
    CAF_CHECK(*change.tell != incident_notice::closed || change.now.kind == incident_kind::prober);
  }
  const auto open = w.book.open();
  const auto outage = std::ranges::find(open, incident_severity::critical, &incident::severity);
  CAF_REQUIRE(outage != open.end());
  CAF_CHECK(outage->kind != incident_kind::prober);
}

} // namespace incident_board_faults_suite
