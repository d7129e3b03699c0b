#define CAF_SUITE store_part

#include "xprober/store/store_part.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "caf/test/dsl.hpp"

namespace store_part_suite {

using namespace xprober;

CAF_TEST(each target is in one part and every part has some) {
  constexpr std::uint32_t parts = 3;
  std::vector<int> of(parts);
  for (int i = 0; i < 300; ++i) {
    const auto address = "10.0.0." + std::to_string(i);
    int times = 0;
    for (std::uint32_t number = 0; number < parts; ++number) {
      if (store_part{number, parts}.has("eu", address, "icmp")) {
        ++times;
        ++of[number];
      }
    }
    CAF_CHECK_EQUAL(times, 1);
  }
  for (const auto size : of) {
    CAF_CHECK(size > 50);
  }
}

CAF_TEST(a whole store has all targets and is the first) {
  const store_part whole;
  CAF_CHECK(whole.is_whole() && whole.is_first());
  CAF_CHECK(whole.has("eu", "10.0.0.1", "icmp"));
  CAF_CHECK(whole.has("", "", ""));
  CAF_CHECK(!(store_part{1, 2}.is_first()));
}

} // namespace store_part_suite
