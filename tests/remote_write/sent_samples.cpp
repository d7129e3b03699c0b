#define CAF_SUITE sent_samples

#include "xprober/remote_write/sent_samples.hpp"

#include "caf/test/dsl.hpp"

namespace sent_samples_suite {

using namespace xprober;
using place = sent_samples::place;

namespace {

struct fixture {
  sent_samples subject;
  sent_samples::written_with before;

  place enter(std::uint64_t key, std::int64_t unix_ms, std::uint32_t extra = 0,
              std::uint32_t told = 1) {
    before = {extra, told};
    return subject.enter(key, unix_ms, before);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sent_samples_tests, fixture)

CAF_TEST(a request has one sample of a series) {
  CAF_CHECK(enter(7, 1000) == place::fresh);
  CAF_CHECK_EQUAL(before.told, 0U); // nothing was told before
  CAF_CHECK(enter(8, 1000) == place::fresh);
  CAF_CHECK(enter(7, 2000) == place::taken);
  subject.begin_request();
  CAF_CHECK(enter(7, 2000, 0, 6) == place::fresh);
  CAF_CHECK_EQUAL(before.told, 1U);
}

CAF_TEST(what is older than what was sent is late and what is as old comes again) {
  enter(7, 1000);
  subject.begin_request();
  CAF_CHECK(enter(7, 999) == place::late);
  CAF_CHECK(enter(7, 1000) == place::repeated);
  CAF_CHECK(enter(7, 1001) == place::fresh);
}

CAF_TEST(other labels are told with those of before) {
  enter(7, 1000, 3);
  subject.begin_request();
  CAF_CHECK(enter(7, 2000, 4) == place::relabelled);
  CAF_CHECK_EQUAL(before.extra, 3U);
  subject.begin_request();
  CAF_CHECK(enter(7, 3000, 4) == place::fresh);
}

CAF_TEST(a series ends behind its last sample) {
  enter(7, 1000, 3);
  CAF_CHECK(subject.end(7, 1500).taken);
  subject.begin_request();
  const auto end = subject.end(7, 900);
  CAF_CHECK(!end.taken);
  CAF_CHECK_EQUAL(end.unix_ms, 1001);
  CAF_CHECK(end.extra == 3U);
  subject.begin_request();
  CAF_CHECK(enter(7, 1001) == place::repeated); // a straggler does not stand before the marker
  CAF_CHECK(enter(7, 1002) == place::relabelled);
  CAF_CHECK_EQUAL(before.told, 0U);
}

CAF_TEST(of what was never sent nothing is known at its end and after a clear) {
  const auto end = subject.end(7, 900);
  CAF_CHECK(!end.taken && !end.extra);
  CAF_CHECK_EQUAL(end.unix_ms, 900);
  enter(7, 1000);
  subject.clear();
  CAF_CHECK(enter(7, 500) == place::fresh);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace sent_samples_suite
