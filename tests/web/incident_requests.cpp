#define CAF_SUITE incident_requests

#include "xprober/web/incident_requests.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/sample.hpp"
#include "xprober/web/time_values.hpp"

#include "caf/test/unit_test.hpp"

namespace incident_requests_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

constexpr std::int64_t now = sample::now_unix;

std::string query_problem(const std::string& text) {
  std::string problem;
  CAF_CHECK(!read_incident_query(net::query_params{text}, now, problem));
  return problem;
}

std::string mute_error(const std::string& text) {
  std::string problem;
  CAF_CHECK(!read_mute(json::parse(text), sample::at(), problem));
  return problem;
}

std::optional<mute> good_mute(const std::string& text) {
  std::string problem;
  auto out = read_mute(json::parse(text), sample::at(), problem);
  CAF_CHECK_EQUAL(problem, "");
  return out;
}

net::http_request post(std::string body, std::string type = "application/json") {
  net::http_request request{net::http::verb::post, "/", 11};
  if (!type.empty()) {
    request.set(net::http::field::content_type, type);
  }
  request.body() = std::move(body);
  return request;
}

unsigned refused(const net::http_request& request) {
  net::http_response problem;
  CAF_CHECK(!read_json_body(request, problem));
  return problem.result_int();
}

} // namespace

CAF_TEST(without parameters all incidents are asked for) {
  std::string problem;
  const auto query = read_incident_query({}, now, problem);
  CAF_REQUIRE(query);
  CAF_CHECK(!query->open && !query->since && !query->judge && !query->worst_first);
  CAF_CHECK(query->filter.fits(incident{}));
  CAF_CHECK_EQUAL(query->limit, 100u);
}

