#pragma once

#include <map>

#include "xprober/actors/actors.hpp"
#include "xprober/probes/engine_table.hpp"

namespace xprober {

/// What `/probe` offers with a configuration: its modules, and the names of the kinds that there
/// are engines for, which are their sections, see `ad_hoc_module`. `http_2xx`, the module of a
/// question that names none, is the first kind that takes URLs unless the configuration has such a
/// module.
probe_modules make_probe_modules(const agent_config& config, const engine_table& engines);

/// Starts probes that are for no target of the list, a bounded number at the same time, and hands
/// their answers to those who asked. A probe that the prober's own overload has spoilt is made
/// again while more than half of its time is left, twice at most. The engines count them as they
/// count all probes. It also asks the engines for their counters on behalf of `stats`, which knows
/// no engine.
struct prober_state {
  static constexpr const char* name = "prober";

  prober_actor::pointer self = nullptr;
  engine_table engines;
  stats_actor stats;
  probe_modules offer;
  bool ending = false;
  std::uint64_t last_number = 0;
  struct running_question {
    caf::typed_response_promise<probe_answer_ptr> promise;
    probe_question question;
    probe_module module;
    monotonic_time begun{};
    unsigned attempts = 0; ///< probes
  };
  std::map<std::uint64_t, running_question> running;
  probe_request_stats counts;
  struct asked_report {
    caf::typed_response_promise<done_atom> promise;
    std::size_t left = 0; ///< engines that have not told yet
  };
  std::uint64_t last_report = 0;
  std::map<std::uint64_t, asked_report> reports; ///< by number

  /// Lets the engines tell their counters.
  caf::result<done_atom> report();
  void reported(std::uint64_t number);

  void ask(const probe_question& question, caf::typed_response_promise<probe_answer_ptr> promise);
  void answered(const probe_answered& done);

private:
  void start(std::uint64_t number, running_question& asked);
  /// True where the prober's own overload spoilt the probe and there is time to make it again.
  bool is_spoilt(const probe_answer& answer, const running_question& asked) const;
  void tell_stats();
};

/// The engines must outlive the actor.
prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   const engine_table& engines, stats_actor stats,
                                   probe_modules offer);

} // namespace xprober
