#define CAF_SUITE respawn_waits

#include "xprober/actors/agent/respawn_waits.hpp"

#include <vector>

#include "caf/test/unit_test.hpp"

namespace respawn_waits_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{1h};

} // namespace

CAF_TEST(waits double up to a minute) {
  respawn_waits waits;
  std::vector<std::chrono::seconds> got;
  auto now = start;
  for (int i = 0; i < 9; ++i) {
    got.push_back(waits.died(3, now));
    now += got.back();
  }
  CAF_CHECK(got == (std::vector<std::chrono::seconds>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}));
}

CAF_TEST(five good minutes make up for all deaths before) {
  respawn_waits waits;
  waits.died(3, start);
  waits.died(3, start + 1s);
  CAF_CHECK(waits.died(3, start + 1s + 5min) == 4s);
  CAF_CHECK(waits.died(3, start + 1s + 5min + 5min + 1ns) == 1s);
}

CAF_TEST(targets wait for themselves and an index is no inheritance) {
  respawn_waits waits;
  waits.died(3, start);
  CAF_CHECK(waits.died(4, start) == 1s);
  waits.forget(3);
  CAF_CHECK(waits.died(3, start) == 1s);
}

} // namespace respawn_waits_suite
