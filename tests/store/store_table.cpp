#define CAF_SUITE store_table

#include "xprober/store/store_table.hpp"

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "support/old_names.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace store_table_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'700'000'000;
const monotonic_time t0{1h};

wire_value value(std::string_view metric, float v, std::int64_t stamp = noon,
                 std::string target = "10.0.0.1", std::string agent = "10.9.0.1",
                 std::string source = "us") {
  const auto http = metric.starts_with("http");
  return {std::move(agent),
          std::string{metric},
          std::move(target),
          std::move(source),
          "eu",
          http ? "http" : "icmp",
          stamp,
          v};
}

wire_value up(std::int64_t stamp = noon, std::string target = "10.0.0.1") {
  return value(old_names::ping_success, 1, stamp, std::move(target));
}

const target_uid first{"eu", "10.0.0.1", kinds::icmp()};

struct fixture {
  store_table table{300s};

  std::vector<std::string> addresses(monotonic_time now) const {
    std::vector<std::string> all;
    table.for_each_fresh(now, [&](const auto& v) { all.push_back(table.text(v.address)); });
    return all;
  }

  probe_values latest(monotonic_time now) const {
    std::vector<probe_values> all;
    table.for_each_fresh(now, [&](const auto& v) { all.push_back(*v.latest); });
    CAF_REQUIRE_EQUAL(all.size(), 1u);
    return all[0];
  }

