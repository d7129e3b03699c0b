#define CAF_SUITE store_aggregates

#include "xprober/store/store_aggregates.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/old_names.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/store_table.hpp"

#include "caf/test/unit_test.hpp"

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
      batch.push_back(value(old_names::http_success, static_cast<float>(draw(2))));
      for (std::size_t i = 0; i < draw(6); ++i) {
        batch.push_back(value(old_names::http_phases[i], measured));
      }
    } else if (draw(4) == 0) {
      batch.push_back(value(old_names::ping_success, -1));
    } else {
      batch.push_back(value(old_names::ping_success, 1));
      batch.push_back(value(old_names::ping_drop_rate, static_cast<float>(draw(100))));
      batch.push_back(value(old_names::ping_latency, measured));
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

  /// A row of a kind that is in no table.
  void push_toy() {
    const bool mesh = draw(2) == 0;
    auto outcome = mesh ? samples::toy_trip(static_cast<float>(draw(1000)) / 3, 5)
                        : samples::toy_success(static_cast<float>(draw(1000)) / 3, 1, draw(9));
    if (draw(4) == 0) {
      outcome = samples::toy_failure(3);
    }
    outcome.started = wall_time{std::chrono::seconds{stamp}};
    // A module of a kind can change what it is built on, too.
    const auto& kind = mesh ? samples::toy_mesh() : samples::toy();
    const auto type = draw(8) == 0 ? prober_name{"module", &kind} : prober_name{kind};
    batch_encoder encoder{{region(), "a" + std::to_string(draw(2))}};
    const auto uid_address = address();
    encoder.add({samples::target_of(0, uid_address, type, region()), outcome});
    CAF_CHECK_EQUAL(table.ingest(encoder.finish_body(), 1, now).rejected, 0u);
  }

  void act() {
    now += std::chrono::milliseconds{draw(1500)};
    stamp += draw(3);
    switch (draw(12)) {
    case 0: table.expire(now, draw(5)); break;
    case 1: table.forget({{region(), address(), kinds::icmp()}}, now); break;
    case 2: table.welcome({{region(), address(), kinds::icmp()}}); break;
    case 3: now += std::chrono::seconds{draw(8)}; break;
    case 4:
    case 5: push_toy(); break;
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
  std::map<std::pair<std::string, std::string>, sums> counted(const probe_kind& kind,
                                                              std::size_t cell) const {
    std::map<std::pair<std::string, std::string>, sums> all;
    table.for_each_fresh(now, [&](const store_table::view& v) {
      if (*table.kinds()[v.latest->kind].kind != kind) {
        return;
      }
      const bool pair = kind.grouped_by == result_group::pair;
      auto& s = all[{table.text(v.source_region), table.text(pair ? v.target_region : v.address)}];
      if (const auto time = v.latest->get(cell); time && *time >= 0) {
        s.latency += static_cast<double>(*time);
        ++s.latencies;
      }
      if (const auto success = v.latest->get(0)) {
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

  void check(const store_snapshot& seen, const probe_kind& kind, std::size_t column) const {
    const auto wanted = counted(kind, *cell_of(kind, column));
    const auto found = std::ranges::find_if(
        seen.kinds, [&](const kind_results& results) { return *results.kind == kind; });
    if (wanted.empty()) {
      CAF_REQUIRE(found == seen.kinds.end() || found->groups.empty());
      return;
    }
    CAF_REQUIRE(found != seen.kinds.end());
    CAF_REQUIRE_EQUAL(found->groups.size(), wanted.size());
    const bool pair = kind.grouped_by == result_group::pair;
    for (const auto& group : found->groups) {
      const auto& want =
          wanted.at({group.source_region, pair ? group.target_region : group.address});
      CAF_CHECK_EQUAL(group.sums.successes.known(), want.known);
      CAF_CHECK_EQUAL(group.sums.successes.failing(), want.failing);
      CAF_CHECK_EQUAL(group.target_region, want.target_region);
      check_mean(found->mean(group, column), want);
    }
  }

  void check() const {
    const auto seen = make_snapshot(table, now, false);
    check(seen, kinds::icmp(), kinds::icmp_column::latency);
    check(seen, kinds::http(), kinds::http_column::first_phase);
    check(seen, samples::toy(), samples::toy_column::wind);
    check(seen, samples::toy_mesh(), 2);
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
  for (std::size_t kind = 0; kind < table.aggregates().kinds(); ++kind) {
    CAF_CHECK(table.aggregates().of(static_cast<kind_number>(kind)).empty());
  }
  CAF_CHECK_EQUAL(table.kinds().size(), builtin_kinds().size());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_aggregates_suite
