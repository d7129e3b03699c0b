#define CAF_SUITE progress

#include "xprober/net/progress.hpp"

#include "caf/test/unit_test.hpp"

namespace progress_suite {

using xprober::net::progress_deadline;
using namespace std::chrono_literals;

CAF_TEST(a_trickle_does_not_move_the_deadline) {
  const progress_deadline::clock::time_point start{};
  progress_deadline deadline{30s};
  deadline.begin(start);
  for (int second = 1; second < 30; ++second) {
    deadline.received(1, start + second * 1s);
  }
  CAF_CHECK_EQUAL(deadline.left(start + 29s).count(), 1000);
  CAF_CHECK(deadline.left(start + 30s).count() <= 0);
}

CAF_TEST(a_window_full_of_bytes_begins_another) {
  const progress_deadline::clock::time_point start{};
  progress_deadline deadline{30s};
  deadline.begin(start);
  deadline.received(progress_deadline::bytes_per_window - 1, start + 10s);
  CAF_CHECK_EQUAL(deadline.left(start + 10s).count(), 20'000);
  deadline.received(1, start + 20s);
  CAF_CHECK_EQUAL(deadline.left(start + 20s).count(), 30'000);
}

} // namespace progress_suite
