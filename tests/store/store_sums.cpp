#define CAF_SUITE store_sums

#include "xprober/store/store_sums.hpp"

#include <cstddef>
#include <memory>

#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/dsl.hpp"

namespace store_sums_suite {

using namespace xprober;

namespace {

constexpr store_sums::place where{1, 2, 3};

struct fixture {
  store_sums sums;
  kind_number pairs = sums.kinds().acquire(std::make_shared<const probe_kind>(samples::toy_mesh()));
  series_row row;

  fixture() {
    row.latest.kind = pairs;
    sums.add_row(where, row);
    sums.kinds().release(pairs); // the row holds it
  }

  probe_values probe(float success, float ms) const {
    probe_values values;
    values.kind = pairs;
    values.unix_seconds = 100;
    values.set(0, success);
    values.set(2, ms);
    return values;
  }
  std::size_t groups() const { return sums.aggregates().of(pairs).size(); }
  group_sums group() const {
    return groups() == 0 ? group_sums{} : sums.aggregates().of(pairs).begin()->second.sums;
  }
  std::uint32_t in(series_state state) const {
    return group().states[static_cast<std::size_t>(state)];
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_sums_tests, fixture)

CAF_TEST(a row counts in its state and its values once they are added) {
  CAF_CHECK_EQUAL(in(series_state::never), 1U);
  CAF_CHECK_EQUAL(group().rows, 0U);
  CAF_CHECK_EQUAL(sums.values(), 0U);
  row.latest = probe(1, 5);
  sums.add_values(where, row);
  CAF_CHECK_EQUAL(group().rows, 1U);
  CAF_CHECK_EQUAL(sums.values(), 2U);
  const auto before = row.latest;
  row.latest = probe(0, 5);
  row.latest.present = 1;
  sums.replace_values(where, before, row);
  CAF_CHECK_EQUAL(sums.values(), 1U);
  CAF_CHECK_EQUAL(group().successes.failing(), 1U);
  sums.remove_values(where, row);
  CAF_CHECK_EQUAL(group().rows, 0U);
  CAF_CHECK_EQUAL(sums.values(), 0U);
}

CAF_TEST(another state moves a row from one count to the other) {
  row.memory.state = series_state::failing;
  sums.change_memory(where, series_state::never, 0, row);
  CAF_CHECK_EQUAL(in(series_state::never), 0U);
  CAF_CHECK_EQUAL(in(series_state::failing), 1U);
}

CAF_TEST(another kind takes a row with its state to its own groups) {
  row.memory.state = series_state::ok;
  row.memory.usual_ms = 5;
  sums.change_memory(where, series_state::never, 0, row);
  row.latest = probe(1, 5);
  sums.add_values(where, row);
  const auto before = row.latest;
  row.latest = {};
  row.latest.kind = 0; // a built-in one
  row.latest.unix_seconds = 115;
  row.latest.set(0, 1);
  sums.replace_values(where, before, row);
  CAF_CHECK_EQUAL(groups(), 0U);
  CAF_CHECK_EQUAL(sums.aggregates().of(0).size(), 1U);
  CAF_CHECK_EQUAL(sums.values(), 1U);
  CAF_CHECK_EQUAL(sums.kinds().size(), builtin_kinds().size()); // nobody uses the other any more
}

CAF_TEST(the kind of what does not count can change and all goes with the row) {
  row.latest.kind = 0;
  sums.change_kind(where, pairs, row);
  CAF_CHECK_EQUAL(groups(), 0U);
  CAF_CHECK_EQUAL(sums.aggregates().of(0).size(), 1U);
  sums.change_kind(where, 0, row); // the same again
  sums.remove_row(where, row);
  CAF_CHECK_EQUAL(sums.aggregates().of(0).size(), 0U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_sums_suite
