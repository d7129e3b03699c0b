#pragma once

#include <array>
#include <map>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// What `/probe` offers with a configuration: its modules, the built-in `http` and `icmp`, and
/// `http_2xx` where no module has that name. `http` and `http_2xx` are the section `http`. `icmp`
/// is the section `icmp` with a single echo, which may take as long as the probe: what
/// blackbox_exporter's users know by that name.
probe_modules make_probe_modules(const agent_config& config);

/// Starts probes that are for no target of the list, a bounded number at the same time, and hands
/// their answers to those who asked. The engines count them as they count all probes. It also asks
/// the engines for their counters on behalf of `stats`, which knows no engine.
struct prober_state {
  static constexpr const char* name = "prober";

  prober_actor::pointer self = nullptr;
  std::array<probe_engine*, probe_type_count> engines{};
  stats_actor stats;
  probe_modules offer;
  bool ending = false;
  std::uint64_t last_number = 0;
  std::map<std::uint64_t, caf::typed_response_promise<probe_answer_ptr>> running;
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
  void start(const probe_question& question, const probe_module& module);
  void tell_stats();
};

/// The engines must outlive the actor.
prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   std::array<probe_engine*, probe_type_count> engines,
                                   stats_actor stats, probe_modules offer);

} // namespace xprober
