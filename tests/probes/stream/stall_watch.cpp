#define CAF_SUITE stall_watch

#include "xprober/probes/stream/stall_watch.hpp"

#include "caf/test/unit_test.hpp"

namespace stall_watch_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace std::chrono_literals;

CAF_TEST(a thread that beats in time never stood still) {
  stall_watch watch;
  monotonic_time now{};
  CAF_CHECK(watch.stalled(now + 1h) == 0ns);
  watch.begin(now);
  for (int i = 0; i < 10; ++i) {
    now = watch.due() + stall_watch::usual_tolerance;
    CAF_CHECK(watch.beat(now) == 0ns);
  }
  CAF_CHECK(watch.stalled(now) == 0ns);
}

CAF_TEST(a stall is known before the beat and after it) {
  stall_watch watch;
  const monotonic_time begin{};
  watch.begin(begin);
  const auto woken = watch.due() + 2s;
  CAF_CHECK(watch.stalled(woken) == 2s);
  CAF_CHECK(watch.beat(woken) == 2s);
  CAF_CHECK(watch.stalled(woken) == 2s);
  CAF_CHECK(watch.beat(woken + stall_watch::interval) == 0ns);
  CAF_CHECK(watch.stalled(woken + stall_watch::interval) == 2s);
}

CAF_TEST(nobody stands still while nothing is watched) {
  stall_watch watch;
  const monotonic_time begin{};
  watch.begin(begin);
  watch.end();
  CAF_CHECK(watch.stalled(begin + 1h) == 0ns);
  watch.begin(begin + 1h);
  CAF_CHECK(watch.stalled(begin + 1h) == 0ns);
}

} // namespace stall_watch_suite
