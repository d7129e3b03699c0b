#define CAF_SUITE status_json

#include "xprober/web/status_json.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace status_json_suite {

using namespace xprober;
using web::json;

namespace {

/// 2023-11-15T12:00:00Z.
constexpr std::int64_t noon = 1'700'049'600;

wall_time moment(std::int64_t seconds_ago) {
  return wall_time{std::chrono::seconds{noon - seconds_ago}};
}

incident trouble(std::uint64_t id, std::int64_t opened_ago) {
  incident out;
  out.id = id;
  out.severity = incident_severity::critical;
  out.summary = "target https://shop.example/ fails";
  out.opened = moment(opened_ago);
  out.probe_type = "http";
  out.reason = "connect_timeout";
  out.sources = {2, 3, {"eu-west 10.0.0.1", "us-east 10.0.0.2"}};
  out.targets = {1, 4, {"https://shop.example/"}};
  out.labels = {{"region", "web"}, {"target", "https://shop.example/"}, {"team", "shop"}};
  return out;
}

incident over(incident what, std::int64_t closed_ago) {
  what.closed = moment(closed_ago);
  return what;
}

status_config some_groups(bool show_targets = false) {
  return {true,
          "Our services",
          show_targets,
          {{"Shop", {{"label.team", "shop"}}}, {"Other", {{"region", "w*"}, {"target", "x*"}}}}};
}

/// The first group of the answer.
json shop(const std::vector<incident>& open, const std::vector<incident>& closed = {},
          state_numbers states = {}, bool show_targets = false,
          const std::vector<known_span>& known = {}) {
  store_snapshot counted;
  counted.tally = {{"Shop", states}};
  return json::parse(
             web::status_json(some_groups(show_targets), counted, open, closed, known, noon))
      .at("groups")
      .at(0);
}

std::string state_with(state_numbers states) {
  const auto out = shop({}, {}, states);
  return out.at("state").get<std::string>() + ": " + out.at("words").get<std::string>();
}

} // namespace

CAF_TEST(an incident concerns those whose matchers all fit) {
  const auto what = trouble(1, 60);
  const auto fits = [&](std::map<std::string, std::string> match) {
    return web::concerns({"g", std::move(match)}, what);
  };
  CAF_CHECK(fits({{"label.team", "sh*"}, {"probe_type", "http"}}));
  CAF_CHECK(fits({{"region", "web"}, {"target", "https://shop.*"}}));
  CAF_CHECK(fits({{"source_region", "eu-west*"}}));
  CAF_CHECK(!fits({{"label.team", "shop"}, {"region", "eu"}}));
  CAF_CHECK(!fits({{"label.area", "*"}}));
  auto prober = what;
  prober.kind = incident_kind::prober;
  CAF_CHECK(!web::concerns({"g", {{"label.team", "shop"}}}, prober));
  auto source = what;
  source.kind = incident_kind::source;
  CAF_CHECK(!web::concerns({"g", {{"label.team", "shop"}}}, source));
  CAF_CHECK(web::concerns({"g", {{"source_region", "us-east*"}}}, source));
}

CAF_TEST(a group tells its state in words and since when) {
  // never, ok, degraded, failing, prober_fault, stale
  CAF_CHECK_EQUAL(state_with({0, 4, 0, 0, 0, 0}), "ok: works");
  CAF_CHECK_EQUAL(state_with({1, 4, 0, 2, 0, 0}), "degraded: works in part");
  CAF_CHECK_EQUAL(state_with({0, 4, 1, 0, 0, 0}), "degraded: is slower or loses more than usual");
  CAF_CHECK_EQUAL(state_with({0, 0, 0, 2, 0, 3}), "failing: does not work");
  CAF_CHECK_EQUAL(state_with({1, 0, 0, 0, 1, 3}), "unknown: is not known");
}

CAF_TEST(a group is so since the incidents that make it so and no earlier ones) {
  // never, ok, degraded, failing, prober_fault, stale
  const state_numbers works{0, 4, 0, 0, 0, 0};
  const state_numbers fails{0, 0, 0, 2, 0, 3};
  const state_numbers unknown{0, 0, 0, 0, 0, 3};
  const std::vector<incident> open{trouble(1, 60), trouble(2, 90)};
  const std::vector<incident> closed{over(trouble(1, 900), 300)};
  const auto since = [](const std::vector<incident>& now, const std::vector<incident>& before,
                        const state_numbers& states) {
    const auto at = shop(now, before, states).at("since_unix");
    return at.is_null() ? 0 : at.get<std::int64_t>();
  };
  CAF_CHECK_EQUAL(since({}, {}, works), 0);
  CAF_CHECK_EQUAL(since({}, closed, works), noon - 300);
  CAF_CHECK_EQUAL(since(open, closed, fails), noon - 90);
  // It fails again, and the incident of that is not open yet; or it works, and is not closed yet.
  CAF_CHECK_EQUAL(since({}, closed, fails), 0);
  CAF_CHECK_EQUAL(since(open, {}, works), 0);
  // Its agents are lost: that has nothing to do with what failed before.
  CAF_CHECK_EQUAL(since({}, closed, unknown), 0);
  CAF_CHECK_EQUAL(since(open, {}, unknown), 0);
}

