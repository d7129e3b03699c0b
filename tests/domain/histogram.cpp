#define CAF_SUITE histogram
#include "xprober/domain/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "caf/test/unit_test.hpp"

namespace histogram_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

std::uint64_t exact_quantile(const std::vector<std::uint64_t>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

monotonic_time at(std::chrono::milliseconds t) { return monotonic_time{} + 1h + t; }

} // namespace

CAF_TEST(nothing recorded) {
  const histogram h;
  CAF_CHECK(h.empty());
  CAF_CHECK_EQUAL(h.quantile(0.5), 0u);
  CAF_CHECK_EQUAL(h.max(), 0u);
}

CAF_TEST(small values are exact) {
  histogram h;
  for (std::uint64_t v = 1; v <= 63; ++v) {
    h.record(v);
  }
  CAF_CHECK_EQUAL(h.quantile(0), 1u);
  CAF_CHECK_EQUAL(h.quantile(0.5), 32u);
  CAF_CHECK_EQUAL(h.quantile(1), 63u);
  CAF_CHECK_EQUAL(h.count(), 63u);
}

CAF_TEST(quantiles are within the promised error of the exact ones) {
  std::mt19937_64 random{20240501};
  std::lognormal_distribution<double> spread{8.0, 3.0};
  histogram h;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 50000; ++i) {
    const auto v = static_cast<std::uint64_t>(spread(random));
    values.push_back(v);
    h.record(v);
  }
  std::sort(values.begin(), values.end());
  double worst = 0;
  for (double q = 0.0; q <= 1.0; q += 0.001) {
    const auto exact = static_cast<double>(exact_quantile(values, q));
    const auto found = static_cast<double>(h.quantile(q));
    worst = std::max(worst, std::abs(found - exact) / std::max(exact, 1.0));
  }
  CAF_MESSAGE("largest relative error " << worst);
  CAF_CHECK(worst <= 1.0 / 64);
  CAF_CHECK_EQUAL(h.max(), values.back());
}

CAF_TEST(the whole range of values is taken) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const auto v : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1}) {
      histogram h;
      h.record(v, 3);
      // A second, larger value keeps the maximum from hiding the bucket.
      h.record(UINT64_MAX);
      const auto found = h.quantile(0.5);
      const auto error = found > v ? found - v : v - found;
      CAF_CHECK(error <= v / 64 + 1);
      CAF_CHECK_EQUAL(h.max(), UINT64_MAX);
    }
  }
}

CAF_TEST(merging equals recording in one) {
  histogram a;
  histogram b;
  histogram both;
  for (std::uint64_t v = 0; v < 5000; v += 7) {
    (v % 2 == 0 ? a : b).record(v * v);
    both.record(v * v);
  }
  a.merge(b);
  CAF_CHECK_EQUAL(a.count(), both.count());
  CAF_CHECK_EQUAL(a.max(), both.max());
  for (const double q : {0.01, 0.5, 0.9, 0.99}) {
    CAF_CHECK_EQUAL(a.quantile(q), both.quantile(q));
  }
}

CAF_TEST(clearing forgets) {
  histogram h;
  h.record(1000, 5);
  h.clear();
  CAF_CHECK(h.empty());
  h.record(3);
  CAF_CHECK_EQUAL(h.quantile(0.99), 3u);
  CAF_CHECK_EQUAL(h.max(), 3u);
}

CAF_TEST(quantiles outside of 0 to 1 are taken for the nearest) {
  histogram h;
  h.record(5);
  h.record(9);
  CAF_CHECK_EQUAL(h.quantile(-1), 5u);
  CAF_CHECK_EQUAL(h.quantile(2), 9u);
  CAF_CHECK_EQUAL(h.quantile(std::nan("")), 5u);
}

CAF_TEST(the window forgets what is older than a minute) {
  windowed_histogram h;
  h.record(at(0s), 1000);
  h.record(at(30s), 10);
  CAF_CHECK_EQUAL(h.summary(at(31s)).max, 1000u);
  CAF_CHECK_EQUAL(h.summary(at(49s)).count, 2u);
  CAF_CHECK_EQUAL(h.summary(at(60s)).count, 1u);
  CAF_CHECK_EQUAL(h.summary(at(60s)).max, 10u);
  CAF_CHECK((h.summary(at(1h)) == quantiles{}));
}

CAF_TEST(a slice is emptied before it is used again) {
  windowed_histogram h{60s, 6};
  for (int minute = 0; minute < 5; ++minute) {
    h.record(at(std::chrono::minutes{minute}), 100u + static_cast<unsigned>(minute));
  }
  const auto now = h.summary(at(4min));
  CAF_CHECK_EQUAL(now.count, 1u);
  CAF_CHECK_EQUAL(now.max, 104u);
}

CAF_TEST(the window covers at least five sixths of its length) {
  windowed_histogram h;
  for (int second = 0; second < 300; ++second) {
    h.record(at(std::chrono::seconds{second}), 1);
    const auto count = h.summary(at(std::chrono::seconds{second})).count;
    if (second >= 60) {
      CAF_CHECK(count >= 50 && count <= 60);
    }
  }
}

CAF_TEST(a value older than the window is dropped) {
  windowed_histogram h;
  h.record(at(120s), 1);
  h.record(at(60s), 7777);
  CAF_CHECK_EQUAL(h.summary(at(120s)).max, 1u);
  h.clear();
  CAF_CHECK_EQUAL(h.summary(at(120s)).count, 0u);
}

} // namespace histogram_suite
