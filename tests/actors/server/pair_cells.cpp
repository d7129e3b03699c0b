#define CAF_SUITE pair_cells

#include "xprober/actors/server/pair_cells.hpp"

#include "caf/test/dsl.hpp"

namespace pair_cells_suite {

using namespace xprober;

namespace {

cell_counts counts(std::uint32_t ok, std::uint32_t failing = 0) {
  cell_counts made;
  made.ok = ok;
  made.failing = failing;
  return made;
}

} // namespace

CAF_TEST(a pair has the counts that it was given last) {
  pair_cells cells;
  CAF_CHECK(cells.get(3, 4) == cell_counts{});
  cells.set(3, 4, counts(2));
  CAF_CHECK(cells.get(3, 4) == counts(2));
  CAF_CHECK(cells.get(4, 3) == cell_counts{});
  cells.set(3, 4, counts(1, 1));
  CAF_CHECK(cells.get(3, 4) == counts(1, 1));
  cells.set(3, 4, counts(3));
  CAF_CHECK(cells.get(3, 4) == counts(3));
  cells.set(3, 4, {});
  CAF_CHECK(cells.get(3, 4) == cell_counts{});
}

CAF_TEST(only what is not well is kept whole) {
  pair_cells cells;
  for (std::uint32_t from = 0; from < 20; ++from) {
    for (std::uint32_t to = 0; to < 20; ++to) {
      cells.set(from, to, counts(1));
    }
  }
  CAF_CHECK_EQUAL(cells.kept_whole(), 0U);
  cells.set(7, 9, counts(0, 1));
  CAF_CHECK_EQUAL(cells.kept_whole(), 1U);
  cells.set(7, 9, counts(1));
  CAF_CHECK_EQUAL(cells.kept_whole(), 0U);
}

CAF_TEST(it is known which regions are targets) {
  pair_cells cells;
  cells.set(0, 5, counts(1));
  cells.set(1, 5, counts(0, 1));
  CAF_CHECK(cells.has_target(5));
  CAF_CHECK(!cells.has_target(0));
  CAF_CHECK(!cells.has_target(500));
  cells.set(0, 5, {});
  CAF_CHECK(cells.has_target(5));
  cells.set(1, 5, {});
  CAF_CHECK(!cells.has_target(5));
}

} // namespace pair_cells_suite
