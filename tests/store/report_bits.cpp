#define CAF_SUITE report_bits

#include "xprober/store/report_bits.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace report_bits_suite {

using namespace xprober;

CAF_TEST(as long as nothing was reported nothing is kept) {
  report_bits bits{1'000'000, 4000};
  CAF_CHECK_EQUAL(bits.lacking(), 4'000'000'000u);
  CAF_CHECK_EQUAL(bits.lacking(3999), 1'000'000u);
  CAF_CHECK(bits.lacks(3999, 999'999));
  CAF_CHECK(!bits.set(7, 8, true)); // it lacks it already
  CAF_CHECK_EQUAL(bits.bytes(), 0u);
}

CAF_TEST(a report is a bit) {
  report_bits bits{100, 3};
  CAF_CHECK(bits.set(1, 99, false));
  CAF_CHECK(!bits.set(1, 99, false));
  CAF_CHECK(!bits.lacks(1, 99));
  CAF_CHECK(bits.lacks(0, 99));
  CAF_CHECK(bits.lacks(2, 0));
  CAF_CHECK_EQUAL(bits.lacking(1), 99u);
  CAF_CHECK_EQUAL(bits.lacking(), 299u);
  CAF_CHECK(bits.bytes() >= 300 / 8);
  CAF_CHECK(bits.bytes() < 100);
  CAF_CHECK(bits.set(1, 99, true));
  CAF_CHECK_EQUAL(bits.lacking(), 300u);
}

CAF_TEST(what is left out nobody lacks) {
  report_bits bits{70, 2};
  bits.leave_out(69);
  bits.leave_out(69);
  CAF_CHECK(!bits.lacks(1, 69));
  CAF_CHECK(!bits.set(1, 69, true));
  CAF_CHECK(!bits.set(1, 69, false));
  CAF_CHECK_EQUAL(bits.lacking(0), 69u);
  CAF_CHECK_EQUAL(bits.lacking(), 138u);
}

CAF_TEST(numbers are those of the bits whatever their places) {
  std::mt19937 random{1}; // the same course each time
  for (const std::uint32_t targets : {1U, 3U, 63U, 64U, 65U, 200U}) {
    constexpr std::size_t sources = 9;
    report_bits bits{targets, sources};
    std::vector<std::vector<bool>> lacks(sources, std::vector<bool>(targets, true));
    for (int step = 0; step < 2000; ++step) {
      const auto source = random() % sources;
      const auto target = random() % targets;
      const bool lacking = random() % 3 == 0;
      CAF_REQUIRE(bits.set(source, target, lacking) == (lacks[source][target] != lacking));
      lacks[source][target] = lacking;
    }
    std::uint64_t all = 0;
    for (std::size_t source = 0; source < sources; ++source) {
      const auto number = std::ranges::count(lacks[source], true);
      CAF_REQUIRE_EQUAL(bits.lacking(source), static_cast<std::uint32_t>(number));
      all += static_cast<std::uint64_t>(number);
    }
    CAF_REQUIRE_EQUAL(bits.lacking(), all);
  }
}

} // namespace report_bits_suite
