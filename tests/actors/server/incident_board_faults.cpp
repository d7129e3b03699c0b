#define CAF_SUITE incident_board_faults

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

} // namespace incident_board_faults_suite
