#define CAF_SUITE schedule

#include "simnet/schedule.hpp"

#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace schedule_suite {

using namespace simnet;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> emptied(schedule<std::string>& s) {
  std::vector<std::string> out;
  for (; !s.empty(); s.pop()) {
    out.push_back(s.front());
  }
  return out;
}

} // namespace

CAF_TEST(items_come_out_in_the_order_of_their_times) {
  schedule<std::string> s;
  CAF_CHECK(!s.next_due());
  const time_point zero{};
  s.add(zero + 30ms) = "c";
  s.add(zero + 10ms) = "a";
  s.add(zero + 20ms) = "b";
  CAF_REQUIRE(s.next_due().has_value());
  CAF_CHECK(*s.next_due() == zero + 10ms);
  CAF_CHECK_EQUAL(s.size(), 3u);
  CAF_CHECK((emptied(s) == std::vector<std::string>{"a", "b", "c"}));
}

CAF_TEST(items_of_one_time_keep_their_order) {
  schedule<std::string> s;
  std::vector<std::string> added;
  for (int i = 0; i < 100; ++i) {
    added.push_back(std::to_string(i));
    s.add(time_point{} + 5ms) = added.back();
  }
  CAF_CHECK((emptied(s) == added));
}

CAF_TEST(places_are_used_again) {
  schedule<std::string> s;
  s.add(time_point{} + 1ms) = "first";
  const std::string* place = &s.front();
  s.pop();
  CAF_CHECK(s.empty());
  CAF_CHECK_EQUAL(&s.add(time_point{} + 2ms), place);
}

} // namespace schedule_suite
