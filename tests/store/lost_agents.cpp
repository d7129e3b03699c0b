#define CAF_SUITE lost_agents

#include "xprober/store/lost_agents.hpp"

#include "caf/test/unit_test.hpp"

namespace lost_agents_suite {

using namespace xprober;

CAF_TEST(series of a lost agent are stale whatever they were) {
  const lost_agents lost{{{{"us", "b"}, 20}, {{"eu", "a"}, 10}}};
  series_status status;
  status.state = series_state::ok;
  status.streak = 7;
  status.since_unix = 5;
  status.reason = "refused";
  lost.mark(status, "eu", "a");
  CAF_CHECK(status.state == series_state::stale);
  CAF_CHECK_EQUAL(status.since_unix, 10u);
  CAF_CHECK_EQUAL(status.streak, 0u);
  CAF_CHECK_EQUAL(status.reason, "refused");
}

CAF_TEST(an agent is known by region and address) {
  const lost_agents lost{{{{"us", "b"}, 20}, {{"eu", "a"}, 10}}};
  CAF_CHECK(lost.find("us", "b") != nullptr);
  CAF_CHECK(lost.find("us", "a") == nullptr);
  CAF_CHECK(lost.find("eu", "b") == nullptr);
  series_status status;
  status.state = series_state::failing;
  lost.mark(status, "us", "a");
  CAF_CHECK(status.state == series_state::failing);
}

CAF_TEST(what was stale before keeps its beginning) {
  const lost_agents lost{{{{"us", "b"}, 20}}};
  series_status status;
  status.state = series_state::stale;
  status.since_unix = 5;
  lost.mark(status, "us", "b");
  CAF_CHECK_EQUAL(status.since_unix, 5u);
}

CAF_TEST(without lost agents nothing changes) {
  const lost_agents none;
  CAF_CHECK(none.empty());
  CAF_CHECK(none.find("us", "b") == nullptr);
}

} // namespace lost_agents_suite
