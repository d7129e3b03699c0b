#define CAF_SUITE cell

#include "xprober/verdict/cell.hpp"

#include "caf/test/unit_test.hpp"

namespace cell_suite {

using namespace xprober;

cell_state state(std::uint32_t ok, std::uint32_t degraded, std::uint32_t failing) {
  cell_counts counts;
  counts.ok = ok;
  counts.degraded = degraded;
  counts.failing = failing;
  return state_of(counts);
}

CAF_TEST(own faults and missing results are no evidence) {
  CAF_CHECK(state_of({}) == cell_state::unknown);
  cell_counts counts;
  counts.fault = 3;
  counts.unknown = 2;
  CAF_CHECK(state_of(counts) == cell_state::unknown);
  counts.ok = 1;
  CAF_CHECK(state_of(counts) == cell_state::ok);
}

CAF_TEST(a cell is bad from a tenth of its series on) {
  CAF_CHECK(state(1, 0, 0) == cell_state::ok);
  CAF_CHECK(state(0, 0, 1) == cell_state::failing);
  CAF_CHECK(state(0, 1, 0) == cell_state::degraded);
  CAF_CHECK(state(1, 0, 1) == cell_state::degraded); // half of them is not more than half
  CAF_CHECK(state(1, 0, 2) == cell_state::failing);
  CAF_CHECK(state(9, 0, 1) == cell_state::degraded);
  CAF_CHECK(state(10, 0, 1) == cell_state::ok);
}

CAF_TEST(a part of a large cell is seen when chance does not explain it) {
  cell_counts counts;
  counts.ok = 49;
  counts.failing = 1;
  counts.results = 2;
  CAF_CHECK(state_of(counts) == cell_state::ok);
  counts.results = 3;
  CAF_CHECK(state_of(counts) == cell_state::degraded);
  counts.ok = 50;
  CAF_CHECK(state_of(counts) == cell_state::ok);
  counts.ok = 40;
  counts.failing = 3; // one dead machine beside what fails by chance
  counts.results = 9;
  CAF_CHECK(state_of(counts) == cell_state::degraded);
}

CAF_TEST(a run is the mean of the bad series) {
  cell_counts counts;
  counts.failing = 2;
  counts.degraded = 1;
  CAF_CHECK_EQUAL(run_of(counts), 1u); // nothing was said
  counts.results = 8;
  CAF_CHECK_EQUAL(run_of(counts), 2u);
  counts.results = 1000;
  CAF_CHECK_EQUAL(run_of(counts), longest_run);
  CAF_CHECK_EQUAL(run_of({}), 1u);
}

} // namespace cell_suite
