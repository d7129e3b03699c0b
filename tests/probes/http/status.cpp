#define CAF_SUITE status

#include "xprober/probes/http/status.hpp"

#include "caf/test/unit_test.hpp"

namespace status_suite {

using xprober::http::accepts_status;

CAF_TEST(every 2xx is accepted by default) {
  CAF_CHECK(!accepts_status({}, 0));
  CAF_CHECK(!accepts_status({}, 199));
  CAF_CHECK(accepts_status({}, 200));
  CAF_CHECK(accepts_status({}, 299));
  CAF_CHECK(!accepts_status({}, 300));
  CAF_CHECK(!accepts_status({}, 500));
}

CAF_TEST(a list stands alone) {
  CAF_CHECK(accepts_status({401, 500}, 401));
  CAF_CHECK(accepts_status({401, 500}, 500));
  CAF_CHECK(!accepts_status({401, 500}, 200));
}

} // namespace status_suite
