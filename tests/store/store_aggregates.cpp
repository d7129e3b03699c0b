#define CAF_SUITE store_aggregates

#include "xprober/store/store_aggregates.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"
#include "xprober/actors/server/aggregate.hpp"

namespace store_aggregates_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'700'000'000;

/// Pushes, forgets, expires and looks at random, and keeps no aggregates: it counts them anew.
struct fixture {
  std::mt19937 random{11};
  store_table table{20s};
  monotonic_time now{1h};
  std::int64_t stamp = noon;

  std::uint32_t draw(std::uint32_t below) { return random() % below; }
  std::string region() { return "r" + std::to_string(draw(3)); }
  std::string address() { return "t" + std::to_string(draw(12)); }

  wire_value value(std::string_view metric, float number) const {
    return {"", std::string{metric}, "", "", "", "", stamp, number};
  }

  void push() {
    std::vector<wire_value> batch;
    const bool http = draw(3) == 0;
    const auto measured = static_cast<float>(draw(100'000)) / 7.0F;
    if (http) {
      batch.push_back(value(metric_names::http_success, static_cast<float>(draw(2))));
      for (std::size_t i = 0; i < draw(6); ++i) {
        batch.push_back(value(metric_name(static_cast<http_phase>(i)), measured));
      }
    } else if (draw(4) == 0) {
      batch.push_back(value(metric_names::ping_success, -1));
    } else {
      batch.push_back(value(metric_names::ping_success, 1));
      batch.push_back(value(metric_names::ping_drop_rate, static_cast<float>(draw(100))));
      batch.push_back(value(metric_names::ping_latency, measured));
    }
    // A module can change what it is built on.
    const auto prober = draw(8) == 0 ? std::string{"module"} : std::string{http ? "http" : "icmp"};
    const auto agent = "a" + std::to_string(draw(2));
    const auto source = region();
    const auto target_region = region();
    const auto target = address();
    for (auto& v : batch) {
      v.worker_name = agent;
      v.source_region = source;
      v.target_region = target_region;
      v.target_addr = target;
      v.probe_type = prober;
    }
    CAF_CHECK_EQUAL(table.ingest(batch, now).rejected, 0u);
  }

  void act() {
    now += std::chrono::milliseconds{draw(1500)};
    stamp += draw(3);
    switch (draw(12)) {
    case 0: table.expire(now, draw(5)); break;
    case 1: table.forget({{region(), address(), probe_type::icmp}}, now); break;
    case 2: table.welcome({{region(), address(), probe_type::icmp}}); break;
    case 3: now += std::chrono::seconds{draw(8)}; break;
    default: push();
    }
  }

  /// The same from a walk over the rows.
  struct sums {
    double latency = 0;
    std::uint64_t latencies = 0;
    std::uint64_t known = 0;
    std::uint64_t failing = 0;
    std::string target_region;
  };
  std::map<std::pair<std::string, std::string>, sums> counted(probe_type type) const {
    std::map<std::pair<std::string, std::string>, sums> all;
    table.for_each_fresh(now, [&](const store_table::view& v) {
      if (v.latest->type != type) {
        return;
      }
      const bool icmp = type == probe_type::icmp;
      auto& s = all[{table.text(v.source_region), table.text(icmp ? v.target_region : v.address)}];
      // The latency of a ping, the first phase of a fetch.
      if (const auto first = v.latest->get(1); first && *first >= 0) {
        s.latency += static_cast<double>(*first);
        ++s.latencies;
      }
      if (const auto success = v.latest->get(metric_index::success)) {
        ++s.known;
        s.failing += *success > 0 ? 0U : 1U;
      }
      const auto& name = table.text(v.target_region);
      s.target_region = s.target_region.empty() ? name : std::min(s.target_region, name);
    });
    return all;
  }

  static void check_mean(const std::optional<double>& mean, const sums& want) {
    CAF_REQUIRE_EQUAL(mean.has_value(), want.latencies > 0);
    if (mean) {
      const auto exact = want.latency / static_cast<double>(want.latencies);
      CAF_CHECK_LESS_OR_EQUAL(std::abs(*mean - exact), exact * 1e-12);
    }
  }

  void check() const {
    const auto seen = make_snapshot(table, now, false);
    const auto pairs = counted(probe_type::icmp);
    CAF_REQUIRE_EQUAL(seen.icmp.size(), pairs.size());
    for (const auto& pair : seen.icmp) {
      const auto& want = pairs.at({pair.source_region, pair.target_region});
      CAF_CHECK_EQUAL(pair.targets, want.known);
      CAF_CHECK_EQUAL(pair.failing, want.failing);
      check_mean(pair.latency_ms, want);
    }
    const auto urls = counted(probe_type::http);
    CAF_REQUIRE_EQUAL(seen.http.size(), urls.size());
    for (const auto& url : seen.http) {
      const auto& want = urls.at({url.source_region, url.addr});
      CAF_CHECK_EQUAL(url.success, want.known > 0 && want.failing == want.known ? 0 : 1);
      CAF_CHECK_EQUAL(url.target_region, want.target_region);
      check_mean(url.phases_ms[0], want);
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_aggregates_tests, fixture)

CAF_TEST(aggregates kept up are those counted anew whatever happens) {
  std::size_t most = 0;
  for (int i = 0; i < 6000; ++i) {
    act();
    most = std::max(most, table.rows());
    if (i % 3 == 0) {
      check();
    }
  }
  CAF_CHECK_GREATER(most, 20u);
  now += 1h;
  check();
  while (table.expire(now, 10)) {
    check();
  }
  CAF_CHECK(table.aggregates().pairs().empty());
  CAF_CHECK(table.aggregates().urls().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_aggregates_suite
