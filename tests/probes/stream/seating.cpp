#define CAF_SUITE seating

#include "xprober/probes/stream/seating.hpp"

#include <memory>
#include <new>

#include "caf/test/unit_test.hpp"

namespace seating_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr monotonic_time now{1s};

struct fixture {
  places seats{2, 1s};
  stream::seating<int> held{seats};
  std::shared_ptr<int> one = std::make_shared<int>(1);
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(seating_tests, fixture)

CAF_TEST(who runs holds a place until it has ended) {
  int started = 0;
  held.enter(one, pace::quick, now, [&] { started = *one; });
  CAF_CHECK_EQUAL(started, 1);
  CAF_CHECK_EQUAL(held.size(), 1u);
  CAF_CHECK_EQUAL(seats.held(), 1u);
  held.for_each([](int& who) { who = 7; });
  CAF_CHECK_EQUAL(*one, 7);
  held.leave(one.get());
  CAF_CHECK(held.empty());
  CAF_CHECK_EQUAL(seats.held(), 0u);
  CAF_CHECK_EQUAL(one.use_count(), 1);
}

CAF_TEST(who cannot begin for want of memory leaves no place behind) {
  for (const auto as : {pace::quick, pace::slow}) {
    bool thrown = false;
    try {
      held.enter(one, as, now, [] { throw std::bad_alloc{}; });
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    CAF_CHECK(thrown);
    CAF_CHECK(held.empty());
    CAF_CHECK_EQUAL(seats.held(), 0u);
    CAF_CHECK_EQUAL(one.use_count(), 1);
  }
}

CAF_TEST(who ends while it begins is not given back twice) {
  held.enter(one, pace::quick, now, [&] { held.leave(one.get()); });
  CAF_CHECK(held.empty());
  CAF_CHECK_EQUAL(seats.held(), 0u);
  held.leave(one.get());
  CAF_CHECK_EQUAL(seats.held(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace seating_suite
