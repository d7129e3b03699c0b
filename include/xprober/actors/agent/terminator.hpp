#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// Whom the terminator of an agent ends, in this order.
struct terminator_parts {
  syncer_actor syncer;
  ticker_actor ticker;
  /// Calls back once nothing is in flight on any engine; from any thread.
  std::function<void(std::function<void()>)> drain_engines;
  target_manager_actor manager;
  pusher_actor pusher;
  stats_actor stats;
};

/// Ends an agent in order: no more lists and ticks, probes in flight end (half of the time at
/// most), targets are killed, results are pushed (the other half), and where there is time left the
/// server hears that the agent has ended. Whoever stops the program asks it once, and ends the
/// actor system after the answer.
struct terminator_state {
  static constexpr const char* name = "terminator";

  terminator_actor::pointer self = nullptr;
  terminator_parts parts;
  nanoseconds timeout{0};
  monotonic_time began{};
  bool stopping = false;
  bool drained = false;
  std::vector<caf::typed_response_promise<flush_report>> waiting;
  std::optional<flush_report> answer; ///< set once all is done

  void stop(caf::typed_response_promise<flush_report> promise);
  void engines_drained();

private:
  void drain();
  void flush();
  void say_goodbye(const flush_report& report);
  nanoseconds time_left() const;
  void finish(const flush_report& report);
};

terminator_actor::behavior_type
terminator(terminator_actor::stateful_pointer<terminator_state> self, terminator_parts parts,
           caf::timespan timeout);

} // namespace xprober
