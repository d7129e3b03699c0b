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
  CAF_CHECK_EQUAL(local, 6);
  CAF_CHECK(is_local(probe_error::shutdown));
  CAF_CHECK(is_local(probe_error::local_overload));
  CAF_CHECK(is_local(probe_error::local_internal));
  CAF_CHECK(is_local(probe_error::not_allowed));
  CAF_CHECK(!is_local(probe_error::no_reply));
}

CAF_TEST(an outcome says of its target that it is well or not or nothing) {
  probe_outcome outcome;
  outcome.success = true;
  CAF_CHECK(outcome.state() == probe_state::ok);
  outcome.success = false;
  outcome.error = probe_error::no_reply;
  CAF_CHECK(outcome.state() == probe_state::failed);
  outcome.error = probe_error::local_overload;
  CAF_CHECK(outcome.state() == probe_state::own_fault);
}

} // namespace probe_result_suite
