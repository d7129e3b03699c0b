#define CAF_SUITE send_pace

#include "xprober/probes/icmp/send_pace.hpp"

#include "caf/test/unit_test.hpp"

namespace send_pace_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace std::chrono_literals;

CAF_TEST(a call that takes much longer than usual was interrupted) {
  send_pace pace;
  for (int i = 0; i < 20; ++i) {
    CAF_CHECK(pace.undisturbed(200us, 64));
  }
  CAF_CHECK(pace.undisturbed(450us, 64));
  CAF_CHECK(!pace.undisturbed(2ms, 64));
  CAF_CHECK(!pace.undisturbed(300us, 8));
  CAF_CHECK(pace.undisturbed(80us, 1));
  CAF_CHECK(pace.undisturbed(200us, 64));
}

CAF_TEST(interruptions do not become usual) {
  send_pace pace;
  pace.undisturbed(200us, 64);
  for (int i = 0; i < 200; ++i) {
    CAF_CHECK(!pace.undisturbed(5ms, 64));
    CAF_CHECK(pace.undisturbed(200us, 64));
  }
}

CAF_TEST(a machine that became slower for good is known after some calls) {
  send_pace pace;
  pace.undisturbed(200us, 64);
  int interrupted = 0;
  for (int i = 0; i < 100; ++i) {
    interrupted += pace.undisturbed(2ms, 64) ? 0 : 1;
  }
  CAF_CHECK_EQUAL(interrupted, send_pace::calls_until_usual);
}

CAF_TEST(nothing sent says nothing) {
  send_pace pace;
  CAF_CHECK(pace.undisturbed(1s, 0));
  CAF_CHECK(pace.undisturbed(10us, 1));
  CAF_CHECK(!pace.undisturbed(1s, 1));
}

} // namespace send_pace_suite
