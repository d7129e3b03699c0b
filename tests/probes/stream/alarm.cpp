#define CAF_SUITE alarm

#include "xprober/probes/stream/alarm.hpp"

#include "caf/test/unit_test.hpp"

namespace alarm_suite {

using namespace xprober;
using namespace std::chrono_literals;

CAF_TEST(an alarm that is set is left as it is and rings once) {
  boost::asio::io_context context;
  int rung = 0;
  stream::alarm bell{context, [&] { ++rung; }};
  const auto now = monotonic_clock::now();
  bell.set(now);
  bell.set(now + 1h);
  context.run_for(10s);
  CAF_CHECK_EQUAL(rung, 1);
}

CAF_TEST(it is set anew from what it calls) {
  boost::asio::io_context context;
  int rung = 0;
  stream::alarm* self = nullptr;
  stream::alarm bell{context, [&] {
                       if (++rung < 3) {
                         self->set(monotonic_clock::now());
                       }
                     }};
  self = &bell;
  bell.set(monotonic_clock::now());
  context.run_for(10s);
  CAF_CHECK_EQUAL(rung, 3);
}

CAF_TEST(one that is cancelled rings at once and one that is not set never) {
  boost::asio::io_context context;
  int rung = 0;
  stream::alarm bell{context, [&] { ++rung; }};
  bell.cancel();
  context.run_for(10s);
  CAF_CHECK_EQUAL(rung, 0);
  bell.set(monotonic_clock::now() + 1h);
  bell.cancel();
  context.restart();
  context.run_for(10s);
  CAF_CHECK_EQUAL(rung, 1);
}

} // namespace alarm_suite
