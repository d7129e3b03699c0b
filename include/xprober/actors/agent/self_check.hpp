#pragma once

#include <chrono>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/own_fault_watch.hpp"

namespace xprober {

/// The first look, when the first probes may have ended, and how long it is from look to look.
inline constexpr std::chrono::seconds first_self_check{2};
inline constexpr std::chrono::seconds self_check_interval{5};

/// Looks now and then at what stats knows for what keeps this agent from probing, and tells the
/// syncer, who tells the server with its next question, and stats when that has changed. Neither
/// waits for it.
struct self_check_state {
  static constexpr const char* name = "self_check";

  self_check_actor::pointer self = nullptr;
  syncer_actor syncer;
  stats_actor stats;
  std::uint64_t spool_limit = 0; ///< bytes
  std::string certificate_fault; ///< empty: there is none
  own_fault_watch watch;
  own_fault_report told;

  void check();

private:
  void look(const stats_snapshot& all);
  void note_changes(const own_fault_report& now) const;
};

self_check_actor::behavior_type
self_check(self_check_actor::stateful_pointer<self_check_state> self, syncer_actor syncer,
           stats_actor stats, caf::timespan probe_interval, std::uint64_t spool_limit);

} // namespace xprober
