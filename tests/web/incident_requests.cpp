#define CAF_SUITE incident_requests

#include "xprober/web/incident_requests.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/sample.hpp"

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
  CAF_CHECK(!query->open && !query->kind && !query->severity && !query->since && !query->also);
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
  CAF_CHECK(query->kind == incident_kind::path);
  CAF_CHECK(query->severity == incident_severity::critical);
  CAF_CHECK(query->since == wall_time{std::chrono::seconds{1'767'323'000}});
  CAF_CHECK_EQUAL(query->limit, 7u);
  CAF_CHECK_EQUAL(query->before, 44u);
  CAF_REQUIRE(query->also);
  CAF_CHECK(query->also(sample::open_incident()));
  auto other = sample::open_incident();
  other.labels = {};
  CAF_CHECK(!query->also(other));
}

CAF_TEST(a bad parameter is named with what is allowed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"state=old", "state must be one of open, closed, not \"old\""},
      {"kind=region", "kind must be one of target, source, path, prober, not "},
      {"severity=high", "severity must be one of info, warning, critical, not "},
      {"since=yesterday", "since is not a time; allowed are seconds since 1970"},
      {"since=99999999999", "since is not a time"},
      {"limit=1001", "limit must be a whole number from 1 to 1000"},
      {"cursor=0", "cursor must be what an answer"},
      {"cursor=x", "cursor must be what an answer"},
      {"cursor=99999999999999999999", "cursor must be what an answer"},
      {"label.a-b=x", "label.a-b: a label's name has letters"},
      {"id=7", "unknown parameter id; allowed are state, kind, severity, since, limit, cursor, "
               "label.NAME"}};
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
