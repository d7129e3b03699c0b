#define CAF_SUITE tick_wheel

#include "xprober/domain/tick_wheel.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "xprober/domain/target.hpp"

#include "caf/test/unit_test.hpp"

namespace tick_wheel_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using visits = std::vector<std::pair<target_index, monotonic_time>>;

visits advance(tick_wheel& wheel, monotonic_time now) {
  visits seen;
  wheel.advance(now,
                [&](target_index target, monotonic_time due) { seen.emplace_back(target, due); });
  return seen;
}

const monotonic_time start{1h + 3ms};

} // namespace

CAF_TEST(every target is due exactly once in a period) {
  tick_wheel wheel{15s};
  for (target_index i = 0; i < 10'000; ++i) {
    wheel.add(i, i * 0x9E3779B97F4A7C15ULL, start);
  }
  std::map<target_index, int> count;
  for (auto now = start; now < start + 30s; now += 7ms) {
    for (const auto& [target, due] : advance(wheel, now)) {
      ++count[target];
      CAF_CHECK(due <= now);
      CAF_CHECK(due > start - 10ms);
    }
  }
  advance(wheel, start + 30s);
  CAF_CHECK_EQUAL(count.size(), 10'000U);
  for (const auto& [target, n] : count) {
    CAF_CHECK(n == 2 || n == 1);
  }
}

CAF_TEST(targets are spread over the whole period) {
  tick_wheel wheel{15s};
  constexpr target_index count = 10'000;
  for (target_index i = 0; i < count; ++i) {
    const auto address = "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256);
    wheel.add(i, stable_hash("eu", address, "icmp"), start);
  }
  std::map<std::int64_t, target_index> in_second;
  for (auto now = start; now < start + 15s; now += 10ms) {
    for (const auto& [target, due] : advance(wheel, now)) {
      ++in_second[(due - start) / 1s];
    }
  }
  CAF_CHECK_EQUAL(in_second.size(), 15U);
  for (const auto& [second, due] : in_second) {
    CAF_CHECK(due > count / 15 * 4 / 5 && due < count / 15 * 6 / 5);
  }
}

CAF_TEST(two visits of a target are one period apart) {
  tick_wheel wheel{15s};
  wheel.add(7, 123'456'789, start);
  visits all;
  for (auto now = start; now < start + 60s; now += 10ms) {
    const auto seen = advance(wheel, now);
    all.insert(all.end(), seen.begin(), seen.end());
  }
  CAF_REQUIRE_EQUAL(all.size(), 4U);
  for (std::size_t i = 1; i < all.size(); ++i) {
    CAF_CHECK(all[i].second - all[i - 1].second == 15s);
  }
}

CAF_TEST(the phase is the same after a restart) {
  tick_wheel before{15s};
  tick_wheel after{15s};
  before.add(1, 42, start);
  after.add(9, 42, start + 4711s + 1ms);
  const auto apart = *after.next_due() - *before.next_due();
  CAF_CHECK(apart % 15s == 0s);
}

CAF_TEST(next_due is the time of the next visit) {
  tick_wheel wheel{15s};
  CAF_CHECK(!wheel.next_due());
  for (const std::uint64_t hash : {3U, 64U, 65U, 700U, 1499U}) {
    wheel.add(static_cast<target_index>(hash), hash, start);
  }
  for (int i = 0; i < 12; ++i) {
    const auto due = wheel.next_due();
    CAF_REQUIRE(due.has_value());
    CAF_CHECK(advance(wheel, *due - 1ms).empty());
    const auto seen = advance(wheel, *due);
    CAF_REQUIRE_EQUAL(seen.size(), 1U);
    CAF_CHECK(seen.front().second == *due);
  }
}

CAF_TEST(a removed target is not visited and its place is free again) {
  tick_wheel wheel{100ms};
  wheel.add(0, 5, start);
  wheel.add(1, 5, start);
  wheel.add(2, 5, start);
  wheel.remove(0);
  wheel.remove(0);
  wheel.remove(77);
  CAF_CHECK_EQUAL(wheel.size(), 2U);
  const auto seen = advance(wheel, start + 100ms);
  CAF_REQUIRE_EQUAL(seen.size(), 2U);
  CAF_CHECK_EQUAL(seen[0].first + seen[1].first, 3U);
  wheel.remove(1);
  wheel.remove(2);
  CAF_CHECK(!wheel.next_due());
  CAF_CHECK(!wheel.due_of(1));
}

CAF_TEST(a wheel that is late by more than a period visits each target once and counts the rest) {
  tick_wheel wheel{1s};
  for (target_index i = 0; i < 10; ++i) {
    wheel.add(i, i * 10, start);
  }
  std::size_t seen = 0;
  const auto left_out = wheel.advance(start + 5s, [&](target_index, monotonic_time) { ++seen; });
  CAF_CHECK_EQUAL(seen, 10U);
  CAF_CHECK_EQUAL(left_out, 40U);
}

CAF_TEST(a new period keeps every target) {
  tick_wheel wheel{15s};
  for (target_index i = 0; i < 100; ++i) {
    wheel.add(i, i * 7919, start);
  }
  wheel.set_period(1s, start);
  CAF_CHECK_EQUAL(wheel.size(), 100U);
  CAF_CHECK_EQUAL(advance(wheel, start + 1s).size(), 100U);
}

CAF_TEST(an empty wheel does not fall behind) {
  tick_wheel wheel{1s};
  CAF_CHECK(advance(wheel, start + 1h).empty());
  wheel.add(0, 0, start + 1h);
  CAF_CHECK_EQUAL(advance(wheel, start + 1h + 1s).size(), 1U);
}

} // namespace tick_wheel_suite
