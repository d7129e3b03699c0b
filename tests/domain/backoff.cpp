#define CAF_SUITE backoff
#include "xprober/domain/backoff.hpp"

#include <limits>

#include "caf/test/unit_test.hpp"

namespace backoff_suite {

using namespace std::chrono_literals;
using xprober::backoff;

CAF_TEST(the bound grows by the factor up to the maximum) {
  backoff b{100ms, 1s, 2.0, 1};
  for (const auto bound : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    CAF_CHECK_EQUAL(b.bound().count(), bound.count());
    const auto wait = b.next();
    CAF_CHECK(wait >= 1ms && wait <= bound);
  }
  CAF_CHECK_EQUAL(b.attempts(), 6u);
}

CAF_TEST(a success starts over) {
  backoff b{100ms, 1s, 3.0, 1};
  b.next();
  b.next();
  b.reset();
  CAF_CHECK_EQUAL(b.attempts(), 0u);
  CAF_CHECK_EQUAL(b.bound().count(), 100);
}

CAF_TEST(the jitter is full) {
  backoff b{1000ms, 1000ms, 2.0, 7};
  double sum = 0;
  auto least = 2000ms;
  auto most = 0ms;
  for (int i = 0; i < 10000; ++i) {
    const auto wait = b.next();
    sum += static_cast<double>(wait.count());
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  CAF_CHECK(least <= 10ms);
  CAF_CHECK(most >= 990ms && most <= 1000ms);
  // The mean of 10,000 even draws from 1 to 1000 is 500.5 with a standard error of 2.9.
  CAF_CHECK(sum / 10000 > 480 && sum / 10000 < 520);
}

CAF_TEST(equal seeds wait equally and others do not) {
  backoff a{10s, 60s, 2.0, 42};
  backoff same{10s, 60s, 2.0, 42};
  backoff other{10s, 60s, 2.0, 43};
  int differences = 0;
  for (int i = 0; i < 10; ++i) {
    const auto wait = a.next();
    CAF_CHECK_EQUAL(wait.count(), same.next().count());
    differences += wait != other.next() ? 1 : 0;
  }
  CAF_CHECK(differences >= 8);
}

CAF_TEST(senseless bounds are made sensible) {
  backoff zero{0ms, 0ms, 0.0, 1};
  for (int i = 0; i < 5; ++i) {
    CAF_CHECK_EQUAL(zero.next().count(), 1);
  }
  backoff reversed{5s, 1s, std::numeric_limits<double>::quiet_NaN(), 1};
  reversed.next();
  CAF_CHECK_EQUAL(reversed.bound().count(), 5000);
  backoff steep{1s, 24h, 1e300, 1};
  steep.next();
  CAF_CHECK_EQUAL(steep.bound().count(), std::chrono::milliseconds{24h}.count());
}

} // namespace backoff_suite
