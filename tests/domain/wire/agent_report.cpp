#define CAF_SUITE agent_report

#include "xprober/domain/wire/agent_report.hpp"

#include "xprober/domain/wire/batch.hpp"

#include "caf/test/unit_test.hpp"

namespace agent_report_suite {

using namespace xprober;

CAF_TEST(what an agent says of itself is kept as it is) {
  agent_report report{"1.2.3", "10.0.0.1:8087", 5000, 15'000, {{"overload", "behind", 1'700'000}}};
  const auto said = report;
  clean_report(report);
  CAF_CHECK(report == said);
}

CAF_TEST(what a stranger says is bounded and clean) {
  agent_report report;
  report.version = std::string(10'000, 'v');
  report.http_addr = "a\nb\xFF";
  report.own_faults.resize(50, own_fault{"reason\t", std::string(10'000, 'd'), 7});
  report.own_faults.front().reason.clear();
  report.backlog = agent_backlog{1, 2, -3, 4};
  clean_report(report);
  CAF_CHECK(*report.backlog == (agent_backlog{1, 2, 0, 4}));
  CAF_CHECK_EQUAL(report.version.size(), max_batch_detail);
  CAF_CHECK_EQUAL(report.http_addr, "a b\xEF\xBF\xBD");
  CAF_REQUIRE_EQUAL(report.own_faults.size(), most_own_faults);
  CAF_CHECK_EQUAL(report.own_faults.front().reason, "reason ");
  CAF_CHECK_EQUAL(report.own_faults.back().detail.size(), max_batch_detail);
}

} // namespace agent_report_suite
