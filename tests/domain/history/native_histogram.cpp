#define CAF_SUITE native_histogram

#include "xprober/domain/history/native_histogram.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace native_histogram_suite {

using namespace xprober;

namespace {

using bucket_list = native_histogram::bucket_list;

native_histogram of(const std::vector<double>& values) {
  native_histogram made;
  for (const auto value : values) {
    made.observe(value);
  }
  return made;
}

/// The counts by index, as whoever reads the spans finds them.
std::map<std::int32_t, std::int64_t> counts_of(const native_histogram& subject) {
  std::map<std::int32_t, std::int64_t> counts;
  const auto list = subject.buckets();
  std::int32_t index = 0;
  std::int64_t count = 0;
  std::size_t next = 0;
  for (const auto& span : list.spans) {
    index += span.offset;
    for (std::uint32_t i = 0; i < span.length; ++i, ++index) {
      count += list.deltas.at(next++);
      if (count != 0) {
        counts[index] = count;
      }
    }
  }
  CAF_CHECK_EQUAL(next, list.deltas.size());
  return counts;
}

std::int32_t index_of(double value) { return counts_of(of({value})).begin()->first; }

/// The upper bound of a bucket.
double bound(std::int32_t index, std::int32_t schema) {
  return std::exp2(std::ldexp(static_cast<double>(index), -schema));
}

} // namespace

CAF_TEST(a power of 2 is the upper bound of its bucket) {
  CAF_CHECK_EQUAL(index_of(1), 0);
  CAF_CHECK_EQUAL(index_of(std::nextafter(1.0, 2.0)), 1);
  CAF_CHECK_EQUAL(index_of(std::nextafter(1.0, 0.0)), 0);
  CAF_CHECK_EQUAL(index_of(2), 32);
  CAF_CHECK_EQUAL(index_of(0.5), -32);
  CAF_CHECK_EQUAL(index_of(std::nextafter(0.5, 1.0)), -31);
  CAF_CHECK_EQUAL(index_of(1024), 320);
  CAF_CHECK_EQUAL(index_of(0x1p-20), -640);
}

CAF_TEST(bounds are those that Prometheus says) {
  // 2^(1/32), 2^(2/32), and 2^(-1/32) of its documents' formula.
  CAF_CHECK_EQUAL(index_of(1.0218), 1);
  CAF_CHECK_EQUAL(index_of(1.0220), 2);
  CAF_CHECK_EQUAL(index_of(1.0442), 2);
  CAF_CHECK_EQUAL(index_of(1.0443), 3);
  CAF_CHECK_EQUAL(index_of(0.9785), -1);
  CAF_CHECK_EQUAL(index_of(0.9787), 0);
  std::mt19937 random{1};
  std::lognormal_distribution<double> values{-4, 3};
  for (int i = 0; i < 1000; ++i) {
    const auto value = values(random);
    const auto index = index_of(value);
    CAF_CHECK(value <= bound(index, 5) * (1 + 1e-12));
    CAF_CHECK(value >= bound(index - 1, 5) * (1 - 1e-12));
  }
}

CAF_TEST(counts are differences and small gaps are no spans) {
  const auto subject = of({1.0, 1.0, 1.02, 1.06, 2.0}); // buckets 0, 0, 1, 3, 32
  const bucket_list expected{{{0, 4}, {28, 1}}, {2, -1, -1, 1, 0}};
  CAF_CHECK(subject.buckets() == expected);
  CAF_CHECK_EQUAL(subject.count(), 5u);
  CAF_CHECK(std::abs(subject.sum() - 6.08) < 1e-9);
  const bucket_list below{{{-32, 1}}, {1}};
  CAF_CHECK(of({0.5}).buckets() == below);
  CAF_CHECK(native_histogram{}.buckets() == bucket_list{});
}

CAF_TEST(nothing and less counts as zero and what is no number not at all) {
  const auto subject =
      of({0.0, -1.0, 0x1p-128, 0x1p-127, std::numeric_limits<double>::infinity(), std::nan("")});
  CAF_CHECK_EQUAL(subject.count(), 4u);
  CAF_CHECK_EQUAL(subject.zeros(), 3u);
  CAF_CHECK_EQUAL(counts_of(subject).size(), 1u);
}

CAF_TEST(too many buckets become fewer of the next lower schema) {
  native_histogram subject;
  for (int i = 0; i < 200; ++i) {
    subject.observe(std::exp2((i - 0.5) / 32));
  }
  CAF_CHECK_EQUAL(subject.schema(), 4);
  CAF_CHECK_EQUAL(subject.count(), 200u);
  const auto counts = counts_of(subject);
  CAF_CHECK_LESS_OR_EQUAL(counts.size(), native_histogram::most_buckets);
  std::int64_t total = 0;
  for (const auto& [index, count] : counts) {
    total += count;
    CAF_CHECK(count <= 2);
  }
  CAF_CHECK_EQUAL(total, 200);
  // Its buckets are those that hold the values at that schema.
  CAF_CHECK_EQUAL(counts.begin()->first, 0);
  CAF_CHECK_EQUAL(counts.rbegin()->first, 100);
}

CAF_TEST(whatever comes it stays small) {
  native_histogram subject;
  for (int exponent = -120; exponent < 1000; ++exponent) {
    subject.observe(std::ldexp(1.5, exponent));
  }
  CAF_CHECK_EQUAL(subject.count(), 1120u);
  CAF_CHECK_LESS_OR_EQUAL(counts_of(subject).size(), native_histogram::most_buckets);
  CAF_CHECK_LESS(subject.schema(), 0);
}

CAF_TEST(parts merged are the whole) {
  native_histogram whole;
  native_histogram fine;
  native_histogram coarse;
  for (int i = 0; i < 400; ++i) {
    const auto value = std::exp2(i / 32.0);
    whole.observe(value);
    (i < 20 ? fine : coarse).observe(value);
  }
  CAF_CHECK_EQUAL(fine.schema(), 5);
  CAF_CHECK_LESS(coarse.schema(), 5);
  auto merged = fine;
  merged.merge(coarse);
  CAF_CHECK_EQUAL(merged.schema(), whole.schema());
  CAF_CHECK(merged.buckets() == whole.buckets());
  CAF_CHECK_EQUAL(merged.count(), 400u);
  coarse.merge(fine);
  CAF_CHECK(coarse.buckets() == whole.buckets());
}

} // namespace native_histogram_suite
