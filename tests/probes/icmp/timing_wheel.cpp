#define CAF_SUITE timing_wheel

#include "xprober/probes/icmp/timing_wheel.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace timing_wheel_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace std::chrono_literals;

namespace {

const monotonic_time origin{1000s};

std::vector<std::uint32_t> woken(timing_wheel& wheel, monotonic_time now) {
  std::vector<std::uint32_t> ids;
  wheel.advance(now, [&](std::uint32_t id) { ids.push_back(id); });
  return ids;
}

using ids = std::vector<std::uint32_t>;

} // namespace

CAF_TEST(an_id_wakes_once_and_never_early) {
  timing_wheel wheel(origin);
  wheel.wake_by(3, origin + 10500us);
  CAF_CHECK(woken(wheel, origin + 10ms).empty());
  CAF_CHECK(woken(wheel, origin + 10999us).empty());
  CAF_CHECK_EQUAL(woken(wheel, origin + 11ms), ids{3});
  CAF_CHECK(woken(wheel, origin + 50s).empty());
  CAF_CHECK(wheel.empty());
}

CAF_TEST(next_names_the_earliest_wake_up) {
  timing_wheel wheel(origin);
  CAF_CHECK(!wheel.next());
  wheel.wake_by(1, origin + 300ms);
  wheel.wake_by(2, origin + 70ms);
  CAF_CHECK(wheel.next() == origin + 70ms);
  CAF_CHECK_EQUAL(woken(wheel, origin + 70ms), ids{2});
  CAF_CHECK(wheel.next() == origin + 300ms);
}

CAF_TEST(an_earlier_wish_moves_the_wake_up_and_a_later_one_does_not) {
  timing_wheel wheel(origin);
  wheel.wake_by(1, origin + 100ms);
  wheel.wake_by(1, origin + 200ms);
  CAF_CHECK(wheel.next() == origin + 100ms);
  wheel.wake_by(1, origin + 50ms);
  CAF_CHECK(wheel.next() == origin + 50ms);
  CAF_CHECK_EQUAL(woken(wheel, origin + 1s), ids{1});
  CAF_CHECK(wheel.empty());
}

CAF_TEST(a_cancelled_id_does_not_wake) {
  timing_wheel wheel(origin);
  wheel.wake_by(1, origin + 5ms);
  wheel.wake_by(2, origin + 5ms);
  wheel.wake_by(3, origin + 5ms);
  wheel.cancel(2);
  wheel.cancel(2);
  wheel.cancel(99);
  CAF_CHECK(!wheel.scheduled(2));
  auto ids_woken = woken(wheel, origin + 5ms);
  std::sort(ids_woken.begin(), ids_woken.end());
  CAF_CHECK_EQUAL(ids_woken, (ids{1, 3}));
}

CAF_TEST(the_past_wakes_at_the_next_tick) {
  timing_wheel wheel(origin);
  woken(wheel, origin + 10s);
  wheel.wake_by(1, origin + 1s);
  CAF_CHECK_EQUAL(woken(wheel, origin + 10s + 1ms), ids{1});
}

CAF_TEST(what_lies_beyond_the_ring_wakes_at_its_end) {
  timing_wheel wheel(origin);
  wheel.wake_by(1, origin + 1h);
  wheel.wake_by(2, monotonic_time::max() - 1h);
  const auto end = origin + (timing_wheel::bucket_count - 1) * timing_wheel::bucket_width;
  CAF_CHECK(woken(wheel, end - 1ns).empty());
  CAF_CHECK_EQUAL(woken(wheel, end).size(), 2u);
}

CAF_TEST(whoever_is_woken_may_schedule_and_cancel) {
  timing_wheel wheel(origin);
  wheel.wake_by(1, origin + 5ms);
  wheel.wake_by(2, origin + 6ms);
  wheel.wake_by(3, origin + 5ms);
  std::vector<std::uint32_t> order;
  wheel.advance(origin + 20ms, [&](std::uint32_t id) {
    order.push_back(id);
    if (order.size() == 1) {
      wheel.cancel(id == 1 ? 3 : 1); // of the same bucket
      wheel.wake_by(4, origin + 5ms);
    }
  });
  CAF_CHECK_EQUAL(order.size(), 3u);
  CAF_CHECK(std::count(order.begin(), order.end(), 2) == 1);
  CAF_CHECK(std::count(order.begin(), order.end(), 4) == 1);
  CAF_CHECK(wheel.empty());
}

CAF_TEST(a_long_sleep_costs_nothing_and_loses_nothing) {
  timing_wheel wheel(origin);
  wheel.wake_by(1, origin + 3s);
  CAF_CHECK_EQUAL(woken(wheel, origin + 24h * 365), ids{1});
  wheel.wake_by(1, origin + 24h * 365 + 2s);
  CAF_CHECK(wheel.next() == origin + 24h * 365 + 2s);
}

CAF_TEST(it_agrees_with_a_map_over_random_operations) {
  timing_wheel wheel(origin);
  std::map<std::uint32_t, monotonic_time> expected; // when each id has to be woken, rounded up
  std::mt19937 random(42);
  monotonic_time now = origin;
  const auto round_up = [](monotonic_time t) {
    const auto since = t - origin;
    return origin + (since + 1ms - 1ns) / 1ms * 1ms;
  };
  for (int step = 0; step < 200'000; ++step) {
    const std::uint32_t id = random() % 200;
    const auto choice = random() % 10;
    if (choice < 6) {
      const auto at = std::max(round_up(now + std::chrono::microseconds(random() % 2'000'000)),
                               origin + ((now - origin) / 1ms + 1) * 1ms);
      wheel.wake_by(id, at);
      const auto [it, added] = expected.emplace(id, at);
      if (!added) {
        it->second = std::min(it->second, at);
      }
    } else if (choice < 7) {
      wheel.cancel(id);
      expected.erase(id);
    } else {
      now += std::chrono::microseconds(random() % 30'000);
      wheel.advance(now, [&](std::uint32_t fired) {
        const auto it = expected.find(fired);
        CAF_REQUIRE(it != expected.end());
        CAF_REQUIRE(it->second <= now);
        expected.erase(it);
      });
      CAF_REQUIRE(std::none_of(expected.begin(), expected.end(),
                               [&](const auto& e) { return e.second <= now; }));
    }
    CAF_REQUIRE(wheel.empty() == expected.empty());
  }
  CAF_CHECK(true);
}

} // namespace timing_wheel_suite
