#define CAF_SUITE job

#include "xprober/probes/stream/job.hpp"

#include <memory>
#include <optional>
#include <stdexcept>

#include "caf/test/unit_test.hpp"

namespace job_suite {

using namespace xprober;
using namespace xprober::stream;

namespace {

struct fixture {
  std::optional<probe_error> told;

  job make() {
    return {probe_request{}, [this](probe_outcome&& outcome) { told = outcome.error; }};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(job_tests, fixture)

CAF_TEST(who drops a job ends) {
  make();
  CAF_CHECK(told == probe_error::shutdown);
}

CAF_TEST(an exception that drops a job is an internal error) {
  try {
    const auto dropped = make();
    throw std::runtime_error("no room");
  } catch (const std::runtime_error&) {
    CAF_CHECK(told == probe_error::local_internal);
  }
}

CAF_TEST(an answered job says nothing more) {
  {
    auto answered = make();
    answered.answer(not_made(probe_error::local_overload, "busy"));
    CAF_CHECK(told == probe_error::local_overload);
    told.reset();
  }
  CAF_CHECK(!told);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace job_suite
