#define CAF_SUITE memory_gate

#include "xprober/domain/memory_gate.hpp"

#include <chrono>
#include <limits>

#include "caf/test/unit_test.hpp"

namespace memory_gate_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct fixture {
  memory_gate subject{1000};
  monotonic_time now{100s};

  bool at(std::uint64_t resident, std::chrono::seconds later = 1s) {
    now += later;
    return subject.observe(resident, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(memory_gate_tests, fixture)

CAF_TEST(below the upper mark all is taken) {
  CAF_CHECK(!at(0));
  CAF_CHECK(!at(899));
  CAF_CHECK(!subject.is_shedding());
}

CAF_TEST(load is given up from the upper mark to below the lower one) {
  CAF_CHECK(at(900));
  CAF_CHECK(at(5000));
  CAF_CHECK(at(850));
  CAF_CHECK(at(800));
  CAF_CHECK(!at(799));
  CAF_CHECK(!at(850));
  CAF_CHECK(at(900));
}

CAF_TEST(who stays between the marks goes on after a minute) {
  CAF_CHECK(at(950));
  CAF_CHECK(at(850));
  CAF_CHECK(at(890, 59s));
  CAF_CHECK(!at(890, 1s));
  CAF_CHECK(!at(890, 1h));
}

CAF_TEST(the minute begins anew at the upper mark) {
  CAF_CHECK(at(950));
  CAF_CHECK(at(850));
  CAF_CHECK(at(900, 59s));
  CAF_CHECK(at(850, 59s));
  CAF_CHECK(at(850, 59s));
  CAF_CHECK(!at(850, 1s));
}

CAF_TEST(without a limit nothing is given up) {
  memory_gate open{0};
  CAF_CHECK(!open.observe(std::numeric_limits<std::uint64_t>::max(), now));
}

CAF_TEST(the largest limit does not wrap) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  memory_gate large{most};
  CAF_CHECK(!large.observe(most / 2, now));
  CAF_CHECK(large.observe(most, now));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace memory_gate_suite
