#define CAF_SUITE unheard_cells

#include "xprober/verdict/unheard_cells.hpp"

#include "caf/test/unit_test.hpp"

namespace unheard_cells_suite {

using namespace xprober;

CAF_TEST(what was bad is unheard until it is heard) {
  unheard_cells all;
  all.note(2, 7, true, true);
  all.note(3, 7, true, true);
  all.note(4, 7, false, true); // it was well, or never known
  CAF_CHECK_EQUAL(all.size(), 2u);
  CAF_CHECK(all.contains(2, 7));
  CAF_CHECK(!all.contains(4, 7));
  CAF_CHECK_EQUAL(all.of_target(7), 2u);
  CAF_CHECK_EQUAL(all.of_source(3), 1u);
  all.note(2, 7, false, true); // silent in another way
  CAF_CHECK_EQUAL(all.of_target(7), 2u);
  all.note(2, 7, false, false);
  all.note(3, 7, false, false);
  all.note(4, 7, false, false);
  CAF_CHECK_EQUAL(all.size(), 0u);
  CAF_CHECK_EQUAL(all.of_target(7), 0u);
  CAF_CHECK_EQUAL(all.of_source(3), 0u);
}

} // namespace unheard_cells_suite
