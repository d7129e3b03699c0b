#define CAF_SUITE snapshot

#include "xprober/store/snapshot.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "support/old_names.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/store/store_table.hpp"

#include "caf/test/unit_test.hpp"

namespace snapshot_suite {

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
                 std::string{old_names::ping_success},
                 std::move(target),
                 std::move(source),
                 std::move(region),
                 "icmp",
                 noon,
                 success};
    std::vector<wire_value> batch{v};
    if (!drop_and_latency.empty()) {
      v.metric_name = old_names::ping_drop_rate;
      v.value = drop_and_latency[0];
      batch.push_back(v);
      v.metric_name = old_names::ping_latency;
      v.value = drop_and_latency[1];
      batch.push_back(v);
    }
    CAF_REQUIRE_EQUAL(table.ingest(batch, t0).rejected, 0u);
  }

  void http(std::string source, std::string agent, std::string region, std::string url,
            float success, std::vector<float> phases) {
    wire_value v{std::move(agent),
                 std::string{old_names::http_success},
                 std::move(url),
                 std::move(source),
                 std::move(region),
                 "http",
                 noon,
                 success};
    std::vector<wire_value> batch{v};
    for (std::size_t i = 0; i < phases.size(); ++i) {
      v.metric_name = old_names::http_phases[i];
      v.value = phases[i];
      batch.push_back(v);
    }
    CAF_REQUIRE_EQUAL(table.ingest(batch, t0).rejected, 0u);
  }

  void toy(const probe_kind& kind, std::string address, const probe_outcome& outcome) {
    toy(kind, std::move(address), outcome, table);
  }
  static void toy(const probe_kind& kind, std::string address, const probe_outcome& outcome,
                  store_table& into) {
    batch_encoder encoder{{"us", "a"}};
    encoder.add({samples::target_of(0, std::move(address), kind), outcome});
    CAF_REQUIRE_EQUAL(into.ingest(encoder.finish_body(), 1, t0).rejected, 0u);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(snapshot_tests, fixture)

CAF_TEST(an empty table has an empty snapshot) {
  const auto s = make_snapshot(table, t0, true);
  CAF_CHECK(s.kinds.empty() && s.targets.empty());
}

CAF_TEST(a pair has the means of its targets without what was not measured) {
  icmp("us", "a", "eu", "10.0.0.1", 1, {0, 10});
  icmp("us", "a", "eu", "10.0.0.2", 1, {50, 30});
  icmp("us", "a", "eu", "10.0.0.3", -1, {100, -1});
  icmp("us", "a", "eu", "no.such.name", -1);
  const auto s = make_snapshot(table, t0, false);
  CAF_REQUIRE_EQUAL(s.kinds.size(), 1u);
  const auto& all = s.kinds[0];
  CAF_CHECK(all.kind.get() == &kinds::icmp());
  CAF_REQUIRE_EQUAL(all.groups.size(), 1u);
  const auto& pair = all.groups[0];
  CAF_CHECK_EQUAL(pair.source_region, "us");
  CAF_CHECK_EQUAL(pair.target_region, "eu");
  CAF_CHECK_EQUAL(pair.address, "");
  CAF_CHECK(all.mean(pair, column_role::duration) == 20.0);
  CAF_CHECK(all.mean(pair, kinds::icmp_column::latency) == 20.0);
  CAF_CHECK(all.headline_ms(pair) == 20.0);
  CAF_CHECK(all.mean(pair, column_role::loss) == 50.0);
  CAF_CHECK(!all.mean(pair, column_role::phase));
  CAF_CHECK(!all.mean(pair, kinds::icmp_column::p99));
  CAF_CHECK_EQUAL(pair.sums.success(*all.kind), 1.0);
  CAF_CHECK_EQUAL(pair.sums.successes.known(), 4u);
  CAF_CHECK_EQUAL(pair.sums.successes.failing(), 2u);
  CAF_CHECK(s.targets.empty());
}

CAF_TEST(a pair of which nothing answers fails and has no latency) {
  icmp("us", "a", "eu", "10.0.0.1", -1, {100, -1});
  icmp("us", "b", "eu", "10.0.0.1", -1, {100, -1});
  const auto all = make_snapshot(table, t0, false).kinds.at(0);
  const auto& pair = all.groups.at(0);
  CAF_CHECK_EQUAL(pair.sums.success(*all.kind), -1.0);
  CAF_CHECK(!all.mean(pair, column_role::duration));
  CAF_CHECK(all.mean(pair, column_role::loss) == 100.0);
  CAF_CHECK_EQUAL(pair.sums.successes.failing(), 2u);
}

CAF_TEST(pairs are apart and sorted) {
  icmp("us", "a", "eu", "10.0.0.1", 1);
  icmp("us", "a", "ap", "10.0.0.1", -1);
  icmp("eu", "b", "us", "10.0.0.1", 1);
  const auto groups = make_snapshot(table, t0, false).kinds.at(0).groups;
  CAF_REQUIRE_EQUAL(groups.size(), 3u);
  CAF_CHECK_EQUAL(groups[0].source_region + groups[0].target_region, "euus");
  CAF_CHECK_EQUAL(groups[1].source_region + groups[1].target_region, "usap");
  CAF_CHECK_EQUAL(groups[1].sums.success(kinds::icmp()), -1.0);
  CAF_CHECK_EQUAL(groups[2].source_region + groups[2].target_region, "useu");
}

CAF_TEST(a url has the means of the agents of a region) {
  http("us", "a", "web", "http://x/", 1, {1, 2, 0, 10, 5});
  http("us", "b", "web", "http://x/", 0, {3});
  http("eu", "c", "web", "http://x/", 0, {});
  const auto all = make_snapshot(table, t0, false).kinds.at(0);
  CAF_REQUIRE_EQUAL(all.groups.size(), 2u);
  const auto& eu = all.groups[0];
  CAF_CHECK_EQUAL(eu.source_region, "eu");
  CAF_CHECK_EQUAL(eu.sums.success(*all.kind), 0.0);
  CAF_CHECK(!all.mean(eu, kinds::http_column::first_phase));
  CAF_CHECK(!all.headline_ms(eu));
  const auto& us = all.groups[1];
  CAF_CHECK_EQUAL(us.source_region, "us");
  CAF_CHECK_EQUAL(us.address, "http://x/");
  CAF_CHECK_EQUAL(us.target_region, "web");
  CAF_CHECK_EQUAL(us.sums.success(*all.kind), 1.0);
  CAF_CHECK(all.mean(us, 1) == 2.0);
  CAF_CHECK(all.mean(us, 2) == 2.0);
  CAF_CHECK(all.mean(us, 3) == 0.0); // plain http: no time for tls is a time
  CAF_CHECK(all.headline_ms(us) == 19.0);
}

CAF_TEST(a url under two regions is one url) {
  http("us", "a", "web2", "http://x/", 1, {1});
  http("us", "a", "web1", "http://x/", 0, {3});
  const auto all = make_snapshot(table, t0, false).kinds.at(0);
  CAF_REQUIRE_EQUAL(all.groups.size(), 1u);
  CAF_CHECK_EQUAL(all.groups[0].target_region, "web1");
  CAF_CHECK_EQUAL(all.groups[0].sums.success(*all.kind), 1.0);
}

CAF_TEST(rows are as their agents measured them) {
  icmp("us", "a", "eu", "10.0.0.1", -1, {100, -1});
  http("us", "a", "web", "http://x/", 0, {3});
  const auto s = make_snapshot(table, t0, true);
  CAF_REQUIRE_EQUAL(s.targets.size(), 2u);
  const auto& url = s.targets[0]; // newest first
  CAF_CHECK(url.target == (target_uid{"web", "http://x/", kinds::http()}));
  CAF_CHECK(url.kind.get() == &kinds::http());
  CAF_CHECK(url.success == 0.0F);
  CAF_CHECK(url.values.number(1) == 3.0F);
  CAF_CHECK(!url.values.has(2));
  const auto& host = s.targets[1];
  CAF_CHECK_EQUAL(host.source_region, "us");
  CAF_CHECK_EQUAL(host.agent, "a");
  CAF_CHECK_EQUAL(host.unix_seconds, noon);
  CAF_CHECK(host.success == -1.0F);
  CAF_CHECK(host.values.number(kinds::icmp_column::loss) == 100.0F);
  CAF_CHECK(!host.values.has(kinds::icmp_column::latency)); // -1 is no time
}

CAF_TEST(what is too old is in no mean) {
  icmp("us", "a", "eu", "10.0.0.1", 1, {0, 10});
  CAF_CHECK_EQUAL(make_snapshot(table, t0 + 299s, true).kinds.size(), 1u);
  const auto s = make_snapshot(table, t0 + 300s, true);
  CAF_CHECK(s.kinds.at(0).groups.empty() && s.targets.empty());
}

CAF_TEST(kinds that are in no table have groups and rows of their own) {
  http("us", "a", "web", "http://x/", 1, {1});
  toy(samples::toy(), "a:1", samples::toy_success(2, 3, 7));
  toy(samples::toy(), "b:1", samples::toy_failure(4));
  toy(samples::toy_mesh(), "10.0.0.1", samples::toy_trip(8, 25));
  const auto s = make_snapshot(table, t0, true);
  CAF_REQUIRE_EQUAL(s.kinds.size(), 3u);
  CAF_CHECK(s.kinds[0].kind.get() == &kinds::http()); // built-in ones first
  const auto& toys = s.kinds[1];
  CAF_CHECK(*toys.kind == samples::toy());
  CAF_REQUIRE_EQUAL(toys.groups.size(), 2u);
  CAF_CHECK_EQUAL(toys.groups[0].address, "a:1");
  CAF_CHECK_EQUAL(toys.groups[0].target_region, "r");
  CAF_CHECK(toys.mean(toys.groups[0], samples::toy_column::spin) == 3.0);
  CAF_CHECK(toys.headline_ms(toys.groups[0]) == 5.0);
  CAF_CHECK(!toys.mean(toys.groups[0], samples::toy_column::level));
  CAF_CHECK_EQUAL(toys.groups[1].sums.success(*toys.kind), 0.0);
  const auto& mesh = s.kinds[2];
  CAF_CHECK(mesh.mean(mesh.groups.at(0), column_role::loss) == 25.0);
  CAF_CHECK(mesh.headline_ms(mesh.groups[0]) == 8.0);
  CAF_REQUIRE_EQUAL(s.targets.size(), 4u);
  CAF_CHECK(s.targets[2].values.whole(samples::toy_column::level) == 7u);
  CAF_CHECK_EQUAL(s.targets[2].target.type.text(), "toy");
}

CAF_TEST(a kind with other columns is apart also in its name) {
  auto changed = samples::toy();
  changed.columns[1].key = "gust";
  toy(samples::toy(), "a:1", samples::toy_success(2, 3, 7));
  toy(changed, "b:1", samples::toy_success(5, 3, 7));
  const auto s = make_snapshot(table, t0, false);
  CAF_REQUIRE_EQUAL(s.kinds.size(), 2u);
  CAF_CHECK_EQUAL(s.kinds[0].kind->name, s.kinds[1].kind->name);
  CAF_CHECK_EQUAL(s.kinds[0].groups.size() + s.kinds[1].groups.size(), 2u);
}

CAF_TEST(parts of a store add up whoever described their kinds) {
  store_table other{300s};
  toy(samples::toy(), "a:1", samples::toy_success(2, 3, 7));
  toy(samples::toy(), "a:1", samples::toy_success(6, 3, 7), other);
  toy(samples::toy(), "c:1", samples::toy_success(1, 1, 1), other);
  toy(samples::toy_mesh(), "10.0.0.1", samples::toy_trip(8, 25), other);
  auto whole = make_snapshot(table, t0, true);
  merge_snapshot(whole, make_snapshot(other, t0, true));
  CAF_REQUIRE_EQUAL(whole.kinds.size(), 2u);
  const auto& toys = whole.kinds[0];
  CAF_REQUIRE_EQUAL(toys.groups.size(), 2u);
  CAF_CHECK(toys.mean(toys.groups[0], samples::toy_column::wind) == 4.0);
  CAF_CHECK_EQUAL(toys.groups[0].sums.rows, 2u);
  CAF_CHECK_EQUAL(toys.groups[1].address, "c:1");
  CAF_CHECK_EQUAL(whole.targets.size(), 4u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace snapshot_suite
