#define CAF_SUITE probe_result
#include "xprober/domain/probe_result.hpp"

#include <set>

#include "caf/test/unit_test.hpp"

namespace probe_result_suite {

using namespace xprober;

CAF_TEST(every error has a name of its own) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(probe_error::deadline); ++i) {
    names.insert(to_string(static_cast<probe_error>(i)));
  }
  CAF_CHECK_EQUAL(names.size(), static_cast<std::size_t>(probe_error::deadline) + 1);
  CAF_CHECK_EQUAL(names.count("unknown"), 0u);
}

CAF_TEST(faults of the prober alone are local) {
  int local = 0;
  for (int i = 0; i <= static_cast<int>(probe_error::deadline); ++i) {
    local += is_local(static_cast<probe_error>(i)) ? 1 : 0;
  }
  CAF_CHECK_EQUAL(local, 4);
  CAF_CHECK(is_local(probe_error::shutdown));
  CAF_CHECK(is_local(probe_error::local_overload));
  CAF_CHECK(!is_local(probe_error::no_reply));
}

CAF_TEST(loss is a share of the echoes whose fate is known) {
  icmp_summary summary;
  CAF_CHECK_EQUAL(summary.loss_percent(), 100.0);
  summary.sent = 50;
  summary.received = 49;
  CAF_CHECK_EQUAL(summary.loss_percent(), 2.0);
  summary.received = 50;
  CAF_CHECK_EQUAL(summary.loss_percent(), 0.0);
}

CAF_TEST(phases are named in their order) {
  const char* names[] = {"resolve", "connect", "tls", "processing", "transfer"};
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    CAF_CHECK_EQUAL(to_string(static_cast<http_phase>(i)), names[i]);
  }
}

} // namespace probe_result_suite
