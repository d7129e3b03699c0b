#define CAF_SUITE store_values

#include "xprober/store/store_values.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace store_values_suite {

using namespace xprober;

namespace {

constexpr auto success = metric_index::success;
constexpr auto latency = metric_index::ping_latency;
constexpr auto drop = metric_index::ping_drop_rate;
constexpr std::int64_t noon = 1'700'000'000;

wire_value good() {
  return {"10.0.0.9", std::string{metric_names::ping_success}, "10.0.0.1", "us", "eu", "icmp", noon,
          1.0F};
}

probe_values probe(std::int64_t stamp, std::vector<std::pair<std::size_t, float>> values) {
  probe_values p;
  p.unix_seconds = stamp;
  for (const auto& [index, value] : values) {
    p.set(index, value);
  }
  return p;
}

bool add(probe_values& p, std::string_view name, std::int64_t stamp) {
  return add_to_probe(p, find_metric(name).value(), stamp, 1.0F);
}

std::size_t index_of(std::string_view name) { return find_metric(name).value().index; }

const auto full = probe(noon, {{success, 1.0F}, {drop, 0.0F}, {latency, 5.0F}});

} // namespace

CAF_TEST(every metric of the seed has a place of its own) {
  CAF_CHECK_EQUAL(index_of("ping_latency_millonseconds"), latency);
  CAF_CHECK_EQUAL(index_of("ping_packageDrop_rate"), drop);
  CAF_CHECK(find_metric("ping_target_success").value().type == probe_type::icmp);
  CAF_CHECK(find_metric("http_interface_success").value().type == probe_type::http);
  const auto first = metric_index::first_http_phase;
  CAF_CHECK_EQUAL(index_of("http_resolveDuration_millonseconds"), first);
  CAF_CHECK_EQUAL(index_of("http_connectDuration_millonseconds"), first + 1);
  CAF_CHECK_EQUAL(index_of("http_tlsDuration_millonseconds"), first + 2);
  CAF_CHECK_EQUAL(index_of("http_processingDuration_millonseconds"), first + 3);
  CAF_CHECK_EQUAL(index_of("http_transferDuration_millonseconds"), first + 4);
  CAF_CHECK(!find_metric("ping_target_success "));
  CAF_CHECK(!find_metric(""));
}

CAF_TEST(a value of the seed is taken) {
  CAF_CHECK_EQUAL(check_series(good()), "");
  CAF_CHECK_EQUAL(check_number(good()), "");
  auto v = good();
  v.worker_name = ""; // an agent without an address of its own
  v.target_region = "";
  v.unix_seconds = std::numeric_limits<std::int64_t>::min();
  CAF_CHECK_EQUAL(check_series(v), "");
}

