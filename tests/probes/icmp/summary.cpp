#define CAF_SUITE summary
#include "xprober/probes/icmp/summary.hpp"

#include "caf/test/unit_test.hpp"

namespace summary_suite {

using namespace xprober;

CAF_TEST(loss is a share of the echoes whose fate is known) {
  icmp_summary summary;
  CAF_CHECK_EQUAL(summary.loss_percent(), 100.0);
  summary.sent = 50;
  summary.received = 49;
  CAF_CHECK_EQUAL(summary.loss_percent(), 2.0);
  summary.received = 50;
  CAF_CHECK_EQUAL(summary.loss_percent(), 0.0);
}

} // namespace summary_suite
