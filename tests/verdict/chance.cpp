#define CAF_SUITE chance

#include "xprober/verdict/chance.hpp"

#include <cmath>

#include "caf/test/unit_test.hpp"

namespace chance_suite {

using namespace xprober;

/// How many results in a row make a lone pair a cause.
std::uint64_t results_for_pair(std::uint64_t fresh, std::uint64_t cells) {
  const chance noise{fresh, cells};
  std::uint64_t results = 1;
  while (!noise.excludes(1, 1, results)) {
    ++results;
  }
  return results;
}

CAF_TEST(a lone pair takes three results in a calm network) {
  CAF_CHECK_EQUAL(results_for_pair(0, 1), 3u);
  CAF_CHECK_EQUAL(results_for_pair(0, 4), 3u);
  CAF_CHECK_EQUAL(results_for_pair(0, 900), 3u);
  CAF_CHECK_EQUAL(results_for_pair(0, 40'000), 3u);
  CAF_CHECK_EQUAL(results_for_pair(0, 1'000'000), 3u);
}

CAF_TEST(a lone pair takes more where more fails by chance) {
  CAF_CHECK_EQUAL(results_for_pair(400, 40'000), 5u);
  CAF_CHECK_EQUAL(results_for_pair(2'000, 40'000), 7u);
}

CAF_TEST(the rate is that of failures of one result) {
  CAF_CHECK(std::abs(chance(2'000, 40'000).rate() - 0.05) < 0.002);
  CAF_CHECK(std::abs(chance(0, 40'000).rate() - 1e-4) < 1e-9);
  CAF_CHECK(chance(0, 1).rate() > 0.02); // one cell that is well shows little
}

CAF_TEST(more cells that fail together are less likely) {
  const chance noise{20, 1'000};
  CAF_CHECK(!noise.excludes(1, 50, 1));
  CAF_CHECK(!noise.excludes(4, 50, 4));
  CAF_CHECK(noise.excludes(25, 50, 25));
  CAF_CHECK(noise.excludes(5, 5, 10));
}

CAF_TEST(ways to share out results count) {
  const chance noise{50, 1'000};
  CAF_CHECK(noise.excludes(1, 1, 6));
  CAF_CHECK(!noise.excludes(2, 20, 8)); // one of 7 and one of 1, of 6 and 2, ...
}

} // namespace chance_suite
