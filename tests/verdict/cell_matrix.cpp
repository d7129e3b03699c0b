#define CAF_SUITE cell_matrix

#include "xprober/verdict/cell_matrix.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "xprober/verdict/evidence.hpp"

#include "caf/test/unit_test.hpp"

namespace cell_matrix_suite {

using namespace xprober;

namespace {

evidence::bad_cell cell_since(std::uint32_t since_s) {
  evidence::bad_cell made;
  made.since_s = since_s;
  return made;
}

} // namespace

CAF_TEST(cells that say the same are kept once) {
  cell_matrix<evidence::bad_cell> all;
  for (std::uint32_t target = 0; target < 1000; ++target) {
    CAF_CHECK(all.set(3, target, cell_since(7)));
  }
  CAF_CHECK_EQUAL(all.size(), 1000u);
  CAF_CHECK_EQUAL(all.distinct(), 1u);
  CAF_CHECK(!all.set(3, 5, cell_since(7)));
  CAF_CHECK(all.set(3, 5, cell_since(8)));
  CAF_CHECK_EQUAL(all.distinct(), 2u);
  CAF_REQUIRE(all.find(3, 5) != nullptr && all.find(3, 6) != nullptr);
  CAF_CHECK_EQUAL(all.find(3, 5)->since_s, 8u);
  CAF_CHECK_EQUAL(all.find(3, 6)->since_s, 7u);
  CAF_CHECK(!all.contains(2, 5));
  CAF_CHECK(!all.contains(4, 5));
  CAF_CHECK(all.erase(3, 5));
  CAF_CHECK(!all.erase(3, 5));
  CAF_CHECK_EQUAL(all.distinct(), 1u);
}

CAF_TEST(it says what a map says) {
  std::mt19937 random{5};
  cell_matrix<evidence::bad_cell> all;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> truth;
  for (int i = 0; i < 30'000; ++i) {
    const auto source = static_cast<std::uint32_t>(random() % 20);
    const auto target = static_cast<std::uint32_t>(random() % 100);
    if (random() % 3 == 0) {
      CAF_REQUIRE(all.erase(source, target) == (truth.erase({source, target}) == 1));
    } else {
      const auto since = static_cast<std::uint32_t>(random() % 300);
      all.set(source, target, cell_since(since));
      truth[{source, target}] = since;
    }
    CAF_REQUIRE(all.size() == truth.size());
  }
  auto seen = truth;
  auto last = std::uint32_t{0};
  all.for_each([&](std::uint32_t source, std::uint32_t target, std::uint32_t number) {
    CAF_CHECK(last <= source);
    last = source;
    CAF_CHECK_EQUAL(all.value(number).since_s, (truth[{source, target}]));
    seen.erase({source, target});
  });
  CAF_CHECK(seen.empty());
  for (const auto& [where, since] : truth) {
    CAF_REQUIRE(all.erase(where.first, where.second));
  }
  CAF_CHECK(all.empty());
  CAF_CHECK_EQUAL(all.distinct(), 0u);
}

} // namespace cell_matrix_suite
