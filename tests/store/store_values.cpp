#define CAF_SUITE store_values

#include "xprober/store/store_values.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/old_names.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace store_values_suite {

using namespace xprober;

namespace {

// Cells of icmp.
constexpr std::size_t success = 0;
constexpr std::size_t drop = 1;
constexpr std::size_t latency = 2;
constexpr std::uint32_t noon = 1'700'000'000;

wire_value good() {
  return {"10.0.0.9", std::string{old_names::ping_success}, "10.0.0.1", "us", "eu", "icmp", noon,
          1.0F};
}

probe_values probe(std::uint32_t stamp, std::vector<std::pair<std::size_t, float>> values) {
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

std::size_t cell_of_metric(std::string_view name) { return find_metric(name).value().cell; }

const auto full = probe(noon, {{success, 1.0F}, {drop, 0.0F}, {latency, 5.0F}});

} // namespace

CAF_TEST(every metric of the old form has a place of its own) {
  CAF_CHECK_EQUAL(cell_of_metric(old_names::ping_latency), latency);
  CAF_CHECK_EQUAL(cell_of_metric(old_names::ping_drop_rate), drop);
  CAF_CHECK(find_metric(old_names::ping_success).value().kind == &kinds::icmp());
  CAF_CHECK(find_metric(old_names::http_success).value().kind == &kinds::http());
  CAF_CHECK(find_metric(old_names::http_success).value().is_success());
  CAF_CHECK(!find_metric(old_names::ping_latency).value().is_success());
  for (std::size_t i = 0; i < old_names::http_phases.size(); ++i) {
    CAF_CHECK_EQUAL(cell_of_metric(old_names::http_phases[i]), 1 + i);
  }
  CAF_CHECK(!find_metric("ping_target_success "));
  CAF_CHECK(!find_metric(""));
}

CAF_TEST(a store keeps every metric of the old form that the table has) {
  for (const auto& kind : builtin_kinds()) {
    for (const auto& column : kind.columns) {
      CAF_CHECK(column.old_name.empty() || find_metric(column.old_name));
    }
  }
}

CAF_TEST(cells hold the kept columns and nothing else) {
  store_kinds known;
  const auto number = known.acquire(hold_kind(samples::toy()));
  const auto outcome = samples::toy_success(1.5F, 2.5F, 4'000'000'000);
  const auto held = cells_of(known[number], number, probe_state::ok, outcome.values, noon);
  CAF_CHECK_EQUAL(held.size(), 4u);
  CAF_CHECK_EQUAL(held.size(),
                  count_values(kind_shape{samples::toy()}, probe_state::ok, outcome.values));
  CAF_CHECK(held.get(0) == 1.0F);
  const auto back = columns_of(samples::toy(), held);
  CAF_CHECK(back.number(samples::toy_column::spin) == 2.5F);
  CAF_CHECK(back.whole(samples::toy_column::level) == 4'000'000'000);
  CAF_CHECK(!back.has(samples::toy_column::noise));
  CAF_CHECK(!back.has(0));
  CAF_CHECK(cells_of(known[number], number, probe_state::own_fault, outcome.values, noon).size() ==
            0);
}

CAF_TEST(what stands for a missing value is held like in the old form) {
  store_kinds known;
  column_values lost;
  lost.set(kinds::icmp_column::loss, 100);
  const auto held = cells_of(known[0], 0, probe_state::failed, lost, noon);
  CAF_CHECK(held.get(success) == -1.0F);
  CAF_CHECK(held.get(drop) == 100.0F);
  CAF_CHECK(held.get(latency) == -1.0F);
  CAF_CHECK_EQUAL(cells_of(known[0], 0, probe_state::failed, {}, noon).size(), 1u);
}

CAF_TEST(the names of built in kinds mean these kinds) {
  CAF_CHECK_EQUAL(check_kind("icmp", kinds::icmp()), "");
  CAF_CHECK_EQUAL(check_kind("module", kinds::icmp()), "");
  CAF_CHECK_EQUAL(check_kind("toy", samples::toy()), "");
  CAF_CHECK_EQUAL(check_kind("module", samples::toy()), "");
  CAF_CHECK(!check_kind("icmp", kinds::http()).empty());
  CAF_CHECK(!check_kind("icmp", samples::toy()).empty());
  auto forged = kinds::icmp();
  CAF_CHECK_EQUAL(check_kind("icmp", forged), ""); // the same in a copy
  forged.columns.pop_back();
  CAF_CHECK(!check_kind("icmp", forged).empty());
}

CAF_TEST(stamps that do not fit are none) {
  CAF_CHECK_EQUAL(to_stamp(noon), noon);
  CAF_CHECK_EQUAL(to_stamp(0), 0u);
  CAF_CHECK_EQUAL(to_stamp(-1), 0u);
  CAF_CHECK_EQUAL(to_stamp(std::int64_t{1} << 32U), 0u);
  CAF_CHECK_EQUAL(to_stamp((std::int64_t{1} << 32U) - 1), 0xFFFFFFFFu);
}

CAF_TEST(a value of the old form is taken) {
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
  CAF_CHECK(add(p, old_names::ping_success, noon));
  CAF_CHECK(add(p, old_names::ping_drop_rate, noon));
  CAF_CHECK(!add(p, old_names::ping_success, noon));
  CAF_CHECK_EQUAL(p.size(), 2u);
}

CAF_TEST(a probe of a Go agent that lies in two seconds is one probe) {
  probe_values p;
  CAF_CHECK(add(p, old_names::ping_success, noon));
  CAF_CHECK(add(p, old_names::ping_drop_rate, noon + 1));
  CAF_CHECK(add(p, old_names::ping_latency, noon + 1));
  CAF_CHECK_EQUAL(p.unix_seconds, noon);
}

CAF_TEST(a Go agent stamps a slow resolution later than the rest of its probe) {
  probe_values p;
  CAF_CHECK(add(p, old_names::http_phases[0], noon + 20));
  CAF_CHECK(add(p, old_names::http_success, noon));
  CAF_CHECK(add(p, old_names::http_phases[2], noon));
  CAF_CHECK_EQUAL(p.unix_seconds, noon);
  CAF_CHECK_EQUAL(p.size(), 3u);
}

CAF_TEST(a stamp that is far away belongs to another probe) {
  probe_values p;
  CAF_CHECK(add(p, old_names::ping_success, noon));
  CAF_CHECK(!add(p, old_names::ping_latency, noon + 2));
  CAF_CHECK(!add(p, old_names::ping_latency, noon - 2));
  probe_values extreme;
  CAF_CHECK(add(extreme, old_names::ping_success, std::numeric_limits<std::uint32_t>::max()));
  CAF_CHECK(!add(extreme, old_names::ping_latency, std::numeric_limits<std::int64_t>::min()));
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
