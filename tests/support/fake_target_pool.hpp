#pragma once

#include <utility>

#include "support/fake_stats.hpp"

/// A stand-in for the target pool, which `hear` listens to as to fake_stats.
namespace fake_target_pool {

template <class Hear>
xprober::target_pool_actor::behavior_type behavior(const Hear& hear) {
  using namespace xprober;
  using fake_stats::answer;
  using fake_stats::handler;
  return {
      answer<targets_answer, get_targets_request>(hear),
      answer<questions_response, questions_request>(hear),
      answer<agent_answer, ask_agent>(hear),
      handler<mesh_update>(hear),
      answer<pool_report, pool_config>(hear),
      [](get_labels_atom) { return target_labels_ptr{}; },
      handler<watch_labels>(hear),
      handler<watch_entered>(hear),
  };
}

template <class Hear>
xprober::target_pool_actor spawn(caf::actor_system& system, Hear hear) {
  const auto begin = [](xprober::target_pool_actor::pointer, const Hear& what) {
    return fake_target_pool::behavior(what);
  };
  return system.spawn(begin, std::move(hear));
}

} // namespace fake_target_pool
