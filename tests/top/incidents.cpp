#define CAF_SUITE incidents

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "fake_server.hpp"

#include "caf/test/unit_test.hpp"

namespace incidents_suite {

using namespace xprober::top;
using namespace xprober::top::test;

namespace {

struct told {
  int id = 0;
  std::string severity = "critical";
  std::int64_t opened = now - 100;
  std::string more{}; ///< fields, each with a comma in front
};

std::string incident(const told& what) {
  return R"({"id":)" + std::to_string(what.id) + R"(,"kind":"target","severity":")" +
         what.severity + R"(","summary":"incident )" + std::to_string(what.id) +
         R"( of all","opened_unix":)" + std::to_string(what.opened) +
         R"(,"reason":"refused","acknowledged":null)" + what.more + "}";
}

std::string incident_list(const std::vector<told>& all) {
  std::string rows;
  for (const auto& what : all) {
    rows += (rows.empty() ? "" : ",") + incident(what);
  }
  return R"({"incidents":[)" + rows + R"(],"next":null})";
}

/// Nine incidents, and two targets that fail.
fake_server with_nine() {
  fake_server server;
  std::vector<told> all;
  for (int i = 1; i <= 9; ++i) {
    all.push_back({i, "critical", now - 100 + i});
  }
  all[6].more = R"(,"targets":{"affected":1,"of":9,"names":["http://Down.example/"]})";
  server.incidents = incident_list(all);
  server.targets = target_list(failing_row(1) + "," + failing_row(2), 2, 9);
  return server;
}

} // namespace

CAF_TEST(the worst incident comes first and what is muted last) {
  fake_server server;
  server.incidents = incident_list({{1, "info", now - 10},
                                    {2, "critical", now - 900, R"(,"muted":true)"},
                                    {3, "critical", now - 20, R"(,"acknowledged":{"by":"ann"})"},
                                    {4, "warning", now - 30},
                                    {5, "critical", now - 40},
                                    {6, "critical", now - 50}});
  const auto text = screen_of(sight_of(server, 80, 40));
  std::size_t last = 0;
  for (const auto* id : {"6", "5", "4", "1", "3", "2"}) {
    const auto at = text.find("incident " + std::string{id} + " of all");
    CAF_REQUIRE(at != std::string::npos);
    CAF_CHECK(at > last);
    last = at;
  }
  // Of more than it is asked for the server gives the worst.
  CAF_CHECK_EQUAL(path_of(sight_of(server), asked::incidents),
                  std::string{"/api/v1/incidents?state=open&sort=severity&limit=100"});
}

CAF_TEST(incidents leave room for targets until somebody wants all) {
  auto sight = sight_of(with_nine());
  auto text = screen_of(sight);
  CAF_CHECK(has(text, "9 open incidents\n"));
  CAF_CHECK(has(text, "  and 3 more incidents, Enter shows all\n"));
  CAF_CHECK(has(text, "2 failing targets, worst first\n  http://t1.example/"));
  CAF_CHECK(has(text, "\n  http://t2.example/"));
  for (int i = 0; i < 7; ++i) {
    sight.press({key::down});
  }
  sight.press({key::enter});
  text = screen_of(sight);
  CAF_CHECK(has(text, "incident 7 of all"));
  CAF_CHECK(!has(text, "more incidents"));
  sight.press({key::last});
  CAF_CHECK(has(screen_of(sight), "incident 9 of all"));
  // A larger screen has room for all of them.
  CAF_CHECK(!has(screen_of(sight_of(with_nine(), 80, 40)), "more incident"));
  // Without targets there is still their heading.
  auto alone = with_nine();
  alone.targets = target_list("", 0, 9);
  CAF_CHECK(has(screen_of(sight_of(alone)), "0 failing targets"));
}

CAF_TEST(a filter is for incidents too) {
  const auto server = with_nine();
  auto sight = sight_of(server);
  sight.press({key::last});
  type(sight, "/down.ex"); // seen while it is typed
  auto text = screen_of(sight);
  CAF_CHECK(has(text, "9 incidents are open"));
  CAF_CHECK(has(text, "1 of 9 open incidents with \"down.ex\"\n"));
  CAF_CHECK(has(text, "incident 7 of all"));
  CAF_CHECK(!has(text, "incident 1 of all"));
  CAF_CHECK(has(text, "http://t1.example/")); // what the server says of these comes next
  sight.press({key::enter});
  server.tell(sight);
  type(sight, "/?");
  text = screen_of(sight);
  CAF_CHECK(has(text, "0 of 9 open incidents with \"down.ex?\"\n"));
  const auto shown = sight.lines(now);
  CAF_CHECK(std::ranges::any_of(shown, &screen_line::selected));
  sight.press({key::escape});
  CAF_CHECK(has(screen_of(sight), "incident 1 of all"));
}

} // namespace incidents_suite
