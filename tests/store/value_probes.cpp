#define CAF_SUITE value_probes

#include "xprober/store/value_probes.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "support/old_names.hpp"

#include "caf/test/dsl.hpp"

namespace value_probes_suite {

using namespace xprober;

namespace {

constexpr std::int64_t noon = 1'700'000'000;

wire_value value(std::string_view metric, float v, std::string target = "10.0.0.1",
                 std::int64_t stamp = noon) {
  return {"10.9.0.1", std::string{metric}, std::move(target), "us", "eu", "icmp", stamp, v};
}

struct fixture {
  ingest_report report;

  /// "target:values target:values" of what was read.
  std::string read(const std::vector<wire_value>& batch, store_part part = {}) {
    std::string all;
    value_probes probes{batch, part};
    stored_probe probe;
    while (probes.next(probe, report)) {
      all += (all.empty() ? "" : " ") + probes.series().target_addr + ":" +
             std::to_string(probe.values.size()) + (probe.state == probe_state::failed ? "!" : "");
    }
    return all;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(value_probes_tests, fixture)

CAF_TEST(neighbouring values of a series are one probe) {
  CAF_CHECK_EQUAL(read({value(old_names::ping_success, 1), value(old_names::ping_drop_rate, 0),
                        value(old_names::ping_latency, 5), value(old_names::ping_success, 1, "b"),
                        value(old_names::ping_latency, 5)}),
                  "10.0.0.1:3 b:1 10.0.0.1:1");
  CAF_CHECK_EQUAL(report.rejected, 0U);
}

CAF_TEST(a metric that is there already begins the next probe) {
  CAF_CHECK_EQUAL(read({value(old_names::ping_success, 1), value(old_names::ping_latency, 5),
                        value(old_names::ping_success, -1, "10.0.0.1", noon + 15)}),
                  "10.0.0.1:2 10.0.0.1:1!");
}

CAF_TEST(bad values and bad series are rejected one by one) {
  auto nameless = value(old_names::ping_success, 1);
  nameless.source_region = "";
  CAF_CHECK_EQUAL(
      read({value(old_names::ping_success, 1), value(old_names::ping_latency, std::nanf("")),
            value(old_names::ping_drop_rate, 0), nameless, nameless, value("ping_jitter", 1)}),
      "10.0.0.1:2");
  CAF_CHECK_EQUAL(report.rejected, 4U);
  CAF_CHECK_EQUAL(report.reason, "value is not a finite number");
}

CAF_TEST(values of another part are passed over) {
  std::vector<wire_value> batch;
  for (int i = 0; i < 20; ++i) {
    batch.push_back(value(old_names::ping_success, 1, std::to_string(i)));
    batch.push_back(value("ping_jitter", 1, std::to_string(i)));
  }
  const auto first = read(batch, {0, 2});
  const auto second = read(batch, {1, 2});
  CAF_CHECK(!first.empty() && !second.empty());
  CAF_CHECK_EQUAL(first.size() + 1 + second.size(), read(batch).size());
  CAF_CHECK_EQUAL(report.rejected, 40U); // once by its part, once by the whole store
}

CAF_TEST(there is no probe in an empty batch) { CAF_CHECK_EQUAL(read({}), ""); }

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace value_probes_suite
