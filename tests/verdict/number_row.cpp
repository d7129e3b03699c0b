#define CAF_SUITE number_row

#include "xprober/verdict/number_row.hpp"

#include <cstdint>
#include <map>
#include <random>

#include "caf/test/unit_test.hpp"

namespace number_row_suite {

using namespace xprober;

namespace {

std::map<std::uint32_t, std::uint32_t> all_of(const number_row& row) {
  std::map<std::uint32_t, std::uint32_t> all;
  row.for_each([&](std::uint32_t number, std::uint32_t value) {
    CAF_CHECK(all.emplace(number, value).second);
  });
  return all;
}

} // namespace

CAF_TEST(what is set is there until it is erased) {
  number_row row;
  CAF_CHECK_EQUAL(row.get(0), no_number);
  CAF_CHECK(!row.erase(7));
  row.set(7, 1);
  row.set(7, 2);
  row.set(0xFFFFFFFE, 3);
  CAF_CHECK_EQUAL(row.get(7), 2u);
  CAF_CHECK_EQUAL(row.get(0xFFFFFFFE), 3u);
  CAF_CHECK_EQUAL(row.get(8), no_number);
  CAF_CHECK_EQUAL(row.size(), 2u);
  CAF_CHECK(row.erase(7));
  CAF_CHECK(!row.erase(7));
  CAF_CHECK_EQUAL(row.get(7), no_number);
  CAF_CHECK(row.erase(0xFFFFFFFE));
  CAF_CHECK(row.empty());
}

CAF_TEST(it says what a map says however many of the numbers have a value) {
  std::mt19937 random{11};
  for (const auto numbers : {50U, 3000U, 1'000'000U}) {
    number_row row;
    std::map<std::uint32_t, std::uint32_t> truth;
    for (int round = 0; round < 6; ++round) {
      const bool more = round % 2 == 0; // fills, and thins out again
      for (int i = 0; i < 4000; ++i) {
        const auto number = static_cast<std::uint32_t>(random() % numbers);
        const auto value = static_cast<std::uint32_t>(random() % 100);
        if (random() % 8 != 0 ? more : !more) {
          row.set(number, value);
          truth[number] = value;
        } else {
          CAF_REQUIRE(row.erase(number) == (truth.erase(number) == 1));
        }
        CAF_REQUIRE(row.size() == truth.size());
      }
      CAF_CHECK(all_of(row) == truth);
      for (std::uint32_t number = 0; number < 60; ++number) {
        const auto known = truth.find(number);
        CAF_REQUIRE(row.get(number) == (known == truth.end() ? no_number : known->second));
      }
    }
    while (!truth.empty()) {
      CAF_REQUIRE(row.erase(truth.begin()->first));
      truth.erase(truth.begin());
    }
    CAF_CHECK(row.empty());
    CAF_CHECK(all_of(row).empty());
  }
}

CAF_TEST(one far number beside a list of all others keeps what is there) {
  number_row row;
  for (std::uint32_t number = 0; number < 1000; ++number) {
    row.set(number, number + 1);
  }
  row.set(4'000'000'000U, 5);
  CAF_CHECK_EQUAL(row.size(), 1001u);
  CAF_CHECK_EQUAL(row.get(999), 1000u);
  CAF_CHECK_EQUAL(row.get(4'000'000'000U), 5u);
  for (std::uint32_t number = 1000; number < 3000; ++number) {
    row.set(number, number + 1);
  }
  CAF_CHECK_EQUAL(all_of(row).size(), 3001u);
}

} // namespace number_row_suite