CAF_TEST(incidents are filtered by what they have) {
  std::string problem;
  const auto query = read_incident_query(
      net::query_params{"state=open&kind=path&severity=critical&since=1767323000&limit=7&cursor=44"
                        "&label.team=shop"},
      now, problem);
  CAF_REQUIRE(query);
  CAF_CHECK(query->open == true);
  CAF_CHECK(query->filter.kinds == std::vector{incident_kind::path});
  CAF_CHECK(query->filter.severities == std::vector{incident_severity::critical});
  CAF_CHECK(query->since == wall_time{std::chrono::seconds{1'767'323'000}});
  CAF_CHECK_EQUAL(query->limit, 7u);
  CAF_CHECK_EQUAL(query->before, 44u);
  CAF_CHECK((query->filter.labels == std::vector<incident_label>{{"team", "shop"}}));
}

CAF_TEST(incidents are filtered by several values of a field) {
  std::string problem;
  const auto query = read_incident_query(
      net::query_params{"kind=target,prober&severity=warning,critical&probe_type=http,icmp,"
                        "&reason=refused,timeout&region=eu&target=https%3A%2F%2Fa%2F*&source=us"},
      now, problem);
  CAF_REQUIRE(query);
  const auto& filter = query->filter;
  CAF_CHECK((filter.kinds == std::vector{incident_kind::target, incident_kind::prober}));
  CAF_CHECK(
      (filter.severities == std::vector{incident_severity::warning, incident_severity::critical}));
  CAF_CHECK((filter.probe_types == std::vector<std::string>{"http", "icmp", ""}));
  CAF_CHECK((filter.reasons == std::vector<std::string>{"refused", "timeout"}));
  CAF_CHECK_EQUAL(filter.region, "eu");
  CAF_CHECK_EQUAL(filter.target, "https://a/*");
  CAF_CHECK_EQUAL(filter.source, "us");
}

CAF_TEST(the worst come first where that is asked for and pages go on behind them) {
  std::string problem;
  const auto first = read_incident_query(net::query_params{"sort=severity"}, now, problem);
  CAF_REQUIRE(first);
  CAF_CHECK(first->worst_first && !first->from);
  storage::incident_page page;
  page.next = 44;
  CAF_CHECK_EQUAL(incident_cursor(page), "44");
  page.next_from = incident_severity::warning;
  const auto cursor = incident_cursor(page);
  CAF_CHECK_EQUAL(cursor, "warning.44");
  const auto next =
      read_incident_query(net::query_params{"sort=severity&cursor=" + cursor}, now, problem);
  CAF_REQUIRE(next);
  CAF_CHECK(next->from == incident_severity::warning);
  CAF_CHECK_EQUAL(next->before, 44u);
  for (const auto* bad : {"sort=severity&cursor=44", "sort=severity&cursor=high.44",
                          "sort=severity&cursor=warning.", "cursor=warning.44"}) {
    CAF_CHECK(query_problem(bad).starts_with("cursor must be what an answer"));
  }
}

CAF_TEST(a time behind all that a clock can say is the last of these) {
  std::string problem;
  const auto query =
      read_incident_query(net::query_params{"since=2999-01-01T00:00:00Z"}, now, problem);
  CAF_REQUIRE(query);
  CAF_CHECK(query->since == to_wall_time(last_wall_second));
}

CAF_TEST(a bad parameter is named with what is allowed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"state=old", "state must be one of open, closed, not \"old\""},
      {"kind=region", "kind must be one or several of target, source, path, prober, separated by "
                      "commas, not \"region\""},
      {"kind=target,", "kind must be one or several of target, source, path, prober, separated by "
                       "commas, not \"\""},
      {"severity=critical,high", "severity must be one or several of info, warning, critical, "
                                 "separated by commas, not \"high\""},
      {"sort=oldest", "sort must be one of newest, severity, not \"oldest\""},
      {"region=", "region must not be empty; leave it out for all of them"},
      {"target=", "target must not be empty"},
      {"since=yesterday", "since is not a time; allowed are seconds since 1970"},
      {"since=999999999999999", "since is not a time"},
      {"limit=1001", "limit must be a whole number from 1 to 1000"},
      {"cursor=0", "cursor must be what an answer"},
      {"cursor=x", "cursor must be what an answer"},
      {"cursor=99999999999999999999", "cursor must be what an answer"},
      {"label.a-b=x", "label.a-b: a label's name has letters"},
      {"id=7", "unknown parameter id; allowed are state, kind, severity, probe_type, reason, "
               "region, target, source, label.NAME, since, sort, limit, cursor"}};
  for (const auto& [query, expected] : cases) {
    CAF_MESSAGE(query);
    CAF_CHECK(query_problem(query).starts_with(expected));
  }
}

CAF_TEST(a body is a JSON object and says so) {
  net::http_response problem;
  const auto body = read_json_body(post(R"({"by": "ann"})"), problem);
  CAF_REQUIRE(body);
  CAF_CHECK_EQUAL(body->at("by").get<std::string>(), "ann");
  CAF_CHECK(read_json_body(post("{}", "Application/JSON; charset=utf-8"), problem));
  for (const auto* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data", "application/jsonp"}) {
    CAF_CHECK_EQUAL(refused(post("{}", type)), 415u);
  }
  for (const auto* text : {"", "[]", "7", "null", "{", "{\"a\": \"\xFF\"}", "{} {}"}) {
    CAF_CHECK_EQUAL(refused(post(text)), 400u);
  }
  CAF_CHECK_EQUAL(refused(post(std::string(max_json_body, '['))), 400u);
  CAF_CHECK_EQUAL(refused(post(std::string(max_json_body + 1, ' '))), 413u);
}

CAF_TEST(an acknowledgement says who) {
  std::string problem;
  const auto good = read_acknowledgement(json::parse(R"({"by": "ann", "note": "looking"})"),
                                         sample::at(), problem);
  CAF_REQUIRE(good);
  CAF_CHECK((*good == acknowledgement{"ann", "looking", sample::at()}));
  CAF_CHECK(read_acknowledgement(json::parse(R"({"by": "ann"})"), sample::at(), problem));
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({})", "by is missing"},
      {R"({"by": 7})", "by must be a text"},
      {R"({"by": "  "})", "by must not be empty"},
      {R"({"by": "a\nb"})", "by must be UTF-8 of at most 256 bytes without control characters"},
      {R"({"by": ")" + std::string(257, 'x') + "\"}", "by must be UTF-8 of at most 256 bytes"},
      {R"({"by": "ann", "note": null})", "note must be a text"},
      {R"({"by": "ann", "why": "x"})", "unknown key 'why'; allowed are by, note"}};
  for (const auto& [text, expected] : cases) {
    CAF_MESSAGE(text);
    CAF_CHECK(!read_acknowledgement(json::parse(text), sample::at(), problem));
    CAF_CHECK(problem.starts_with(expected));
  }
}