  void check_empty() const {
    CAF_CHECK_EQUAL(table.rows(), 0u);
    CAF_CHECK_EQUAL(table.series(), 0u);
    CAF_CHECK_EQUAL(table.targets(), 0u);
    CAF_CHECK_EQUAL(table.texts(), 0u);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_table_tests, fixture)

CAF_TEST(a batch becomes a row for each agent and target) {
  const auto report = table.ingest({up(), value(old_names::ping_drop_rate, 0),
                                    value(old_names::ping_latency, 5), up(noon, "10.0.0.2"),
                                    value(old_names::ping_success, 1, noon, "10.0.0.1", "other")},
                                   t0);
  CAF_CHECK_EQUAL(report.accepted, 5u);
  CAF_CHECK_EQUAL(report.rejected, 0u);
  CAF_CHECK_EQUAL(table.rows(), 3u);
  CAF_CHECK_EQUAL(table.series(), 5u);
  CAF_CHECK_EQUAL(table.targets(), 2u);
}

CAF_TEST(agents of one region and address are one) {
  table.ingest({up(noon)}, t0);
  table.ingest({up(noon + 1)}, t0);
  CAF_CHECK_EQUAL(table.rows(), 1u);
}

CAF_TEST(bad values are rejected and their neighbours kept) {
  auto nan = value(old_names::ping_latency, std::nanf(""));
  auto bad_series = up();
  bad_series.source_region = "";
  const auto report = table.ingest({up(), nan, value(old_names::ping_drop_rate, 3), bad_series,
                                    bad_series, value("ping_jitter", 1), up(noon, "10.0.0.2")},
                                   t0);
  CAF_CHECK_EQUAL(report.accepted, 3u);
  CAF_CHECK_EQUAL(report.rejected, 4u);
  CAF_CHECK_EQUAL(report.reason, "value is not a finite number");
  CAF_CHECK_EQUAL(table.rows(), 2u);
  CAF_CHECK_EQUAL(table.series(), 3u);
}

CAF_TEST(an empty batch is no work) {
  const auto report = table.ingest({}, t0);
  CAF_CHECK_EQUAL(report.accepted + report.rejected, 0u);
  check_empty();
}

CAF_TEST(two probes of one target in one batch leave the newer one) {
  // As after an outage: the name resolved, then it did not.
  table.ingest({up(noon), value(old_names::ping_drop_rate, 0, noon),
                value(old_names::ping_latency, 5, noon),
                value(old_names::ping_success, -1, noon + 15)},
               t0);
  CAF_CHECK(latest(t0).get(0) == -1.0F);
  CAF_CHECK(!latest(t0).has(2));
  CAF_CHECK_EQUAL(table.series(), 1u);
}

CAF_TEST(phases that a failing http probe did not complete disappear) {
  table.ingest({value(old_names::http_success, 1), value(old_names::http_phases[0], 1),
                value(old_names::http_phases[1], 2), value(old_names::http_phases[4], 3)},
               t0);
  CAF_CHECK_EQUAL(table.series(), 4u);
  table.ingest({value(old_names::http_success, 0, noon + 15),
                value(old_names::http_phases[0], 1, noon + 15)},
               t0 + 15s);
  CAF_CHECK_EQUAL(table.series(), 2u);
  CAF_CHECK(!latest(t0 + 15s).has(2));
}

CAF_TEST(a row without news goes after the time to live) {
  table.ingest({up(noon, "10.0.0.1")}, t0);
  table.ingest({up(noon, "10.0.0.2")}, t0 + 100s);
  CAF_CHECK_EQUAL(addresses(t0 + 299s).size(), 2u);
  // Not shown any more, even before it is swept up.
  CAF_CHECK_EQUAL(addresses(t0 + 300s), (std::vector<std::string>{"10.0.0.2"}));
  CAF_CHECK(!table.expire(t0 + 300s, 100));
  CAF_CHECK_EQUAL(table.rows(), 1u);
  table.expire(t0 + 400s, 100);
  check_empty();
}

CAF_TEST(the same values again do not keep a row alive) {
  // A Go agent repeats what it has every five seconds, for ever.
  for (auto at = 0s; at < 300s; at += 5s) {
    CAF_CHECK_EQUAL(table.ingest({up()}, t0 + at).accepted, 1u);
  }
  CAF_CHECK(addresses(t0 + 300s).empty());
}

CAF_TEST(news keeps a row alive) {
  table.ingest({up(noon)}, t0);
  table.ingest({up(noon + 200)}, t0 + 200s);
  table.expire(t0 + 450s, 100);
  CAF_CHECK_EQUAL(table.rows(), 1u);
}

CAF_TEST(a row that is too old and still there is written anew) {
  table.ingest({up(noon), value(old_names::ping_latency, 5, noon)}, t0);
  table.ingest({value(old_names::ping_success, -1, noon - 50)}, t0 + 301s);
  CAF_CHECK_EQUAL(latest(t0 + 301s).unix_seconds, noon - 50);
  CAF_CHECK_EQUAL(table.series(), 1u);
}

CAF_TEST(older stamps are believed after a quarter of the time to live) {
  table.ingest({up(noon)}, t0);
  table.ingest({value(old_names::ping_success, -1, noon - 3600)}, t0 + 74s);
  CAF_CHECK_EQUAL(latest(t0 + 74s).unix_seconds, noon);
  table.ingest({value(old_names::ping_success, -1, noon - 3590)}, t0 + 75s);
  CAF_CHECK_EQUAL(latest(t0 + 75s).unix_seconds, noon - 3590);
}

CAF_TEST(a sweep drops no more than it was told) {
  for (int i = 0; i < 10; ++i) {
    table.ingest({up(noon, "10.0.0." + std::to_string(i))}, t0);
  }
  CAF_CHECK(table.expire(t0 + 300s, 4));
  CAF_CHECK_EQUAL(table.rows(), 6u);
  CAF_CHECK(!table.expire(t0 + 300s, 6));
  check_empty();
}

CAF_TEST(a forgotten target goes at once from all agents) {
  table.ingest(
      {up(), value(old_names::ping_success, 1, noon, "10.0.0.1", "other"), up(noon, "10.0.0.2")},
      t0);
  table.forget({first}, t0);
  CAF_CHECK_EQUAL(addresses(t0), (std::vector<std::string>{"10.0.0.2"}));
  CAF_CHECK_EQUAL(table.rows(), 1u);
}

CAF_TEST(forgetting is by region address and type) {
  table.ingest({up(), value(old_names::http_success, 1)}, t0);
  table.forget({{"ap", "10.0.0.1", kinds::icmp()}, {"eu", "10.0.0.1", kinds::http()}}, t0);
  CAF_CHECK_EQUAL(table.rows(), 1u);
  CAF_CHECK(latest(t0).has(0));
}

CAF_TEST(stragglers of a forgotten target do not bring it back) {
  table.ingest({up()}, t0);
  table.forget({first}, t0);
  CAF_CHECK_EQUAL(table.ingest({up(noon + 5)}, t0 + 5s).accepted, 1u);
  CAF_CHECK_EQUAL(table.rows(), 0u);
  // Each one makes the silence begin anew.
  table.expire(t0 + 300s, 100);
  table.ingest({up(noon + 300)}, t0 + 304s);
  table.expire(t0 + 600s, 100);
  table.ingest({up(noon + 600)}, t0 + 603s);
  CAF_CHECK_EQUAL(table.rows(), 0u);
  // After it the target is like any other.
  table.expire(t0 + 903s, 100);
  check_empty();
  table.ingest({up(noon + 904)}, t0 + 904s);
  CAF_CHECK_EQUAL(table.rows(), 1u);
}

CAF_TEST(a target that is welcome again is stored at once) {
  table.ingest({up()}, t0);
  table.forget({first}, t0);
  table.welcome({first});
  table.ingest({up(noon + 5)}, t0 + 5s);
  CAF_CHECK_EQUAL(table.rows(), 1u);
  // And nothing is left over from its earlier life.
  table.expire(t0 + 5s, 100);
  table.expire(t0 + 305s, 100);
  check_empty();
}

CAF_TEST(a target can be forgotten and welcome many times) {
  for (int i = 0; i < 5; ++i) {
    table.ingest({up(noon + i)}, t0);
    table.forget({first, first}, t0);
    table.welcome({first, first});
    table.welcome({{"eu", "never seen", kinds::icmp()}});
  }
  table.ingest({up(noon + 9), up(noon, "10.0.0.2")}, t0);
  table.forget({first}, t0);
  CAF_CHECK_EQUAL(addresses(t0), (std::vector<std::string>{"10.0.0.2"}));
  // It goes while it waits to be swept up, and its place is taken by another.
  table.welcome({first});
  table.ingest({up(noon + 10)}, t0);
  table.forget({first}, t0);
  table.ingest({up(noon, "10.0.0.3")}, t0 + 1s);
  table.expire(t0 + 400s, 100);
  check_empty();
}

CAF_TEST(a full table takes no new rows and goes on with those it has) {
  store_table small{300s, 2};
  CAF_CHECK_EQUAL(small.ingest({up(noon, "a"), up(noon, "b")}, t0).accepted, 2u);
  const auto report = small.ingest({up(noon, "c"), up(noon + 1, "a")}, t0);
  CAF_CHECK_EQUAL(report.accepted, 1u);
  CAF_CHECK_EQUAL(report.rejected, 1u);
  CAF_CHECK_EQUAL(report.reason, "the store is full");
  CAF_CHECK_EQUAL(small.texts(), 6u); // nothing of the refused one is kept
}

CAF_TEST(many targets keep their texts once and give all back) {
  std::vector<wire_value> batch;
  for (int i = 0; i < 20'000; ++i) {
    const auto address = "10." + std::to_string(i / 250) + ".1." + std::to_string(i % 250);
    for (const auto* agent : {"10.9.0.1", "10.9.0.2"}) {
      batch.push_back(value(old_names::ping_success, 1, noon, address, agent));
      batch.push_back(value(old_names::ping_latency, 1, noon, address, agent));
    }
  }
  CAF_CHECK_EQUAL(table.ingest(batch, t0).accepted, 80'000u);
  CAF_CHECK_EQUAL(table.rows(), 40'000u);
  CAF_CHECK_EQUAL(table.series(), 80'000u);
  CAF_CHECK_EQUAL(table.texts(), 20'000u + 5u); // addresses, two agents, two regions, icmp
  table.expire(t0 + 300s, 100'000);
  check_empty();
}

CAF_TEST(two modules on one address are two targets with values of their own) {
  auto slow = up();
  slow.probe_type = "slow";
  auto post = value(old_names::http_success, 0);
  post.probe_type = "post";
  CAF_CHECK_EQUAL(table.ingest({up(), slow, post}, t0).accepted, 3u);
  CAF_CHECK_EQUAL(table.rows(), 3u);
  std::vector<std::string> seen;
  table.for_each_fresh(t0, [&](const auto& v) {
    seen.push_back(table.text(v.prober) + ":" + table.kinds()[v.latest->kind].kind->name);
  });
  CAF_CHECK((seen == std::vector<std::string>{"post:http", "slow:icmp", "icmp:icmp"}));
  table.forget({{"eu", "10.0.0.1", prober_name{"slow"}}}, t0);
  CAF_CHECK_EQUAL(table.rows(), 2u);
}

CAF_TEST(metrics of two types are never one probe) {
  auto ping = up();
  auto page = value(old_names::http_phases[0], 3);
  ping.probe_type = page.probe_type = "m";
  table.ingest({ping, page}, t0);
  CAF_CHECK_EQUAL(latest(t0).size(), 1u);
  CAF_CHECK(table.kinds()[latest(t0).kind].kind.get() == &kinds::http());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_table_suite
