#define CAF_SUITE flap_penalty

#include "xprober/verdict/flap_penalty.hpp"

#include <chrono>

#include "caf/test/unit_test.hpp"

namespace flap_penalty_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr wall_time start{1'767'268'800s};

bool is_near(double a, double b) { return a > b - 1 && a < b + 1; }

} // namespace

CAF_TEST(a penalty halves every fifteen minutes) {
  flap_penalty subject;
  CAF_CHECK(is_near(subject.at(start), 0));
  subject.add_opening(start);
  CAF_CHECK(is_near(subject.at(start), 1000));
  CAF_CHECK(is_near(subject.at(start + 15min), 500));
  CAF_CHECK(is_near(subject.at(start + 45min), 125));
}

CAF_TEST(the third opening in a quarter of an hour is too much and none an hour) {
  flap_penalty often;
  often.add_opening(start);
  often.add_opening(start + 90s);
  CAF_CHECK(often.at(start + 90s) < flap_penalty::suppress);
  often.add_opening(start + 180s);
  CAF_CHECK(often.at(start + 180s) > flap_penalty::suppress);
  flap_penalty seldom;
  for (int i = 0; i < 100; ++i) {
    seldom.add_opening(start + i * 1h);
    CAF_CHECK(seldom.at(start + i * 1h) < 1100);
  }
}

CAF_TEST(whatever came it is over after an hour) {
  flap_penalty subject;
  for (int i = 0; i < 1000; ++i) {
    subject.add_opening(start);
  }
  CAF_CHECK(subject.at(start + 59min) > flap_penalty::reuse);
  CAF_CHECK(subject.at(start + 61min) < flap_penalty::reuse);
}

CAF_TEST(a clock that was set back makes nothing grow) {
  flap_penalty subject;
  subject.add_opening(start);
  CAF_CHECK(is_near(subject.at(start - 24h), 1000));
  subject.add_opening(start - 24h);
  CAF_CHECK(is_near(subject.at(start), 2000));
}

} // namespace flap_penalty_suite
