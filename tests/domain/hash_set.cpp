#define CAF_SUITE hash_set

#include "xprober/domain/hash_set.hpp"

#include "caf/test/unit_test.hpp"

namespace hash_set_suite {

using namespace xprober;

CAF_TEST(an empty set has nothing) {
  const hash_set set;
  CAF_CHECK_EQUAL(set.size(), 0u);
  CAF_CHECK(!set.contains(0));
  CAF_CHECK(!set.contains(7));
}

CAF_TEST(what was put in is in it once) {
  hash_set set;
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      CAF_CHECK_EQUAL(set.insert(i << 32U), round == 0);
    }
  }
  CAF_CHECK_EQUAL(set.size(), 10'000u);
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    CAF_CHECK(set.contains(i << 32U));
    CAF_CHECK(!set.contains((i << 32U) + 2));
  }
}

CAF_TEST(a hash takes sixteen bytes or little more) {
  hash_set set;
  for (std::uint64_t i = 1; i <= 60'000; ++i) {
    set.insert(i);
  }
  CAF_CHECK_LESS(set.capacity_bytes(), 60'000u * 40);
}

} // namespace hash_set_suite
