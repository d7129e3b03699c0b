#define CAF_SUITE aggregate

#include "xprober/actors/server/aggregate.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace aggregate_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'700'000'000;
const monotonic_time t0{1h};

struct fixture {
  store_table table{300s};

  void icmp(std::string source, std::string agent, std::string region, std::string target,
            float success, std::vector<float> drop_and_latency = {}) {
    wire_value v{std::move(agent),
                 std::string{metric_names::ping_success},
                 std::move(target),
                 std::move(source),
                 std::move(region),
                 "icmp",
                 noon,
                 success};
    std::vector<wire_value> batch{v};
    if (!drop_and_latency.empty()) {
      v.metric_name = metric_names::ping_drop_rate;
      v.value = drop_and_latency[0];
      batch.push_back(v);
      v.metric_name = metric_names::ping_latency;
      v.value = drop_and_latency[1];
      batch.push_back(v);
    }
    CAF_REQUIRE_EQUAL(table.ingest(batch, t0).rejected, 0u);
  }

  void http(std::string source, std::string agent, std::string region, std::string url,
            float success, std::vector<float> phases) {
    wire_value v{std::move(agent),
                 std::string{metric_names::http_success},
                 std::move(url),
                 std::move(source),
                 std::move(region),
                 "http",
                 noon,
                 success};
    std::vector<wire_value> batch{v};
    for (std::size_t i = 0; i < phases.size(); ++i) {
      v.metric_name = metric_name(static_cast<http_phase>(i));
      v.value = phases[i];
      batch.push_back(v);
    }
    CAF_REQUIRE_EQUAL(table.ingest(batch, t0).rejected, 0u);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(aggregate_tests, fixture)

CAF_TEST(an empty table has an empty snapshot) {
  const auto s = make_snapshot(table, t0, true);
  CAF_CHECK(s.icmp.empty() && s.http.empty() && s.targets.empty());
}

CAF_TEST(a pair has the means of its targets without what was not measured) {
  icmp("us", "a", "eu", "10.0.0.1", 1, {0, 10});
  icmp("us", "a", "eu", "10.0.0.2", 1, {50, 30});
  icmp("us", "a", "eu", "10.0.0.3", -1, {100, -1});
  icmp("us", "a", "eu", "no.such.name", -1);
  const auto s = make_snapshot(table, t0, false);
  CAF_REQUIRE_EQUAL(s.icmp.size(), 1u);
  const auto& pair = s.icmp[0];
  CAF_CHECK_EQUAL(pair.source_region, "us");
  CAF_CHECK_EQUAL(pair.target_region, "eu");
  CAF_CHECK_EQUAL(pair.latency_ms.value(), 20.0);
  CAF_CHECK_EQUAL(pair.drop_rate.value(), 50.0);
  CAF_CHECK_EQUAL(pair.success, 1);
  CAF_CHECK_EQUAL(pair.targets, 4u);
  CAF_CHECK_EQUAL(pair.failing, 2u);
  CAF_CHECK(s.targets.empty());
}

CAF_TEST(a pair of which nothing answers fails and has no latency) {
  icmp("us", "a", "eu", "10.0.0.1", -1, {100, -1});
  icmp("us", "b", "eu", "10.0.0.1", -1, {100, -1});
  const auto pair = make_snapshot(table, t0, false).icmp.at(0);
  CAF_CHECK_EQUAL(pair.success, -1);
  CAF_CHECK(!pair.latency_ms);
  CAF_CHECK_EQUAL(pair.drop_rate.value(), 100.0);
  CAF_CHECK_EQUAL(pair.failing, 2u);
}

CAF_TEST(pairs are apart and sorted) {
  icmp("us", "a", "eu", "10.0.0.1", 1);
  icmp("us", "a", "ap", "10.0.0.1", -1);
  icmp("eu", "b", "us", "10.0.0.1", 1);
  const auto s = make_snapshot(table, t0, false);
  CAF_REQUIRE_EQUAL(s.icmp.size(), 3u);
  CAF_CHECK_EQUAL(s.icmp[0].source_region + s.icmp[0].target_region, "euus");
  CAF_CHECK_EQUAL(s.icmp[1].source_region + s.icmp[1].target_region, "usap");
  CAF_CHECK_EQUAL(s.icmp[1].success, -1);
  CAF_CHECK_EQUAL(s.icmp[2].source_region + s.icmp[2].target_region, "useu");
}

CAF_TEST(a url has the means of the agents of a region) {
  http("us", "a", "web", "http://x/", 1, {1, 2, 0, 10, 5});
  http("us", "b", "web", "http://x/", 0, {3});
  http("eu", "c", "web", "http://x/", 0, {});
  const auto s = make_snapshot(table, t0, false);
  CAF_REQUIRE_EQUAL(s.http.size(), 2u);
  CAF_CHECK_EQUAL(s.http[0].source_region, "eu");
  CAF_CHECK_EQUAL(s.http[0].success, 0);
  CAF_CHECK(!s.http[0].phases_ms[0]);
  CAF_CHECK_EQUAL(s.http[1].source_region, "us");
  CAF_CHECK_EQUAL(s.http[1].addr, "http://x/");
  CAF_CHECK_EQUAL(s.http[1].target_region, "web");
  CAF_CHECK_EQUAL(s.http[1].success, 1);
  CAF_CHECK_EQUAL(s.http[1].phases_ms[0].value(), 2.0);
  CAF_CHECK_EQUAL(s.http[1].phases_ms[1].value(), 2.0);
  CAF_CHECK_EQUAL(s.http[1].phases_ms[2].value(), 0.0); // plain http: no time for tls is a time
}

CAF_TEST(a url under two regions is one url) {
  http("us", "a", "web2", "http://x/", 1, {1});
  http("us", "a", "web1", "http://x/", 0, {3});
  const auto s = make_snapshot(table, t0, false);
  CAF_REQUIRE_EQUAL(s.http.size(), 1u);
  CAF_CHECK_EQUAL(s.http[0].target_region, "web1");
  CAF_CHECK_EQUAL(s.http[0].success, 1);
}

CAF_TEST(rows are as their agents measured them) {
  icmp("us", "a", "eu", "10.0.0.1", -1, {100, -1});
  http("us", "a", "web", "http://x/", 0, {3});
  const auto s = make_snapshot(table, t0, true);
  CAF_REQUIRE_EQUAL(s.targets.size(), 2u);
  const auto& url = s.targets[0]; // newest first
  CAF_CHECK(url.target == (target_uid{"web", "http://x/", probe_type::http}));
  CAF_CHECK_EQUAL(url.success.value(), 0.0);
  CAF_CHECK_EQUAL(url.phases_ms[0].value(), 3.0);
  CAF_CHECK(!url.phases_ms[1] && !url.latency_ms);
  const auto& host = s.targets[1];
  CAF_CHECK_EQUAL(host.source_region, "us");
  CAF_CHECK_EQUAL(host.agent, "a");
  CAF_CHECK_EQUAL(host.unix_seconds, noon);
  CAF_CHECK_EQUAL(host.success.value(), -1.0);
  CAF_CHECK_EQUAL(host.drop_rate.value(), 100.0);
  CAF_CHECK(!host.latency_ms);
}

CAF_TEST(what is too old is in no mean) {
  icmp("us", "a", "eu", "10.0.0.1", 1, {0, 10});
  CAF_CHECK_EQUAL(make_snapshot(table, t0 + 299s, true).icmp.size(), 1u);
  const auto s = make_snapshot(table, t0 + 300s, true);
  CAF_CHECK(s.icmp.empty() && s.targets.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace aggregate_suite
