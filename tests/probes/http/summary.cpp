#define CAF_SUITE summary
#include "xprober/probes/http/summary.hpp"

#include "caf/test/unit_test.hpp"

namespace summary_suite {

using namespace xprober;

CAF_TEST(phases are named in their order) {
  const char* names[] = {"resolve", "connect", "tls", "processing", "transfer"};
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    CAF_CHECK_EQUAL(to_string(static_cast<http_phase>(i)), names[i]);
  }
}

} // namespace summary_suite
