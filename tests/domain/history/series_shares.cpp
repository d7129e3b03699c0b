#define CAF_SUITE series_shares

#include "xprober/domain/history/series_shares.hpp"

#include "caf/test/unit_test.hpp"

namespace series_shares_suite {

using namespace xprober;

namespace {

struct fixture {
  series_shares shares;

  /// How many of `wanted` series an agent gets, where there may be 1024.
  int take(const std::string& region, const std::string& agent, int wanted = 2000) {
    int taken = 0;
    for (int i = 0; i < wanted; ++i) {
      taken += shares.take(region, agent, 1024) ? 1 : 0;
    }
    return taken;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(series_shares_tests, fixture)

CAF_TEST(one agent leaves room for the others of its region and for other regions) {
  CAF_CHECK_EQUAL(take("us", "liar"), 784); // of 896, which its region may have
  CAF_CHECK_EQUAL(take("us", "10.0.0.2", 20), 20);
  CAF_CHECK_EQUAL(take("us", "10.0.0.3", 20), 20);
  CAF_CHECK_EQUAL(take("eu", "10.0.0.2", 20), 20);
  CAF_MESSAGE("and gets nothing more for it");
  CAF_CHECK_EQUAL(take("us", "liar"), 0);
  CAF_CHECK_EQUAL(shares.size_of("us", "liar"), 784u);
  CAF_CHECK_EQUAL(shares.size(), 844u);
}

CAF_TEST(many agents of a region do not take the place of another region) {
  for (int i = 0; i < 50; ++i) {
    take("us", "liar" + std::to_string(i));
  }
  CAF_CHECK_LESS_OR_EQUAL(shares.size(), 896u);
  CAF_CHECK_EQUAL(take("eu", "10.0.0.2", 90), 90);
}

CAF_TEST(what goes makes room) {
  const auto had = take("us", "a");
  shares.remove("us", "a");
  CAF_CHECK_EQUAL(take("us", "a"), 1);
  for (int i = 0; i < had; ++i) {
    shares.remove("us", "a");
  }
  shares.remove("us", "a");
  CAF_CHECK_EQUAL(shares.size(), 0u);
  CAF_CHECK_EQUAL(shares.size_of("us", "a"), 0u);
}

CAF_TEST(what is there stays and counts when less is allowed) {
  for (int i = 0; i < 10; ++i) {
    shares.add("us", "a");
  }
  CAF_CHECK(!shares.take("us", "a", 10));
  CAF_CHECK(!shares.take("eu", "a", 10));
  CAF_CHECK(!shares.take("us", "a", 0));
  CAF_CHECK_EQUAL(shares.size(), 10u);
}

CAF_TEST(where there is one series only one may take it) {
  CAF_CHECK(shares.take("us", "a", 1));
  CAF_CHECK(!shares.take("us", "b", 1));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace series_shares_suite
