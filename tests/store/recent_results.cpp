#define CAF_SUITE recent_results

#include "xprober/store/recent_results.hpp"

#include "caf/test/dsl.hpp"

namespace recent_results_suite {

using namespace xprober;

namespace {

struct fixture {
  store_failures texts;
  recent_results recent;

  void well(slot row, std::uint32_t at, float ms = 7) {
    recent.note(texts, row, {at, ms, 0, no_slot, series_state::ok});
  }
  void fails(slot row, std::uint32_t at, const char* reason) {
    recent_results::entry result;
    result.unix_seconds = at;
    result.failure = texts.acquire({reason, "connect", ""});
    result.state = series_state::failing;
    recent.note(texts, row, result);
    texts.release(result.failure);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recent_results_tests, fixture)

CAF_TEST(results are kept from the first that is not well until all are) {
  well(3, 85);
  CAF_CHECK_EQUAL(recent.size(), 0U);
  fails(3, 100, "refused");
  well(3, 115);
  const auto all = recent.of(texts, 3);
  CAF_REQUIRE_EQUAL(all.size(), 2U);
  CAF_CHECK((all[0] ==
             past_result{100, series_state::failing, std::nullopt, 0, "refused", "connect", ""}));
  CAF_CHECK((all[1] == past_result{115, series_state::ok, 7.0F, 0, "", "", ""}));
  for (std::uint32_t i = 1; i < recent_results::most_of_series; ++i) {
    CAF_CHECK_EQUAL(recent.size(), 1U);
    well(3, 130 + i);
  }
  CAF_CHECK_EQUAL(recent.size(), 0U);
}

CAF_TEST(the newest are kept of what somebody looks at) {
  const recent_results::entry last{100, 5, 0, no_slot, series_state::ok};
  recent.ask(texts, 3, &last);
  CAF_CHECK_EQUAL(recent.of(texts, 3).size(), 1U);
  for (std::uint32_t i = 0; i < 30; ++i) {
    well(3, 115 + i);
  }
  const auto all = recent.of(texts, 3);
  CAF_REQUIRE_EQUAL(all.size(), recent_results::most_of_series);
  CAF_CHECK_EQUAL(all.back().unix_seconds, 144U);
  for (std::uint32_t i = 30; i < recent_results::asked_results; ++i) {
    well(3, 115 + i);
  }
  CAF_CHECK_EQUAL(recent.size(), 0U);
}

CAF_TEST(what is asked for takes the place of what only fails) {
  for (slot row = 0; row < recent_results::most_series + 5; ++row) {
    fails(row, 100, "refused");
  }
  CAF_CHECK_EQUAL(recent.size(), recent_results::most_series);
  recent.ask(texts, recent_results::most_series + 1, nullptr);
  well(recent_results::most_series + 1, 115);
  CAF_CHECK_EQUAL(recent.size(), recent_results::most_series);
  CAF_CHECK_EQUAL(recent.of(texts, recent_results::most_series + 1).size(), 1U);
  for (slot row = 0; row < recent_results::most_series + 5; ++row) {
    recent.erase(texts, row);
  }
  CAF_CHECK_EQUAL(recent.size(), 0U);
  CAF_CHECK_EQUAL(texts.size(), 0U); // nothing is left of the failures
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace recent_results_suite
