#define CAF_SUITE draw

#include "simnet/draw.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace draw_suite {

using namespace simnet;

namespace {

int hits(deck& d, double probability, unsigned size, int draws) {
  int count = 0;
  for (int i = 0; i < draws; ++i) {
    count += d.draw(probability, size) ? 1 : 0;
  }
  return count;
}

} // namespace

CAF_TEST(every_whole_deck_has_its_share_exactly) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    deck d{seed};
    CAF_REQUIRE_EQUAL(hits(d, 0.3, 50, 50), 15);
    CAF_REQUIRE_EQUAL(hits(d, 0.3, 50, 50), 15);
  }
}

CAF_TEST(parts_of_a_card_even_out) {
  int all = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    deck d{mixed(seed)};
    const int of_one = hits(d, 0.05, 50, 50); // 2.5 cards
    CAF_REQUIRE(of_one == 2 || of_one == 3);
    all += of_one;
  }
  CAF_CHECK(std::abs(all - 25'000) < 300); // six standard deviations
}

CAF_TEST(never_and_always_are_just_that) {
  deck d{7};
  deck full{8};
  CAF_CHECK_EQUAL(hits(d, 0, 50, 1000), 0);
  CAF_CHECK_EQUAL(hits(full, 1, 50, 1000), 1000);
}

CAF_TEST(the_order_is_the_seeds_and_differs_between_seeds) {
  std::set<std::vector<bool>> orders;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    deck one{seed};
    deck same{seed};
    std::vector<bool> order;
    for (int i = 0; i < 50; ++i) {
      order.push_back(one.draw(0.3, 50));
      CAF_REQUIRE_EQUAL(order.back(), same.draw(0.3, 50));
    }
    orders.insert(order);
  }
  CAF_CHECK_EQUAL(orders.size(), 100u);
}

CAF_TEST(every_place_of_a_deck_is_hit_alike) {
  std::vector<int> by_place(20);
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    deck d{mixed(seed)};
    for (int& count : by_place) {
      count += d.draw(0.25, 20) ? 1 : 0;
    }
  }
  const auto [least, most] = std::minmax_element(by_place.begin(), by_place.end());
  CAF_CHECK(*least > 4600); // 5000, with a standard deviation of 61
  CAF_CHECK(*most < 5400);
}

CAF_TEST(hashes_spread_addresses_that_are_neighbours) {
  double sum = 0;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 10'000; ++i) {
    const auto a =
        *parse_address("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
    seen.insert(hash_of(a, 1));
    sum += as_fraction(hash_of(a, 1));
    CAF_REQUIRE(hash_of(a, 1) != hash_of(a, 2));
  }
  CAF_CHECK_EQUAL(seen.size(), 10'000u);
  CAF_CHECK(std::abs(sum / 10'000 - 0.5) < 0.02);
  CAF_CHECK(hash_of(*parse_address("::"), 1) != hash_of(*parse_address("0.0.0.0"), 1));
}

} // namespace draw_suite