CAF_TEST(nothing is named unless it may be and is chosen) {
  const std::vector<incident> open{trouble(1, 60)};
  const auto hidden = shop(open);
  CAF_CHECK_EQUAL(hidden.at("incidents").at(0).at("sentence").get<std::string>(),
                  "Not reached from 2 of 3 places: connect timeout.");
  for (const auto* name : {"shop.example", "eu-west", "10.0.0", "web"}) {
    CAF_CHECK(hidden.dump().find(name) == std::string::npos);
  }
  auto odd = trouble(1, 60);
  odd.reason = "call 10.0.0.1"; // of an agent that is not well
  CAF_CHECK_EQUAL(web::public_sentence(odd), "Not reached from 2 of 3 places.");
  const auto shown = shop(open, {}, {}, true).at("incidents").at(0);
  CAF_CHECK_EQUAL(shown.at("targets").dump(), R"(["https://shop.example/"])");
  auto several = trouble(2, 60);
  several.targets = {2, 4, {"https://other.example/", "https://shop.example/"}};
  CAF_CHECK(shop({several}, {}, {}, true).at("incidents").at(0).at("targets").empty());
}

CAF_TEST(strips are of the time in which an incident was open) {
  const auto out = shop({trouble(3, 3600)}, {over(trouble(1, 2 * 86'400), 2 * 86'400 - 600),
                                             over(trouble(2, 2 * 86'400 - 300), 2 * 86'400 - 900),
                                             over(trouble(3, 3600), 0)});
  CAF_REQUIRE_EQUAL(out.at("last_24h").size(), 1u);
  CAF_CHECK_EQUAL(out.at("last_24h")[0].dump(),
                  R"({"from_unix":1700046000,"to_unix":1700049600,"severity":"critical"})");
  const auto& days = out.at("days");
  CAF_REQUIRE_EQUAL(days.at("seconds").size(), 90u);
  CAF_CHECK_EQUAL(days.at("from_unix").get<std::int64_t>(), noon - noon % 86'400 - 89 * 86'400);
  CAF_CHECK_EQUAL(days.at("seconds")[89].get<int>(), 3600);
  CAF_CHECK_EQUAL(days.at("seconds")[87].get<int>(), 900); // both together
  CAF_CHECK_EQUAL(days.at("seconds")[88].get<int>(), 0);
}

CAF_TEST(days of which nothing is known are told) {
  constexpr std::int64_t day = 86'400;
  const std::string name = "label.team=shop\n";
  const auto nothing = shop({});
  CAF_CHECK(nothing.at("known_24h").empty());
  CAF_REQUIRE_EQUAL(nothing.at("days").at("known_seconds").size(), 90u);
  CAF_CHECK(nothing.at("days").at("known_seconds") == json(std::vector<int>(90)));
  const std::vector<known_span> known{
      {name, noon - 200 * day, noon - 88 * day},
      {name, noon - 2 * day, noon - 2 * day + 600},
      {name, noon - 3600, noon - 30},
      {"label.team=other\n", noon - 50 * day, noon - 40 * day},
  };
  const auto out = shop({}, {over(trouble(1, 4 * day), 4 * day - 600)}, {0, 1}, false, known);
  const auto& days = out.at("days").at("known_seconds");
  CAF_CHECK_EQUAL(days[0].get<int>(), day);
  CAF_CHECK_EQUAL(days[1].get<int>(), day / 2);
  CAF_CHECK_EQUAL(days[2].get<int>(), 0);
  CAF_CHECK_EQUAL(days[85].get<int>(), 600); // an incident is known, too
  CAF_CHECK_EQUAL(days[87].get<int>(), 600);
  CAF_CHECK_EQUAL(days[89].get<int>(), 3600); // up to this moment
  CAF_CHECK_EQUAL(out.at("known_24h").dump(), R"([{"from_unix":1700046000,"to_unix":1700049600}])");
  CAF_MESSAGE(
      "of before it was looked at for the first time nothing is, whatever incidents there were");
  const std::vector<known_span> fresh{{name, noon - day, noon - 30}};
  const auto young =
      shop({}, {over(trouble(1, 4 * day), 4 * day - 600)}, {0, 1}, false, fresh).at("days");
  CAF_CHECK_EQUAL(young.at("seconds")[85].get<int>(), 600);
  CAF_CHECK_EQUAL(young.at("known_seconds")[85].get<int>(), 0);
  CAF_MESSAGE("what is not known now is not up to this moment");
  CAF_CHECK_EQUAL(shop({}, {}, {1}, false, known).at("days").at("known_seconds")[89].get<int>(),
                  3570);
}

CAF_TEST(what is counted for a group is what its matchers say) {
  const auto question = web::status_question(some_groups());
  CAF_REQUIRE_EQUAL(question.groups.size(), 2u);
  const auto& other = question.groups[1].second;
  CAF_CHECK(other.patterns);
  CAF_CHECK(other.region == "w*");
  CAF_CHECK(other.target == "x*");
  CAF_CHECK(question.groups[0].second.labels ==
            (std::vector<std::pair<std::string, std::string>>{{"team", "shop"}}));
}

} // namespace status_json_suite