CAF_TEST(a mute is read with its end as a time or a length) {
  const std::string rest = R"(, "by": "ann", "why": "the shop moves"})";
  const auto listed =
      good_mute(R"({"matchers": [{"field": "team", "value": "shop*"}], "for": "2h")" + rest);
  CAF_REQUIRE(listed);
  CAF_REQUIRE_EQUAL(listed->conditions.size(), 1u);
  CAF_CHECK((listed->conditions[0] == mute_condition{"team", "shop*"}));
  CAF_CHECK(listed->from == sample::at());
  CAF_CHECK_EQUAL(to_unix_seconds(listed->until), now + 7200);
  CAF_CHECK_EQUAL(listed->by, "ann");
  CAF_CHECK_EQUAL(listed->why, "the shop moves");
  const auto named =
      good_mute(R"({"matchers": {"team": "shop", "kind": "target"}, "until": 1767330000)" + rest);
  CAF_REQUIRE(named);
  CAF_CHECK_EQUAL(named->conditions.size(), 2u);
  CAF_CHECK_EQUAL(to_unix_seconds(named->until), 1'767'330'000);
  const auto dated =
      good_mute(R"({"matchers": {"team": "shop"}, "until": "2026-01-02T05:00:00Z")" + rest);
  CAF_REQUIRE(dated);
  CAF_CHECK_EQUAL(to_unix_seconds(dated->until), 1'767'330'000);
}

CAF_TEST(what is wrong with a mute is said) {
  const std::string who = R"(, "by": "ann", "why": "x"})";
  const std::string what = R"({"matchers": {"team": "shop"})";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{\"for\": \"2h\"" + who, "matchers must be a list of "},
      {R"({"matchers": "team", "for": "2h")" + who, "matchers must be a list of "},
      {R"({"matchers": [], "for": "2h")" + who, "a mute needs at least one condition"},
      {R"({"matchers": ["team"], "for": "2h")" + who, "matchers: each needs a field and a value"},
      {R"({"matchers": [{"field": "a", "value": "b", "x": 1}], "for": "2h")" + who,
       "unknown key 'x'; allowed are field, value"},
      {R"({"matchers": {"team": 7}, "for": "2h")" + who, "matchers: field and value must be texts"},
      {R"({"matchers": {"team": ""}, "for": "2h")" + who, "a condition needs a field and a value"},
      {what + who, "one of until (seconds since 1970"},
      {what + R"(, "for": "2h", "until": 1767330000)" + who, "one of until (seconds since 1970"},
      {what + R"(, "for": 7200)" + who, "for must be a duration"},
      {what + R"(, "for": "367d")" + who, "for must be a duration"},
      {what + R"(, "until": 1767323045)" + who, "until must be seconds since 1970"},
      {what + R"(, "until": 1e30)" + who, "until must be seconds since 1970"},
      {what + R"(, "until": 18446744073709551615)" + who, "until must be seconds since 1970"},
      {what + R"(, "until": "tomorrow")" + who, "until must be seconds since 1970"},
      {what + R"(, "until": "2036-01-02T05:00:00Z")" + who, "until must be seconds since 1970"},
      {what + R"(, "for": "2h", "why": "x"})", "by is missing"},
      {what + R"(, "for": "2h", "by": "ann"})", "why is missing"},
      {what + R"(, "for": "2h", "id": 7)" + who, "unknown key 'id'; allowed are matchers, until"}};
  for (const auto& [text, expected] : cases) {
    CAF_MESSAGE(text);
    CAF_CHECK(mute_error(text).starts_with(expected));
  }
}

} // namespace incident_requests_suite
