#define CAF_SUITE drop_watch

#include "xprober/probes/icmp/drop_watch.hpp"

#include "caf/test/unit_test.hpp"

namespace drop_watch_suite {

using namespace xprober::icmp;

CAF_TEST(drops_of_a_full_buffer_are_an_overflow) {
  drop_watch watch;
  CAF_CHECK_EQUAL(watch.note({990, 1000, 7}).overflowed, 7u);
  CAF_CHECK_EQUAL(watch.note({990, 1000, 9}).overflowed, 2u);
  const auto quiet = watch.note({990, 1000, 9});
  CAF_CHECK_EQUAL(quiet.overflowed + quiet.refused, 0u);
}

CAF_TEST(drops_with_room_to_spare_are_something_else) {
  drop_watch watch;
  const auto news = watch.note({100, 1000, 5});
  CAF_CHECK_EQUAL(news.overflowed, 0u);
  CAF_CHECK_EQUAL(news.refused, 5u);
}

CAF_TEST(a_buffer_that_was_full_when_it_was_last_looked_at_counts_as_full) {
  drop_watch watch;
  watch.note({900, 1000, 0});
  CAF_CHECK_EQUAL(watch.note({10, 1000, 3}).overflowed, 3u);
  CAF_CHECK_EQUAL(watch.note({10, 1000, 4}).refused, 1u);
}

CAF_TEST(the_count_may_wrap) {
  drop_watch watch;
  watch.note({0, 1000, 0xFFFFFFFE});
  CAF_CHECK_EQUAL(watch.note({999, 1000, 1}).overflowed, 3u);
}

} // namespace drop_watch_suite
