#define CAF_SUITE outlet_pace

#include "xprober/probes/icmp/outlet_pace.hpp"

#include "caf/test/unit_test.hpp"

namespace outlet_pace_suite {

using xprober::icmp::outlet_pace;

CAF_TEST(what has left and is gone holds nothing up) {
  outlet_pace pace;
  pace.sent(5000, 5000, 64, 64);
  CAF_CHECK(!pace.may_hold());
}

CAF_TEST(what waits for its neighbours holds nothing up) {
  outlet_pace pace;
  pace.sent(0, 64 * 832, 64, 0);
  CAF_CHECK(!pace.may_hold());
  pace.sent(64 * 832, 64 * 832 + 63 * 832, 64, 1);
  CAF_CHECK(!pace.may_hold());
}

CAF_TEST(what has left and is in a queue of the device is waited for) {
  outlet_pace pace;
  pace.sent(0, 64 * 832, 64, 0);
  pace.sent(100'000, 100'000 + 64 * 832, 64, 54);
  CAF_CHECK(pace.may_hold());
  CAF_CHECK(pace.holds(100'000 + 50 * 832));
  CAF_CHECK(!pace.holds(100'000 + 40 * 832));
  CAF_CHECK(!pace.may_hold());
}

CAF_TEST(what the kernel dropped says nothing of what a packet takes) {
  outlet_pace pace;
  pace.sent(0, 832, 64, 0); // one router's queue is full
  pace.sent(832, 832 + 32 * 832, 64, 32);
  CAF_CHECK(!pace.may_hold());
}

CAF_TEST(the waiting has an end) {
  outlet_pace pace;
  pace.sent(0, 64 * 832, 64, 64);
  int looks = 0;
  while (pace.holds(64 * 832)) {
    ++looks;
  }
  CAF_CHECK_EQUAL(looks, outlet_pace::most_looks - 1);
}

} // namespace outlet_pace_suite
