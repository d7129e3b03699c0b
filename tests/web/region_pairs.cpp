#define CAF_SUITE region_pairs

#include "xprober/web/region_pairs.hpp"

#include <string>
#include <vector>

#include "web/sample.hpp"

#include "caf/test/unit_test.hpp"

namespace region_pairs_suite {

using namespace xprober;
using namespace xprober::web;

CAF_TEST(pairs are those of one kind) {
  const auto store = sample::store_with_toys();
  CAF_CHECK_EQUAL(region_pairs(store, "icmp").size(), 5u);
  const auto mesh = region_pairs(store, "toy_mesh");
  CAF_REQUIRE_EQUAL(mesh.size(), 1u);
  CAF_CHECK_EQUAL(mesh[0].source_region, "cn-north");
  CAF_CHECK_EQUAL(mesh[0].target_region, "cn-south");
  CAF_CHECK(mesh[0].duration_ms.value() == 8.0);
  CAF_CHECK(mesh[0].loss_percent.value() == 25.0);
  CAF_CHECK_EQUAL(mesh[0].successes.failing(), 1u);
  CAF_CHECK_EQUAL(mesh[0].success(), 1.0F);
  CAF_CHECK(region_pairs(store, "toy").empty());
  CAF_CHECK(region_pairs(store, "nothing").empty());
}

CAF_TEST(a pair of which everything fails has the value of its kind) {
  const auto store = sample::store();
  const auto pairs = region_pairs(store, "icmp");
  CAF_CHECK_EQUAL(pairs[3].target_region, "eu-west");
  CAF_CHECK_EQUAL(pairs[3].success(), -1.0F);
  CAF_CHECK(!pairs[3].duration_ms.value());
}

CAF_TEST(versions of a kind add up) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy_mesh()));
  sample::add_group(store.kinds[0], "a", "b", 2, 1, {{2, 10}});
  auto changed = samples::toy_mesh();
  std::swap(changed.columns[1], changed.columns[2]);
  store.kinds.push_back(sample::results_of(changed));
  sample::add_group(store.kinds[1], "a", "b", 3, 0, {{1, 30}, {2, 5}});
  sample::add_group(store.kinds[1], "a", "c", 1, 0, {});
  const auto pairs = region_pairs(store, "toy_mesh");
  CAF_REQUIRE_EQUAL(pairs.size(), 2u);
  CAF_CHECK_EQUAL(pairs[0].successes.known(), 5u);
  CAF_CHECK(pairs[0].duration_ms.value() == 20.0);
  CAF_CHECK(pairs[0].loss_percent.value() == 5.0);
}

CAF_TEST(states of a pair add up and the worst that says something counts) {
  const auto store = sample::store();
  const auto pairs = region_pairs(store, "icmp");
  CAF_CHECK_EQUAL(pairs[0].states[static_cast<std::size_t>(series_state::ok)], 19u);
  CAF_CHECK_EQUAL(pairs[0].states[static_cast<std::size_t>(series_state::failing)], 1u);
  state_numbers counts{};
  CAF_CHECK(!worst_state(counts));
  for (const auto state : {series_state::never, series_state::stale, series_state::prober_fault,
                           series_state::ok, series_state::degraded, series_state::failing}) {
    counts[static_cast<std::size_t>(state)] = 1;
    CAF_CHECK(worst_state(counts) == state);
  }
}

CAF_TEST(what was never reported is in pairs of states alone) {
  auto store = sample::store();
  const auto icmp = hold_kind(kinds::icmp());
  store.never = {{"icmp", icmp, "cn-north", "cn-south", 3},
                 {"icmp", icmp, "", "moon", 1},
                 {"icmp", icmp, "mars", "moon", 2},
                 {"icmp", icmp, "mars", "", 7}, // of many pairs together
                 {"http", hold_kind(kinds::http()), "mars", "web", 5}};
  CAF_CHECK_EQUAL(region_pairs(store, "icmp").size(), 5u);
  CAF_CHECK_EQUAL(region_pairs(store, "http", true).size(), 0u);
  const auto pairs = region_pairs(store, "icmp", true);
  CAF_REQUIRE_EQUAL(pairs.size(), 6u);
  const auto never = static_cast<std::size_t>(series_state::never);
  CAF_CHECK_EQUAL(pairs[0].states[never], 3u);
  CAF_CHECK(worst_state(pairs[0].states) == series_state::failing);
  CAF_CHECK_EQUAL(pairs[5].source_region, "mars");
  CAF_CHECK_EQUAL(pairs[5].states[never], 2u);
  CAF_CHECK(worst_state(pairs[5].states) == series_state::never);
  CAF_CHECK_EQUAL(pairs[5].successes.known(), 0u);
}

CAF_TEST(pairs can be those of one source or target) {
  const auto store = sample::store();
  const auto all = region_pairs(store, "icmp");
  CAF_REQUIRE(!all.empty());
  const auto source = all.front().source_region;
  const auto target = all.front().target_region;
  const auto row = region_pairs(store, "icmp", false, source);
  CAF_REQUIRE(!row.empty() && row.size() < all.size());
  for (const auto& pair : row) {
    CAF_CHECK_EQUAL(pair.source_region, source);
  }
  CAF_CHECK_EQUAL(region_pairs(store, "icmp", false, source, target).size(), 1u);
  CAF_CHECK(region_pairs(store, "icmp", false, "nowhere").empty());
}

CAF_TEST(regions of pairs are counted without the pairs) {
  const auto store = sample::store();
  std::set<std::string_view> expected;
  for (const auto& pair : region_pairs(store, "icmp", true)) {
    expected.insert(pair.source_region);
    expected.insert(pair.target_region);
  }
  CAF_CHECK(regions_of_pairs(store, "icmp", 1000) == expected);
  CAF_CHECK(regions_of_pairs(store, "icmp", 1).size() > 1);
  CAF_CHECK(regions_of_pairs(store, "http", 1000).empty());
}

CAF_TEST(names of kinds come from the table and from results) {
  const auto store = sample::store_with_toys();
  const auto pairs = kinds_grouped_by(store, result_group::pair);
  CAF_CHECK_EQUAL(pairs.front(), "icmp");
  CAF_CHECK_EQUAL(pairs.back(), "toy_mesh");
  const auto addresses = kinds_grouped_by(store, result_group::address);
  CAF_CHECK_EQUAL(addresses.front(), "http");
  CAF_CHECK_EQUAL(addresses.back(), "toy");
  CAF_CHECK(kinds_grouped_by({}, result_group::address).back() != "toy");
}

} // namespace region_pairs_suite
