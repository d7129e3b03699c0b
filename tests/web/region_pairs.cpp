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
