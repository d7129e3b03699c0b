#define CAF_SUITE aggregates

#include "xprober/store/aggregates.hpp"

#include <limits>
#include <vector>

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

CAF_TEST(what was added is taken away without a trace) {
  const std::vector<float> values{0.1F, 1e-6F, 3e7F, 0.3F, std::numeric_limits<float>::max(), 5.0F};
  measured_mean mean;
  mean.add(0.1F);
  for (int round = 0; round < 1000; ++round) {
    for (const auto value : values) {
      mean.add(value);
    }
    for (auto value = values.rbegin(); value != values.rend(); ++value) {
      mean.remove(*value);
    }
  }
  CAF_CHECK(mean.value() == static_cast<double>(0.1F));
  mean.remove(0.1F);
  CAF_CHECK(!mean.value());
}

CAF_TEST(a part is taken out of the whole) {
  icmp_aggregate whole;
  icmp_aggregate part;
  whole.latency_ms.add(10.0F);
  for (auto* both : {&whole, &part}) {
    both->latency_ms.add(70.0F);
    both->successes.add(-1.0F);
    ++both->rows;
  }
  whole.remove(part);
  CAF_CHECK(whole.latency_ms.value() == 10.0);
  CAF_CHECK_EQUAL(whole.successes.known(), 0u);
  CAF_CHECK_EQUAL(whole.successes.failing(), 0u);
  CAF_CHECK_EQUAL(whole.rows, 0u);
}

} // namespace aggregates_suite
