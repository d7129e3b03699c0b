#define CAF_SUITE store_rows

#include "xprober/store/store_rows.hpp"

#include <chrono>
#include <vector>

#include "caf/test/dsl.hpp"

namespace store_rows_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const monotonic_time t0{1h};
using slots = std::vector<slot>;

struct fixture {
  store_rows rows;

  slot fresh(slot target, monotonic_time at) {
    const auto row = rows.add(7, target, 0, at);
    rows.renew(row, row_chain::fresh, at);
    return row;
  }
  slots all() const {
    slots found;
    rows.for_each([&](slot s) { found.push_back(s); });
    return found;
  }
  slots heard(monotonic_time now) const {
    slots found;
    rows.for_each_heard(300s, now, [&](slot s) { found.push_back(s); });
    return found;
  }
  slots overdue(monotonic_time now) const {
    slots found;
    rows.for_each_overdue(300s, now, [&](slot s) { found.push_back(s); });
    return found;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_rows_tests, fixture)

CAF_TEST(a row that comes is found and among the stale) {
  const auto row = rows.add(7, 8, 3, t0);
  CAF_CHECK_EQUAL(rows.find(7, 8), row);
  CAF_CHECK_EQUAL(rows.find(8, 7), no_slot);
  CAF_CHECK(rows[row].chain() == row_chain::stale);
  CAF_CHECK_EQUAL(rows[row].latest.kind, 3U);
  CAF_CHECK_EQUAL(rows.oldest(row_chain::stale), row);
  CAF_CHECK_EQUAL(rows.by_state().count(series_state::never), 1U);
  rows.erase(row);
  CAF_CHECK_EQUAL(rows.find(7, 8), no_slot);
  CAF_CHECK_EQUAL(rows.size(), 0U);
  CAF_CHECK_EQUAL(rows.oldest(row_chain::stale), no_slot);
  CAF_CHECK_EQUAL(rows.by_state().count(store_rows::states::every), 0U);
}

CAF_TEST(what is heard goes from the newest on and what is overdue from the oldest) {
  const auto a = fresh(1, t0);
  const auto b = fresh(2, t0 + 100s);
  const auto c = fresh(3, t0 + 200s);
  CAF_CHECK(heard(t0 + 299s) == (slots{c, b, a}));
  CAF_CHECK(overdue(t0 + 299s).empty());
  CAF_CHECK(heard(t0 + 400s) == (slots{c}));
  CAF_CHECK(overdue(t0 + 400s) == (slots{a, b}));
  rows.renew(a, row_chain::fresh, t0 + 300s);
  CAF_CHECK(heard(t0 + 400s) == (slots{a, c}));
  CAF_CHECK_EQUAL(rows.oldest(row_chain::fresh), b);
}

CAF_TEST(times are rounded down to a quarter of a second) {
  const auto row = fresh(1, t0 + 240ms);
  CAF_CHECK(!rows[row].is_silent_for(300s, t0 + 299s + 999ms));
  CAF_CHECK(rows[row].is_silent_for(300s, t0 + 300s));
}

CAF_TEST(who is silent keeps its age among the stale) {
  const auto old = fresh(1, t0);
  const auto young = fresh(2, t0 + 100s);
  rows.silence(young);
  rows.silence(old);
  CAF_CHECK(rows[old].chain() == row_chain::stale);
  CAF_CHECK_EQUAL(rows.oldest(row_chain::stale), old);
  CAF_CHECK_EQUAL(rows.newest(row_chain::stale), young);
  CAF_CHECK_EQUAL(rows.newest(row_chain::fresh), no_slot);
}

CAF_TEST(a walk goes through all chains and may erase what it meets) {
  const auto a = fresh(1, t0);
  const auto b = fresh(2, t0);
  const auto waits = rows.add(7, 3, 0, t0);
  rows.renew(waits, row_chain::waiting, t0);
  const auto stale = rows.add(7, 4, 0, t0);
  CAF_CHECK(all() == (slots{b, a, waits, stale}));
  slots silent;
  rows.for_each_silent([&](slot s) { silent.push_back(s); });
  CAF_CHECK(silent == (slots{waits, stale}));
  rows.for_each([&](slot s) {
    if (s != a) {
      rows.erase(s);
    }
  });
  CAF_CHECK(all() == (slots{a}));
}

CAF_TEST(a row counts in the state that it has) {
  const auto row = fresh(1, t0);
  rows[row].memory.state = series_state::failing;
  rows.note_state(row);
  CAF_CHECK_EQUAL(rows.by_state().count(series_state::failing), 1U);
  CAF_CHECK_EQUAL(rows.by_state().count(series_state::never), 0U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_rows_suite
