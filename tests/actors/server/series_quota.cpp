#define CAF_SUITE series_quota

#include "xprober/actors/server/series_quota.hpp"

#include "caf/test/unit_test.hpp"

namespace series_quota_suite {

using namespace xprober;

namespace {

using verdict = series_quota::verdict;

struct fixture {
  series_quota quota;

  fixture() { quota.set_limits(5, 3); }

  /// How many of `targets`, counted from `first` on, are taken.
  int take(std::uint64_t agent, std::uint64_t first, std::uint64_t targets) {
    int taken = 0;
    for (auto i = first; i < first + targets; ++i) {
      taken += quota.take(agent, i) == verdict::taken ? 1 : 0;
    }
    return taken;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(series_quota_tests, fixture)

CAF_TEST(an agent has so many and no more) {
  CAF_CHECK_EQUAL(take(1, 10, 100), 3);
  CAF_CHECK(quota.take(1, 50) == verdict::agent_full);
  CAF_CHECK(quota.take(1, 10) == verdict::taken);
  CAF_CHECK_EQUAL(quota.size_of(1), 3u);
  CAF_MESSAGE("what one takes leaves room for another");
  CAF_CHECK_EQUAL(take(2, 10, 2), 2);
  CAF_CHECK_EQUAL(quota.size(), 5u);
}

CAF_TEST(many agents have no more than all may) {
  CAF_CHECK_EQUAL(take(1, 10, 3), 3);
  CAF_CHECK_EQUAL(take(2, 10, 3), 2);
  CAF_CHECK(quota.take(3, 10) == verdict::all_full);
  CAF_CHECK(quota.take(1, 10) == verdict::taken);
}

CAF_TEST(what is renewed counts once and what is not goes) {
  CAF_CHECK_EQUAL(take(1, 10, 3), 3);
  quota.rotate();
  CAF_CHECK_EQUAL(quota.size(), 3u);
  CAF_CHECK(quota.take(1, 13) == verdict::agent_full);
  CAF_CHECK(quota.take(1, 10) == verdict::taken);
  CAF_CHECK(quota.take(1, 10) == verdict::taken);
  CAF_CHECK_EQUAL(quota.size_of(1), 3u);
  quota.rotate();
  CAF_CHECK_EQUAL(quota.size(), 1u);
  CAF_CHECK_EQUAL(take(1, 13, 5), 2);
  quota.rotate();
  quota.rotate();
  CAF_CHECK_EQUAL(quota.size(), 0u);
  CAF_CHECK_EQUAL(quota.size_of(1), 0u);
}

CAF_TEST(other limits hold for those that come) {
  CAF_CHECK_EQUAL(take(1, 10, 3), 3);
  quota.set_limits(2, 2);
  CAF_CHECK_EQUAL(take(1, 10, 3), 3);
  CAF_CHECK(quota.take(1, 13) == verdict::agent_full);
  CAF_CHECK(quota.take(2, 10) == verdict::all_full);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace series_quota_suite
