#define CAF_SUITE waiting_times

#include "xprober/storage/waiting_times.hpp"

#include "caf/test/unit_test.hpp"

namespace waiting_times_suite {

using xprober::storage::waiting_times;

CAF_TEST(the oldest that is still there tells since when there is a backlog) {
  waiting_times times;
  CAF_CHECK_EQUAL(times.oldest(), 0);
  times.note(5, 100);
  times.note(6, 110);
  CAF_CHECK_EQUAL(times.oldest(), 100);
  // Batches of the memory that go to the disk have new ids there.
  times.note(7, times.since(5));
  times.note(8, times.since(6));
  times.forget_through(7);
  CAF_CHECK_EQUAL(times.oldest(), 110);
  times.forget_through(9);
  CAF_CHECK_EQUAL(times.oldest(), 0);
  CAF_CHECK_EQUAL(times.since(9), 0);
}

CAF_TEST(a long outage is told with fewer times) {
  waiting_times times;
  const auto all = static_cast<std::int64_t>(waiting_times::most) * 3;
  for (std::int64_t i = 1; i <= all; ++i) {
    times.note(static_cast<std::uint64_t>(i), i);
  }
  CAF_CHECK_EQUAL(times.oldest(), 1);
  times.forget_through(1000);
  CAF_CHECK(times.oldest() > 1000 && times.oldest() <= 1064);
  CAF_CHECK_EQUAL(times.since(static_cast<std::uint64_t>(all)), all);
}

} // namespace waiting_times_suite
