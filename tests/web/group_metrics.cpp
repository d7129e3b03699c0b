#define CAF_SUITE group_metrics

#include "xprober/web/group_metrics.hpp"

#include <string>
#include <utility>

#include "web/sample.hpp"

#include "caf/test/unit_test.hpp"

namespace group_metrics_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

std::string shared_metrics(const store_snapshot& store) {
  prometheus_text out;
  append_shared_group_metrics(out, store);
  return "\n" + out.take();
}

bool has(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

} // namespace

CAF_TEST(pairs have what all kinds have in base units) {
  const auto text = shared_metrics(sample::store());
  const std::string pair =
      R"({source_region="cn-north",target_region="eu-west",probe_type="icmp"} )";
  CAF_CHECK(has(text, "xprober_pair_success" + pair + "1"));
  CAF_CHECK(has(text, "xprober_pair_success_ratio" + pair + "0.8"));
  CAF_CHECK(has(text, "xprober_pair_series" + pair + "10"));
  CAF_CHECK(has(text, "xprober_pair_series_failing" + pair + "2"));
  CAF_CHECK(has(text, "xprober_pair_duration_seconds" + pair + "0.1825"));
  CAF_CHECK(has(text, "xprober_pair_loss_ratio" + pair + "0.0225"));
  const std::string down =
      R"({source_region="cn-south",target_region="eu-west",probe_type="icmp"} )";
  CAF_CHECK(has(text, "xprober_pair_success" + down + "0"));
  CAF_CHECK(text.find("xprober_pair_duration_seconds" + down) == std::string::npos);
}

CAF_TEST(addresses have their phases) {
  const auto text = shared_metrics(sample::store_with_toys());
  const std::string toy = R"({source_region="cn-north",addr="a:1",probe_type="toy")";
  CAF_CHECK(has(text, "xprober_url_success_ratio" + toy + "} 0.5"));
  CAF_CHECK(has(text, "xprober_url_duration_seconds" + toy + "} 0.006"));
  CAF_CHECK(has(text, "xprober_url_phase_duration_seconds" + toy + ",phase=\"wind\"} 0.002"));
  CAF_CHECK(has(text, "xprober_url_phase_duration_seconds" + toy + ",phase=\"spin\"} 0.004"));
  CAF_CHECK(text.find("xprober_url_loss_ratio") == std::string::npos); // none of them has any
  CAF_CHECK(has(text, "xprober_metrics_groups_omitted 0"));
}

CAF_TEST(versions of a kind are one line) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy()));
  sample::add_group(store.kinds[0], "a", "x:1", 1, 1, {{1, 2}});
  auto changed = samples::toy();
  changed.columns[3].key = "height";
  store.kinds.push_back(sample::results_of(changed));
  sample::add_group(store.kinds[1], "a", "x:1", 3, 0, {{1, 4}});
  const auto text = shared_metrics(store);
  const std::string one = R"({source_region="a",addr="x:1",probe_type="toy")";
  CAF_CHECK(has(text, "xprober_url_series" + one + "} 4"));
  CAF_CHECK(has(text, "xprober_url_success_ratio" + one + "} 0.75"));
  CAF_CHECK(has(text, "xprober_url_phase_duration_seconds" + one + ",phase=\"wind\"} 0.003"));
}

CAF_TEST(an empty store has no groups) {
  CAF_CHECK(shared_metrics({}).find("xprober_pair_") == std::string::npos);
}

} // namespace group_metrics_suite
