#define CAF_SUITE quantile_sketch

#include "xprober/domain/history/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace quantile_sketch_suite {

using namespace xprober;

namespace {

std::string bytes_of(const quantile_sketch& sketch) {
  std::string bytes;
  byte_writer out{bytes};
  sketch.write(out);
  return bytes;
}

double exact(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

} // namespace

CAF_TEST(an empty sketch has no quantiles) {
  const quantile_sketch sketch;
  CAF_CHECK(sketch.empty());
  CAF_CHECK_EQUAL(sketch.quantile(0.5), 0.0);
}

CAF_TEST(quantiles of several distributions are within one percent) {
  std::mt19937_64 random{1};
  std::lognormal_distribution<double> long_tail{2, 1.5};
  std::uniform_real_distribution<double> flat{0.001, 5000};
  for (int kind = 0; kind < 3; ++kind) {
    quantile_sketch sketch;
    std::vector<double> values;
    for (int i = 0; i < 20'000; ++i) {
      const double value = kind == 0 ? long_tail(random) : kind == 1 ? flat(random) : 12.5;
      values.push_back(value);
      sketch.add(value);
    }
    std::ranges::sort(values);
    for (const double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto want = exact(values, q);
      CAF_CHECK_LESS_OR_EQUAL(std::abs(sketch.quantile(q) - want), want * 0.010001);
    }
  }
}

CAF_TEST(parts merged are the whole) {
  std::mt19937_64 random{2};
  std::lognormal_distribution<double> draw{1, 2};
  quantile_sketch whole;
  std::vector<quantile_sketch> parts(7);
  for (int i = 0; i < 5'000; ++i) {
    const double value = i % 50 == 0 ? 0 : draw(random);
    whole.add(value);
    parts[random() % parts.size()].add(value);
  }
  quantile_sketch merged;
  for (const auto& part : parts) {
    merged.merge(part);
  }
  CAF_CHECK(merged == whole);
  CAF_CHECK_EQUAL(merged.count(), 5'000u);
}

CAF_TEST(what is out of range stays countable) {
  quantile_sketch sketch;
  sketch.add(-5);
  sketch.add(0);
  sketch.add(1e300);
  sketch.add(std::numeric_limits<double>::infinity());
  sketch.add(std::numeric_limits<double>::quiet_NaN());
  CAF_CHECK_EQUAL(sketch.count(), 4u);
  CAF_CHECK_EQUAL(sketch.quantile(0), 0.0);
  CAF_CHECK_LESS_OR_EQUAL(std::abs(sketch.quantile(1) / quantile_sketch::largest - 1), 0.0101);
}

CAF_TEST(a sketch is read as it was written) {
  quantile_sketch sketch;
  for (const double value : {0.0, 0.1, 0.1, 3.0, 2500.0}) {
    sketch.add(value, 3);
  }
  const auto bytes = bytes_of(sketch);
  CAF_CHECK_LESS(bytes.size(), 16u);
  byte_reader in{bytes};
  quantile_sketch read;
  CAF_REQUIRE(read.read(in));
  CAF_CHECK(read == sketch);
  CAF_CHECK_EQUAL(in.left(), 0u);
}

CAF_TEST(what is no sketch is refused) {
  quantile_sketch sketch;
  sketch.add(1);
  sketch.add(2);
  const auto bytes = bytes_of(sketch);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    byte_reader in{std::string_view{bytes}.substr(0, size)};
    quantile_sketch read;
    CAF_CHECK(!read.read(in));
    CAF_CHECK(read.empty());
  }
  const std::string many{"\x00\xff\xff\x7f", 4};
  byte_reader in{many};
  quantile_sketch read;
  CAF_CHECK(!read.read(in));
}

CAF_TEST(counts that come to more than a number holds are refused) {
  std::string bytes;
  byte_writer out{bytes};
  out.varint(5); // zeros
  out.varint(1); // bins
  out.signed_varint(7);
  out.varint(std::numeric_limits<std::uint64_t>::max());
  byte_reader in{bytes};
  quantile_sketch read;
  CAF_CHECK(!read.read(in));
  CAF_CHECK(read.empty());
}

} // namespace quantile_sketch_suite
