#define CAF_SUITE history_json

#include "xprober/web/history_json.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace history_json_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

constexpr std::int64_t now = 1'767'312'345;

std::optional<history_question> read(std::string text, std::string& problem) {
  net::request_context context;
  net::split_target("/?" + text, context);
  return read_history_question(context.query, now, problem);
}

history_question good(const std::string& text) {
  std::string problem;
  const auto question = read(text, problem);
  CAF_MESSAGE(problem);
  CAF_REQUIRE(question);
  return *question;
}

std::string problem_of(const std::string& text) {
  std::string problem;
  const auto question = read(text, problem);
  CAF_CHECK(!question);
  return problem;
}

const std::string pair = "source_region=us&target_region=eu";

} // namespace

CAF_TEST(the last hour is asked for where nothing is said) {
  const auto question = good(pair);
  CAF_CHECK(question.query.subject == (history_subject{"icmp", result_group::pair, "us", "eu"}));
  CAF_CHECK_EQUAL(question.query.range.to, now);
  CAF_CHECK_EQUAL(question.query.range.from, now - 3600);
  CAF_CHECK_EQUAL(question.query.range.step, 0);
  CAF_CHECK(question.metric.empty());
}

CAF_TEST(times are read in every form) {
  auto range = good(pair + "&from=1767312000&to=2026-01-02T00:05:00Z&step=90s").query.range;
  CAF_CHECK_EQUAL(range.from, 1'767'312'000);
  CAF_CHECK_EQUAL(range.to, 1'767'312'300);
  CAF_CHECK_EQUAL(range.step, 90);
  range = good(pair + "&from=7d&to=90m&step=600").query.range;
  CAF_CHECK_EQUAL(range.from, now - 7 * 86'400);
  CAF_CHECK_EQUAL(range.to, now - 5400);
  CAF_CHECK_EQUAL(range.step, 600);
  CAF_CHECK_EQUAL(good(pair + "&from=0&to=now").query.range.from, 0);
  range = good(pair + "&from=2026-01-02T00:00:00.750Z&to=2026-01-02T02:05:00%2B02:00").query.range;
  CAF_CHECK_EQUAL(range.from, 1'767'312'000);
  CAF_CHECK_EQUAL(range.to, 1'767'312'300);
  // A '+' that was not escaped.
  CAF_CHECK_EQUAL(good(pair + "&to=2026-01-02T02:05:00+02:00").query.range.to, 1'767'312'300);
}

CAF_TEST(a url keeps its own characters) {
  const auto question = good("source_region=us&url=http%3A%2F%2Fx%2F%3Fa%3Db%26c&metric=phases");
  CAF_CHECK(question.query.subject ==
            (history_subject{"http", result_group::address, "us", "http://x/?a=b&c"}));
  CAF_CHECK_EQUAL(question.metric, "phases");
}

CAF_TEST(wrong questions are told what is allowed) {
  CAF_CHECK_EQUAL(problem_of("target_region=eu"), "source_region is missing");
  CAF_CHECK_EQUAL(
      problem_of("source_region=us"),
      "target_region (for icmp) or url (for http) is missing, or target with probe_type, or uid");
  CAF_CHECK_EQUAL(problem_of("source_region=us&target=a:1"),
                  "probe_type is missing: target alone does not say it");
  CAF_CHECK_EQUAL(problem_of(pair + "&probe_type=http"),
                  "results of http are of addresses: say target or url");
  CAF_CHECK_EQUAL(problem_of("source_region=us&target=10.0.0.1&probe_type=icmp"),
                  "results of icmp are of pairs of regions: say target_region");
  CAF_CHECK(problem_of(pair + "&url=x").find("exclude each other") != std::string::npos);
  CAF_CHECK(problem_of(pair + "&metric=duration").find("latency") != std::string::npos);
  CAF_CHECK(problem_of(pair + "&x=1").find("x") != std::string::npos);
  for (const auto* time : {"", "x", "-5", "5y", "0s", "99999999999999", "99999999999999999999d",
                           "2026-01-02", "2026-01-02T00:00:00", "2026-02-30T00:00:00Z"}) {
    CAF_CHECK(problem_of(pair + "&from=" + time).find("from is not a time") != std::string::npos);
  }
  CAF_CHECK_EQUAL(problem_of(pair + "&from=1h&to=1h"), "from is not before to");
  for (const auto* step : {"0", "7", "-15", "20s", "x", "400d", ""}) {
    CAF_CHECK(problem_of(pair + "&step=" + step).find("multiples of 15") != std::string::npos);
  }
}

CAF_TEST(points tell what is known) {
  history_series series;
  series.plan = {1, 60, 1200, 1320, ""};
  measured_probe answered;
  answered.success = true;
  answered.value_ms = 12.5F;
  answered.loss_percent = 25.0F;
  measured_probe silent;
  silent.success = false;
  series.points[1200].add(answered);
  series.points[1200].add(silent);
  series.points[1260].add(silent);
  const auto out = nlohmann::json::parse(history_json(good(pair), series));
  CAF_CHECK_EQUAL(out["level"], "1m");
  CAF_CHECK_EQUAL(out["step_seconds"], 60);
  CAF_CHECK_EQUAL(out["target_region"], "eu");
  const auto& first = out["points"][0];
  CAF_CHECK_EQUAL(first["time_unix"], 1200);
  CAF_CHECK_EQUAL(first["probes"], 2);
  CAF_CHECK_EQUAL(first["success_ratio"], 0.5);
  CAF_CHECK_EQUAL(first["latency_ms"]["p99"], 12.5);
  CAF_CHECK_EQUAL(first["loss_percent"], 25.0);
  CAF_CHECK(!first.contains("phases_ms"));
  CAF_CHECK(out["points"][1]["latency_ms"].is_null());
  CAF_CHECK(out["points"][1]["loss_percent"].is_null());
  const auto only = nlohmann::json::parse(history_json(good(pair + "&metric=loss"), series));
  CAF_CHECK(!only["points"][0].contains("latency_ms"));
  CAF_CHECK(only["points"][0].contains("loss_percent"));
}

CAF_TEST(a url has phases) {
  history_series series;
  series.plan = {0, 15, 0, 15, ""};
  series.phases = {"resolve", "connect", "tls", "processing", "transfer"};
  series.points[0].add(measured(kind_shape{kinds::http()}, probe_state::ok,
                                samples::http_values({2, 2, 2, 2, 2}, 200)));
  const auto out =
      nlohmann::json::parse(history_json(good("source_region=us&url=http://x/"), series));
  CAF_CHECK_EQUAL(out["url"], "http://x/");
  CAF_CHECK_EQUAL(out["probe_type"], "http");
  CAF_CHECK_EQUAL(out["points"][0]["duration_ms"]["mean"], 10.0);
  CAF_CHECK_EQUAL(out["points"][0]["phases_ms"]["tls"], 2.0);
  CAF_CHECK(!out["points"][0].contains("loss_percent"));
}

CAF_TEST(a kind that is in no table has what its series have) {
  const auto question = good("source_region=us&target=a:1&probe_type=toy");
  CAF_CHECK(question.query.subject == (history_subject{"toy", result_group::address, "us", "a:1"}));
  history_series series;
  series.plan = {0, 15, 0, 15, ""};
  series.phases = {"wind", "spin", "gust"};
  series.points[0].add(
      measured(kind_shape{samples::toy()}, probe_state::ok, samples::toy_success(2, 4, 7).values));
  const auto out = nlohmann::json::parse(history_json(question, series));
  CAF_CHECK_EQUAL(out["probe_type"], "toy");
  CAF_CHECK_EQUAL(out["target"], "a:1");
  CAF_CHECK_EQUAL(out["points"][0]["phases_ms"].dump(), R"({"gust":null,"spin":4.0,"wind":2.0})");
  CAF_CHECK_EQUAL(out["points"][0]["duration_ms"]["mean"], 6.0);
  const auto mesh = good(pair + "&probe_type=toy_mesh");
  CAF_CHECK(mesh.query.subject == (history_subject{"toy_mesh", result_group::pair, "us", "eu"}));
}

CAF_TEST(one target is asked for from each source or from one) {
  auto question = good("uid=00ABCDEF01234567");
  CAF_CHECK(question.query.subject.one_target);
  CAF_CHECK_EQUAL(question.query.subject.other, "00abcdef01234567");
  CAF_CHECK_EQUAL(question.query.subject.source_region, "");
  question = good("uid=00abcdef01234567&source_region=us&metric=latency&from=6h");
  CAF_CHECK_EQUAL(question.query.subject.source_region, "us");
  CAF_CHECK_EQUAL(question.query.range.from, now - 6 * 3600);
  CAF_CHECK(problem_of("uid=7").find("16 hexadecimal digits") != std::string::npos);
  CAF_CHECK_EQUAL(problem_of("uid=00abcdef01234567&url=http://a/"),
                  "uid and url exclude each other");
  CAF_CHECK_EQUAL(problem_of("uid=00abcdef01234567&probe_type=icmp"),
                  "uid and probe_type exclude each other");
}

CAF_TEST(of one target each source has its points and it is said since when it is watched) {
  const target_uid uid{"eu", "10.0.0.1", kinds::icmp()};
  measured_probe answered;
  answered.success = true;
  answered.value_ms = 12.5F;
  answered.loss_percent = 25.0F;
  history_series series;
  series.plan = {0, 15, 1200, 1230, ""};
  series.watched = watched_target{stable_hash(uid), 1210, 1220, 0, uid};
  auto& source = series.sources.emplace_back();
  source.subject = {"icmp", result_group::pair, "us", uid_text(uid), true};
  source.points[1215].add(answered);
  const auto question = good("uid=" + uid_text(uid));
  auto out = nlohmann::json::parse(history_json(question, series));
  CAF_CHECK(out["uid"].get<std::string>() == uid_text(uid));
  CAF_CHECK_EQUAL(out["target"], "10.0.0.1");
  CAF_CHECK_EQUAL(out["region"], "eu");
  CAF_CHECK_EQUAL(out["probe_type"], "icmp");
  CAF_CHECK_EQUAL(out["watched_since_unix"], 1210);
  CAF_CHECK_EQUAL(out["from_unix"], 1200);
  CAF_CHECK(!out.contains("points"));
  CAF_REQUIRE_EQUAL(out["sources"].size(), 1u);
  CAF_CHECK_EQUAL(out["sources"][0]["source_region"], "us");
  const auto& point = out["sources"][0]["points"][0];
  CAF_CHECK_EQUAL(point["time_unix"], 1215);
  CAF_CHECK_EQUAL(point["latency_ms"]["mean"], 12.5);
  CAF_CHECK_EQUAL(point["loss_percent"], 25.0);
  for (const auto* metric : {"latency", "duration"}) {
    const auto some = good("uid=" + uid_text(uid) + "&metric=" + metric);
    out = nlohmann::json::parse(history_json(some, series));
    CAF_CHECK(out["sources"][0]["points"][0].contains("latency_ms"));
    CAF_CHECK(!out["sources"][0]["points"][0].contains("loss_percent"));
  }
}

CAF_TEST(of a target that was not watched before nothing is known yet) {
  history_series series;
  series.plan = {0, 15, 1200, 1230, ""};
  series.watched = watched_target{7, 1210, 1210, 0};
  const auto out = nlohmann::json::parse(history_json(good("uid=0000000000000007"), series));
  CAF_CHECK(!out.contains("target"));
  CAF_CHECK(!out.contains("probe_type"));
  CAF_CHECK(out["sources"].empty());
  CAF_CHECK_EQUAL(out["watched_since_unix"], 1210);
}

} // namespace history_json_suite
