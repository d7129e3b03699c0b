#define CAF_SUITE aggregates

#include "xprober/store/aggregates.hpp"

#include <limits>
#include <vector>

#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"

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

CAF_TEST(a group fails only when everything in it fails) {
  group_sums pair;
  CAF_CHECK_EQUAL(pair.success(kinds::icmp()), 1.0); // nothing known is no failure
  pair.successes.add(-1.0F);
  CAF_CHECK_EQUAL(pair.success(kinds::icmp()), -1.0);
  CAF_CHECK_EQUAL(pair.success(samples::toy()), 0.0);
  pair.successes.add(1.0F);
  CAF_CHECK_EQUAL(pair.success(kinds::icmp()), 1.0);
  pair.successes.add(std::nullopt);
  CAF_CHECK_EQUAL(pair.successes.known(), 2u);
  CAF_CHECK_EQUAL(pair.successes.failing(), 1u);
}

CAF_TEST(means are of times and losses that are kept) {
  using columns = std::vector<std::size_t>;
  CAF_CHECK(mean_columns(kinds::icmp()) ==
            (columns{kinds::icmp_column::loss, kinds::icmp_column::latency}));
  CAF_CHECK(mean_columns(kinds::http()) == (columns{1, 2, 3, 4, 5}));
  CAF_CHECK(mean_columns(samples::toy()) ==
            (columns{samples::toy_column::wind, samples::toy_column::spin}));
}

CAF_TEST(a mean is small) {
  CAF_CHECK_EQUAL(sizeof(measured_mean), 24u); // one for each phase of each URL and source region
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
  group_sums whole;
  group_sums part;
  whole.means.resize(2);
  part.means.resize(2);
  whole.means[0].add(10.0F);
  for (auto* both : {&whole, &part}) {
    both->means[0].add(70.0F);
    both->successes.add(-1.0F);
    ++both->rows;
  }
  whole.remove(part);
  CAF_CHECK(whole.means[0].value() == 10.0);
  CAF_CHECK_EQUAL(whole.successes.known(), 0u);
  CAF_CHECK_EQUAL(whole.successes.failing(), 0u);
  CAF_CHECK_EQUAL(whole.rows, 0u);
  whole.add(part);
  CAF_CHECK(whole.means[0].value() == 40.0);
  CAF_CHECK_EQUAL(whole.rows, 1u);
  group_sums empty;
  empty.add(part);
  CAF_CHECK(empty.means[0].value() == 70.0);
}

} // namespace aggregates_suite
