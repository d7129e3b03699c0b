#define CAF_SUITE unknown_types

#include "xprober/actors/agent/unknown_types.hpp"

#include "caf/test/unit_test.hpp"

namespace unknown_types_suite {

using namespace xprober;

namespace {

using names = std::vector<std::string_view>;

} // namespace

CAF_TEST(types are named until their last target has gone) {
  unknown_types subject;
  subject.add("a", 2);
  subject.add("b", 1);
  subject.add("a", 1);
  subject.add("none", 0);
  CAF_CHECK_EQUAL(subject.count(), 4u);
  CAF_CHECK((subject.names() == names{"a", "b"}));
  subject.remove("a", 2);
  CAF_CHECK((subject.names() == names{"a", "b"}));
  subject.remove("a", 1);
  CAF_CHECK((subject.names() == names{"b"}));
  CAF_CHECK_EQUAL(subject.count(), 1u);
}

CAF_TEST(what was never there takes nothing away) {
  unknown_types subject;
  subject.add("a", 2);
  subject.remove("b", 5);
  CAF_CHECK_EQUAL(subject.count(), 2u);
  subject.remove("a", 5);
  CAF_CHECK_EQUAL(subject.count(), 0u);
  CAF_CHECK(subject.names().empty());
}

CAF_TEST(above the limit types have no name until there is room) {
  unknown_types subject;
  for (std::size_t i = 0; i < 2 * unknown_types::most_named; ++i) {
    subject.add("type-" + std::to_string(i), 1);
  }
  CAF_CHECK_EQUAL(subject.count(), 32u);
  CAF_CHECK_EQUAL(subject.names().size(), 16u);
  CAF_CHECK_EQUAL(subject.unnamed(), 16u);
  subject.remove("type-20", 1);
  CAF_CHECK_EQUAL(subject.unnamed(), 15u);
  subject.remove("type-0", 1);
  subject.add("new", 1);
  CAF_CHECK(subject.names().back() == "new");
  CAF_CHECK_EQUAL(subject.count(), 31u);
}

} // namespace unknown_types_suite
