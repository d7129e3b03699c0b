#define CAF_SUITE past_matrix

#include "xprober/web/past_matrix.hpp"

#include <optional>
#include <string>
#include <vector>

#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace past_matrix_suite {

using namespace xprober;
using web::json;
using web::matrix_metric;

namespace {

constexpr std::int64_t noon = 1'700'000'000;

/// A pair's probes: `good` that succeed in `ms`, and `bad` that fail.
history_source pair(const std::string& from, const std::string& to, int good, int bad,
                    float ms = 10, float loss = 0) {
  history_source out;
  out.subject = {"icmp", result_group::pair, from, to};
  for (int i = 0; i < good + bad; ++i) {
    measured_probe probe;
    probe.success = i < good;
    if (i < good) {
      probe.value_ms = ms;
    }
    probe.loss_percent = i < good ? loss : 100;
    out.points[noon - 60 + 15 * i].add(probe);
  }
  return out;
}

history_series some_past() {
  history_series out;
  out.plan = {0, 60, noon - 60, noon, {}};
  out.sources = {pair("a", "b", 4, 0), pair("a", "c", 1, 3), pair("b", "a", 4, 0, 30, 2),
                 pair("c", "a", 0, 0)};
  out.sources[2].usual_ms = 12;
  out.sources[2].usual_rollups = 9;
  return out;
}

json made(matrix_metric metric, const web::matrix_part& part = {}) {
  return json::parse(web::past_matrix_json("icmp", metric, noon - 1, part, some_past()));
}

} // namespace

CAF_TEST(a moment has states numbers of probes and where they are from) {
  const auto out = made(matrix_metric::state);
  CAF_CHECK_EQUAL(out.at("regions").dump(), R"(["a","b","c"])");
  CAF_CHECK_EQUAL(out.at("values").dump(),
                  R"([[null,"ok","failing"],["degraded",null,null],[null,null,null]])");
  CAF_CHECK_EQUAL(out.at("probes").dump(), "[[null,4,4],[4,null,null],[null,null,null]]");
  CAF_CHECK_EQUAL(out.at("failed").dump(), "[[null,0,3],[0,null,null],[null,null,null]]");
  CAF_CHECK_EQUAL(out.at("states")[0][2].dump(), R"({"ok":1,"failing":3})");
  CAF_CHECK_EQUAL(out.at("at_unix").get<std::int64_t>(), noon - 1);
  CAF_CHECK_EQUAL(out.at("from_unix").get<std::int64_t>(), noon - 60);
  CAF_CHECK_EQUAL(out.at("level").get<std::string>(), "15s");
}

CAF_TEST(each metric of a moment has its unit) {
  const auto times = made(matrix_metric::latency);
  CAF_CHECK_EQUAL(times.at("unit").get<std::string>(), "ms");
  CAF_CHECK_EQUAL(times.at("values")[1][0].dump(), "30.0");
  CAF_CHECK_EQUAL(times.at("usual")[1][0].dump(), "12.0");
  CAF_CHECK_EQUAL(times.at("usual_rollups")[1][0].dump(), "9");
  CAF_CHECK_EQUAL(times.at("ratio")[1][0].dump(), "2.5");
  CAF_CHECK(times.at("ratio")[0][1].is_null());
  CAF_CHECK_EQUAL(made(matrix_metric::drop_rate).at("values")[0][2].dump(), "75.0");
  const auto success = made(matrix_metric::success);
  CAF_CHECK_EQUAL(success.at("unit").get<std::string>(), "ratio");
  CAF_CHECK_EQUAL(success.at("values")[0][2].dump(), "0.25");
}

CAF_TEST(a part of a moment names its rows and columns) {
  const auto row = made(matrix_metric::success, {"d", ""});
  CAF_CHECK(row.at("sources").dump().find("\"d\"") != std::string::npos);
  CAF_CHECK(!row.contains("regions"));
  history_series many;
  for (int i = 0; i < 501; ++i) {
    many.sources.push_back(pair("a", "r" + std::to_string(i), 0, 0));
  }
  CAF_CHECK(!web::past_matrix_problem("icmp", {}, some_past()));
  CAF_CHECK(web::past_matrix_problem("icmp", {}, many)->find("502 regions of icmp") !=
            std::string::npos);
  CAF_CHECK(!web::past_matrix_problem("icmp", {"a", ""}, many)); // which is what it advises
}

} // namespace past_matrix_suite
