#define CAF_SUITE aggregates

#include "xprober/domain/aggregates.hpp"

#include "caf/test/unit_test.hpp"

namespace aggregates_suite {

using namespace xprober;

CAF_TEST(a mean holds measured values alone) {
  measured_mean mean;
  CAF_CHECK(!mean.value());
  mean.add(-1.0F);
  mean.add(std::nullopt);
  CAF_CHECK(!mean.value());
  mean.add(0.0F);
  mean.add(10.0F);
  mean.add(-1.0F);
  CAF_CHECK(mean.value() == 5.0);
}

CAF_TEST(a pair fails only when every target fails) {
  icmp_aggregate pair;
  pair.successes.add(-1.0F);
  CAF_CHECK_EQUAL(pair.success(), -1);
  pair.successes.add(1.0F);
  CAF_CHECK_EQUAL(pair.success(), 1);
  pair.successes.add(std::nullopt);
  CAF_CHECK_EQUAL(pair.successes.known(), 2u);
  CAF_CHECK_EQUAL(pair.successes.failing(), 1u);
}

CAF_TEST(a url fails only when every agent fails) {
  http_aggregate url;
  url.successes.add(0.0F);
  url.successes.add(0.0F);
  CAF_CHECK_EQUAL(url.success(), 0);
  url.successes.add(1.0F);
  CAF_CHECK_EQUAL(url.success(), 1);
}

CAF_TEST(nothing known is no failure) {
  CAF_CHECK_EQUAL(icmp_aggregate{}.success(), 1);
  CAF_CHECK_EQUAL(http_aggregate{}.success(), 1);
}

} // namespace aggregates_suite
