#define CAF_SUITE intake_report

#include "xprober/actors/server/intake_report.hpp"

#include "caf/test/unit_test.hpp"

namespace intake_report_suite {

using namespace xprober;

CAF_TEST(what is wrong in a batch is counted by its reason and told of its agent) {
  batch_findings found;
  found.agent = {"eu", "10.0.0.1"};
  found.verdict = {5, 9};
  found.misdated = 2;
  found.fates = {5, 1, 2, 4};
  journal_stats counts;
  const auto lapse = count_findings(found, counts);
  CAF_CHECK((lapse.agent == agent_identity{"eu", "10.0.0.1"}));
  CAF_CHECK_EQUAL(lapse.misdated, 2u);
  CAF_CHECK_EQUAL(lapse.refused, 9u);
  CAF_CHECK_EQUAL(counts.misdated_results, 2u);
  CAF_CHECK_EQUAL(counts.unlisted_results, 1u);
  CAF_CHECK_EQUAL(counts.above_agent_series, 2u);
  CAF_CHECK_EQUAL(counts.above_series, 4u);
}

CAF_TEST(values of the old form are counted likewise) {
  batch_intake::value_findings found;
  found.by = {"eu", "10.0.0.1"};
  found.too_fast = 3;
  found.fates = {5, 1, 2, 4};
  journal_stats counts;
  const auto lapse = count_findings(found, counts);
  CAF_CHECK_EQUAL(lapse.misdated, 0u);
  CAF_CHECK_EQUAL(lapse.refused, 10u);
  CAF_CHECK_EQUAL(counts.too_fast_values, 3u);
  CAF_CHECK_EQUAL(counts.above_series, 4u);
}

} // namespace intake_report_suite
