#define CAF_SUITE kind_series

#include "xprober/domain/kind_series.hpp"

#include <string>
#include <vector>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_series_suite {

using namespace xprober;

namespace {

std::vector<std::string> names_of(const probe_kind& kind) {
  std::vector<std::string> names;
  for (const auto& series : series_of(kind)) {
    names.push_back(std::string{series.name} +
                    (series.phase.empty() ? "" : "/" + std::string{series.phase}));
  }
  return names;
}

using strings = std::vector<std::string>;

} // namespace

CAF_TEST(icmp is under its old and its conventional names) {
  CAF_CHECK((names_of(kinds::icmp()) ==
             strings{"ping_target_success", "probe_success", "ping_packageDrop_rate",
                     "xprober_probe_icmp_loss_ratio", "ping_latency_millonseconds",
                     "probe_icmp_duration_seconds/rtt"}));
  const auto all = series_of(kinds::icmp());
  CAF_CHECK(!all[0].conventional && all[1].conventional);
  CAF_CHECK_EQUAL(all[3].scale, 100.0);
  CAF_CHECK_EQUAL(all[5].scale, 1000.0);
  CAF_CHECK_EQUAL(all[5].column, kinds::icmp_column::latency);
}

CAF_TEST(of another kind what it keeps has conventional names) {
  CAF_CHECK((names_of(samples::toy()) ==
             strings{"toy_up", "probe_success", "toy_wind_ms", "probe_toy_duration_seconds/wind",
                     "probe_toy_duration_seconds/spin", "probe_toy_level"}));
}

CAF_TEST(names that mean something else are left out) {
  auto kind = samples::toy();
  kind.columns[0].old_name = "ping_target_success"; // of icmp
  kind.columns[1].old_name = "probe_success";       // conventional, with other labels
  kind.columns[1].name = "xprober_agents";
  kind.columns[2].old_name = "process_cpu_seconds_total";
  kind.columns[2].name = "http_interface_success";
  kind.columns[3].name = "probe_duration_seconds";
  CAF_CHECK((names_of(kind) == strings{"probe_success"}));
}

CAF_TEST(a series stands once) {
  auto kind = samples::toy();
  kind.columns[1].name = kind.columns[2].name = kind.columns[3].name = "probe_toy";
  kind.columns[1].phase = kind.columns[2].phase = "";
  kind.columns[2].old_name = "probe_toy";
  CAF_CHECK((names_of(kind) == strings{"toy_up", "probe_success", "toy_wind_ms", "probe_toy"}));
}

CAF_TEST(values are counted as they are kept) {
  const kind_shape icmp{kinds::icmp()};
  using enum probe_state;
  CAF_CHECK_EQUAL(count_values(icmp, ok, samples::success().values), 3u);
  CAF_CHECK_EQUAL(count_values(icmp, failed, samples::echoes(10, 0, 0)), 3u);
  CAF_CHECK_EQUAL(count_values(icmp, failed, {}), 1u); // not resolved
  CAF_CHECK_EQUAL(count_values(icmp, own_fault, samples::success().values), 0u);
  CAF_CHECK_EQUAL(count_values(kind_shape{kinds::http()}, failed, samples::http_values({1, 2}, 0)),
                  4u);
  CAF_CHECK_EQUAL(
      count_values(kind_shape{samples::toy()}, ok, samples::toy_success(1, 2, 3).values), 4u);
}

} // namespace kind_series_suite
