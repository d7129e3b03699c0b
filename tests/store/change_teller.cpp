#define CAF_SUITE change_teller

#include "xprober/store/change_teller.hpp"

#include <chrono>
#include <string>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/dsl.hpp"

namespace change_teller_suite {

using namespace xprober;

namespace {

/// Rows of icmp, whose states change as a test says it.
struct fixture {
  store_rows rows;
  store_names names;
  store_kinds kinds;
  store_failures failures;
  state_feed feed;

  fixture() {
    feed.watch(true);
    take();
  }
  slot add(const std::string& address) {
    const wire_value series{"10.9.0.1", {}, address, "us", "eu", "icmp", 0, 0};
    const auto of = names.add_row(series, names.find_target(series));
    return rows.add(of.agent, of.target, 0, monotonic_time{std::chrono::hours{1}});
  }
  void enter(slot row, series_state state, slot failure = no_slot) {
    auto& memory = rows[row].memory;
    const auto before = memory.sight();
    memory.restore(state, 2);
    memory.failure = failure;
    memory.since_unix = 100;
    memory.failed_unix = 115;
    feed.note(row, before);
  }
  series_changes take(std::size_t limit = 100) {
    return change_teller{rows, names, kinds, failures}.take(feed, limit);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(change_teller_tests, fixture)

CAF_TEST(names are told with the first change and failures with each telling) {
  const auto a = add("10.0.0.1");
  const auto b = add("10.0.0.2");
  const auto failure = failures.acquire({"refused", "connect", "nobody listens"});
  enter(a, series_state::failing, failure);
  enter(b, series_state::failing, failure);
  auto told = take();
  CAF_REQUIRE_EQUAL(told.agents.size(), 1U);
  CAF_CHECK_EQUAL(told.agents[0].address, "10.9.0.1");
  CAF_REQUIRE_EQUAL(told.targets.size(), 2U);
  CAF_CHECK_EQUAL(told.targets[1].uid.address, "10.0.0.2");
  CAF_CHECK_EQUAL(told.targets[1].kind, "icmp");
  CAF_CHECK(told.targets[1].pair && told.targets[1].mesh);
  CAF_REQUIRE_EQUAL(told.series.size(), 2U);
  CAF_CHECK(told.series[0].after == (series_sight{series_state::failing, 2}));
  CAF_CHECK_EQUAL(told.series[0].since_unix, 100U);
  CAF_CHECK_EQUAL(told.series[0].last_unix, 115U);
  CAF_REQUIRE_EQUAL(told.failures.size(), 1U); // both have it
  CAF_CHECK_EQUAL(told.failures[0].detail, "nobody listens");
  CAF_CHECK_EQUAL(told.series[1].failure, 0U);
  enter(a, series_state::ok, failure);
  told = take();
  CAF_CHECK(told.agents.empty() && told.targets.empty() && told.failures.empty());
  CAF_REQUIRE_EQUAL(told.series.size(), 1U);
  CAF_CHECK_EQUAL(told.series[0].failure, series_change::no_failure);
}

CAF_TEST(what is again as it was is not told) {
  const auto a = add("10.0.0.1");
  enter(a, series_state::ok);
  take();
  enter(a, series_state::stale);
  enter(a, series_state::ok);
  const auto told = take();
  CAF_CHECK(told.series.empty());
}

CAF_TEST(no more than the limit is told at a time and what is gone first) {
  const auto a = add("10.0.0.1");
  const auto b = add("10.0.0.2");
  enter(a, series_state::ok);
  enter(b, series_state::ok);
  take();
  feed.note_gone(a, rows[a].agent, rows[a].target, rows[a].memory.sight());
  enter(b, series_state::stale);
  auto told = take(1);
  CAF_REQUIRE_EQUAL(told.series.size(), 1U);
  CAF_CHECK(told.series[0].after == series_sight{});
  told = take(1);
  CAF_REQUIRE_EQUAL(told.series.size(), 1U);
  CAF_CHECK(told.series[0].after == (series_sight{series_state::stale, 0}));
  CAF_CHECK(!told.more);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace change_teller_suite
