#pragma once

#include <deque>
#include <span>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/tick_wheel.hpp"

namespace xprober {

/// Owns the wheel. The target manager puts targets in and takes them out; every target gets one
/// `tick` in a period. Sleeps until the next occupied slot, so few targets cost few wake-ups.
struct ticker_state {
  static constexpr const char* name = "ticker";

  /// A target whose phase is further away than this is also ticked as soon as it comes in, so
  /// that a new target is not blind for a whole period; as long as few come in at once.
  static constexpr std::chrono::seconds first_tick_wait{3};
  static constexpr std::size_t first_ticks_per_second = 100;

  ticker_actor::pointer self = nullptr;
  stats_actor stats;
  tick_wheel wheel{std::chrono::seconds{15}};
  std::deque<target_actor> targets; ///< by index; invalid where none is in. Never grows at once:
                                    ///< that would make a million targets' ticks late
  std::uint64_t generation = 0;     ///< of the armed timer
  monotonic_time armed_for = monotonic_time::max();
  monotonic_time burst_began{};
  std::size_t burst_used = 0;
  bool stopped = false;

  void schedule(const schedule_target& what, const target_actor& target);
  void forget(target_index index);
  void set_period(nanoseconds period);
  void advance(std::uint64_t timer_generation);
  void stop();

private:
  void turn(monotonic_time now);
  void tick_all(std::span<const target_index> due_now, monotonic_time due);
  void arm();
  bool may_tick_at_once(monotonic_time now);
};

ticker_actor::behavior_type ticker(ticker_actor::stateful_pointer<ticker_state> self,
                                   stats_actor stats, caf::timespan period);

} // namespace xprober
