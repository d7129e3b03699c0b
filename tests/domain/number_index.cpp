#define CAF_SUITE number_index

#include "xprober/domain/number_index.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "caf/test/dsl.hpp"

namespace number_index_suite {

using namespace xprober;

namespace {

bool has(const number_index& index, std::uint32_t number, std::uint32_t hash) {
  bool found = false;
  index.for_each(hash, [&](std::uint32_t n) { found = found || n == number; });
  return found;
}

} // namespace

CAF_TEST(what comes and goes is found while it is there) {
  std::mt19937 random{7};
  std::vector<std::uint32_t> hashes(5000);
  for (auto& hash : hashes) {
    hash = random() % 3000 * 1'431'655; // some are alike
  }
  const auto hash_of = [&](std::uint32_t number) { return hashes[number]; };
  number_index index;
  std::set<std::uint32_t> there;
  for (int i = 0; i < 40'000; ++i) {
    const auto number = static_cast<std::uint32_t>(random() % hashes.size());
    if (there.insert(number).second) {
      index.insert(number, hash_of);
    } else {
      there.erase(number);
      index.erase(number, hash_of);
    }
  }
  for (std::uint32_t number = 0; number < hashes.size(); ++number) {
    CAF_REQUIRE_EQUAL(has(index, number, hashes[number]), there.contains(number));
  }
}

CAF_TEST(all of one hash are found) {
  number_index index;
  const auto hash_of = [](std::uint32_t) { return 0xFFFFFFFFU; };
  for (std::uint32_t number = 0; number < 100; ++number) {
    index.insert(number, hash_of);
  }
  index.erase(50, hash_of);
  std::size_t found = 0;
  index.for_each(0xFFFFFFFFU, [&](std::uint32_t) { ++found; });
  CAF_CHECK_EQUAL(found, 99U);
}

CAF_TEST(an empty one has nothing) {
  number_index index;
  index.erase(1, [](std::uint32_t) { return 5U; });
  CAF_CHECK(!has(index, 1, 5));
}

} // namespace number_index_suite