CAF_TEST(values that would harm or say nothing are rejected) {
  const auto rejected = [](auto change) {
    auto v = good();
    change(v);
    const auto why = check_series(v).empty() ? check_number(v) : check_series(v);
    CAF_MESSAGE("reason: " << std::string{why});
    return !why.empty();
  };
  CAF_CHECK(rejected([](auto& v) { v.metric_name = "ping_jitter"; }));
  CAF_CHECK(rejected([](auto& v) { v.metric_name = "http_interface_success"; }));
  CAF_CHECK(rejected([](auto& v) { v.probe_type = "d n s"; }));
  CAF_CHECK(rejected([](auto& v) { v.probe_type = ""; }));
  CAF_CHECK(rejected([](auto& v) { v.source_region = ""; }));
  CAF_CHECK(rejected([](auto& v) { v.source_region = "eu\n"; }));
  CAF_CHECK(rejected([](auto& v) { v.target_region = "\xFF"; }));
  CAF_CHECK(rejected([](auto& v) { v.target_addr = ""; }));
  CAF_CHECK(rejected([](auto& v) { v.target_addr = std::string(100'000, 'x'); }));
  CAF_CHECK(rejected([](auto& v) { v.worker_name = std::string(257, 'x'); }));
  CAF_CHECK(rejected([](auto& v) { v.value = std::nanf(""); }));
  CAF_CHECK(rejected([](auto& v) { v.value = -std::numeric_limits<float>::infinity(); }));
}

CAF_TEST(a probe ends where a metric comes again) {
  probe_values p;
  CAF_CHECK(add(p, metric_names::ping_success, noon));
  CAF_CHECK(add(p, metric_names::ping_drop_rate, noon));
  CAF_CHECK(!add(p, metric_names::ping_success, noon));
  CAF_CHECK_EQUAL(p.size(), 2u);
}

CAF_TEST(a probe of the seed that lies in two seconds is one probe) {
  probe_values p;
  CAF_CHECK(add(p, metric_names::ping_success, noon));
  CAF_CHECK(add(p, metric_names::ping_drop_rate, noon + 1));
  CAF_CHECK(add(p, metric_names::ping_latency, noon + 1));
  CAF_CHECK_EQUAL(p.unix_seconds, noon);
}

CAF_TEST(the seed stamps a slow resolution later than the rest of its probe) {
  probe_values p;
  CAF_CHECK(add(p, metric_names::http_resolve, noon + 20));
  CAF_CHECK(add(p, metric_names::http_success, noon));
  CAF_CHECK(add(p, metric_names::http_tls, noon));
  CAF_CHECK_EQUAL(p.unix_seconds, noon);
  CAF_CHECK_EQUAL(p.size(), 3u);
}

CAF_TEST(a stamp that is far away belongs to another probe) {
  probe_values p;
  CAF_CHECK(add(p, metric_names::ping_success, noon));
  CAF_CHECK(!add(p, metric_names::ping_latency, noon + 2));
  CAF_CHECK(!add(p, metric_names::ping_latency, noon - 2));
  probe_values extreme;
  CAF_CHECK(add(extreme, metric_names::ping_success, std::numeric_limits<std::int64_t>::min()));
  CAF_CHECK(!add(extreme, metric_names::ping_latency, std::numeric_limits<std::int64_t>::max()));
}

CAF_TEST(a newer probe takes the place of all values) {
  auto held = full;
  // The name does not resolve any more: there is no latency and no loss now.
  CAF_CHECK(merge_probe(held, probe(noon + 15, {{success, -1.0F}}), false));
  CAF_CHECK(held == probe(noon + 15, {{success, -1.0F}}));
}

CAF_TEST(a probe that arrives late changes nothing) {
  auto held = full;
  CAF_CHECK(!merge_probe(held, probe(noon - 15, {{success, -1.0F}}), false));
  CAF_CHECK(held == full);
}

CAF_TEST(a clock that was set back is believed after some silence) {
  auto held = full;
  CAF_CHECK(merge_probe(held, probe(noon - 3600, {{success, -1.0F}}), true));
  CAF_CHECK_EQUAL(held.unix_seconds, noon - 3600);
  CAF_CHECK(!held.has(latency));
}

CAF_TEST(the same again is nothing new) {
  auto held = full;
  CAF_CHECK(!merge_probe(held, full, false));
  CAF_CHECK(!merge_probe(held, full, true));
  CAF_CHECK(!merge_probe(held, probe(noon, {{latency, 5.0F}}), false));
  CAF_CHECK(held == full);
}

CAF_TEST(values of one probe that come one by one are put together) {
  auto held = probe(noon, {{success, 1.0F}});
  CAF_CHECK(merge_probe(held, probe(noon, {{drop, 0.0F}}), false));
  CAF_CHECK(merge_probe(held, probe(noon + 1, {{latency, 5.0F}}), false));
  CAF_CHECK(held == full);
  auto reversed = probe(noon + 1, {{success, 1.0F}});
  CAF_CHECK(merge_probe(reversed, probe(noon, {{latency, 5.0F}}), false));
  CAF_CHECK(reversed.has(success) && reversed.has(latency));
}

CAF_TEST(two probes in one second are two probes) {
  auto held = full;
  CAF_CHECK(merge_probe(held, probe(noon, {{success, -1.0F}}), false));
  CAF_CHECK(!held.has(latency));
}

CAF_TEST(values without a stamp are news whenever they come) {
  auto held = probe(0, {{success, 1.0F}, {latency, 5.0F}});
  CAF_CHECK(merge_probe(held, probe(0, {{latency, 5.0F}}), false));
  CAF_CHECK_EQUAL(held.size(), 2u);
  CAF_CHECK(merge_probe(held, probe(0, {{success, -1.0F}}), false));
  CAF_CHECK_EQUAL(held.size(), 1u);
}

} // namespace store_values_suite
