#define CAF_SUITE clock_bridge

#include "xprober/probes/icmp/clock_bridge.hpp"

#include "caf/test/unit_test.hpp"

namespace clock_bridge_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace std::chrono_literals;

namespace {

/// Both clocks of a machine; the wall clock can be stepped.
struct machine {
  monotonic_time now{5000s};
  nanoseconds wall_minus_monotonic = 1'700'000'000s;

  nanoseconds wall() const { return now.time_since_epoch() + wall_minus_monotonic; }
  clock_reading read() const { return {now, wall(), 100ns}; }
};

} // namespace

CAF_TEST(a_stamp_converts_to_the_time_it_was_taken) {
  machine m;
  clock_bridge bridge;
  const monotonic_time arrival = m.now;
  const nanoseconds stamp = m.wall();
  m.now += 3ms;
  bridge.observe(m.read());
  CAF_CHECK(bridge.to_monotonic(stamp) == arrival);
}

CAF_TEST(a_step_of_the_wall_clock_bends_nothing) {
  for (const nanoseconds step : {nanoseconds{3600s}, nanoseconds{-3600s}, nanoseconds{300ms},
                                 nanoseconds{-300ms}, nanoseconds{5ms}, nanoseconds{-5ms}}) {
    machine m;
    clock_bridge bridge;
    bridge.observe(m.read());
    // One packet is stamped before the step, one after it; both are read after it.
    m.now += 1s;
    const monotonic_time first = m.now;
    const nanoseconds first_stamp = m.wall();
    m.now += 10us;
    m.wall_minus_monotonic += step;
    const monotonic_time second = m.now;
    const nanoseconds second_stamp = m.wall();
    m.now += 500us;
    bridge.observe(m.read());
    CAF_CHECK(bridge.to_monotonic(first_stamp) == first);
    CAF_CHECK(bridge.to_monotonic(second_stamp) == second);
    // More of the packets from before the step come with the next batch.
    m.now += 100us;
    bridge.observe(m.read());
    CAF_CHECK(bridge.to_monotonic(first_stamp) == first);
    CAF_CHECK(bridge.to_monotonic(second_stamp) == second);
    // And long after it only the new offset is left.
    m.now += 5s;
    const nanoseconds last_stamp = m.wall();
    bridge.observe(m.read());
    CAF_CHECK(bridge.to_monotonic(last_stamp) == m.now);
  }
}

CAF_TEST(a_small_step_errs_by_no_more_than_the_waiting_time) {
  machine m;
  clock_bridge bridge;
  bridge.observe(m.read());
  m.now += 1s;
  const monotonic_time arrival = m.now;
  const nanoseconds stamp = m.wall();
  m.wall_minus_monotonic += 200us;
  m.now += 1ms;
  bridge.observe(m.read());
  const nanoseconds error = std::chrono::abs(bridge.to_monotonic(stamp) - arrival);
  CAF_CHECK(error <= 1ms);
}

CAF_TEST(nothing_comes_from_the_future) {
  machine m;
  clock_bridge bridge;
  bridge.observe(m.read());
  CAF_CHECK(bridge.to_monotonic(m.wall() + 5s) == m.now);
}

CAF_TEST(a_disturbed_reading_does_not_shake_the_offset) {
  machine m;
  clock_bridge bridge;
  bridge.observe(m.read());
  m.now += 1ms;
  clock_reading disturbed = m.read();
  disturbed.wall += 4ms;
  disturbed.uncertainty = 10ms;
  bridge.observe(disturbed);
  const nanoseconds stamp = m.wall() - 200us;
  CAF_CHECK(bridge.to_monotonic(stamp) == m.now - 200us);
}

CAF_TEST(the_clocks_are_read_close_together) {
  const clock_reading a = read_clocks();
  const clock_reading b = read_clocks();
  CAF_CHECK(b.monotonic >= a.monotonic);
  const nanoseconds moved = (b.wall - a.wall) - (b.monotonic - a.monotonic);
  CAF_CHECK(std::chrono::abs(moved) <= a.uncertainty + b.uncertainty + 50us);
}

CAF_TEST(send_times_are_spread_over_the_system_call) {
  const monotonic_time before{10s};
  const monotonic_time after = before + 640us;
  CAF_CHECK(interpolate_send_time(before, after, 0, 64) == before);
  CAF_CHECK(interpolate_send_time(before, after, 32, 64) == before + 320us);
  CAF_CHECK(interpolate_send_time(before, after, 63, 64) < after);
  CAF_CHECK(interpolate_send_time(before, before, 5, 64) == before);
  CAF_CHECK(interpolate_send_time(before, after, 0, 0) == before);
}

} // namespace clock_bridge_suite
