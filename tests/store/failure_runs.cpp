#define CAF_SUITE failure_runs

#include "xprober/store/failure_runs.hpp"

#include "caf/test/dsl.hpp"

namespace failure_runs_suite {

using namespace xprober;

namespace {

struct fixture {
  store_failures texts;
  failure_runs runs;

  void fail(slot row, std::uint32_t at, const char* reason, bool begins, const char* detail = "") {
    const auto failure = texts.acquire({reason, "connect", detail});
    runs.note(texts, row, series_state::failing, failure, at, begins);
    texts.release(failure);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(failure_runs_tests, fixture)

CAF_TEST(failures that say the same are one run) {
  fail(3, 100, "refused", true, "the first");
  fail(3, 115, "refused", false, "another sentence");
  fail(3, 130, "reset", false);
  fail(4, 130, "refused", true);
  fail(3, 500, "reset", true);
  const auto all = runs.of(texts, 3);
  CAF_REQUIRE_EQUAL(all.size(), 3U);
  CAF_CHECK((all[0] ==
             failure_run{100, 115, 2, series_state::failing, "refused", "connect", "the first"}));
  CAF_CHECK_EQUAL(all[1].reason, "reset");
  CAF_CHECK_EQUAL(all[2].from_unix, 500U);
  CAF_CHECK(runs.of(texts, 5).empty());
}

CAF_TEST(the last runs of a row stay and go with it) {
  for (std::uint32_t i = 0; i < failure_runs::most_of_series + 3; ++i) {
    fail(1, i + 1, "refused", true);
  }
  const auto all = runs.of(texts, 1);
  CAF_REQUIRE_EQUAL(all.size(), failure_runs::most_of_series);
  CAF_CHECK_EQUAL(all.front().from_unix, 4U);
  CAF_CHECK_EQUAL(texts.size(), 1U);
  runs.erase(texts, 1);
  CAF_CHECK_EQUAL(texts.size(), 0U);
  CAF_CHECK_EQUAL(runs.size(), 0U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace failure_runs_suite
