#pragma once

#include <utility>

#include "support/fake_stats.hpp"

/// A stand-in for the actor of results, which `hear` listens to as to fake_stats.
namespace fake_results {

template <class Hear>
xprober::results_actor::behavior_type behavior(const Hear& hear) {
  using namespace xprober;
  using fake_stats::handler;
  return {
      [hear](const result_round& round) {
        for (const auto& result : round.results) {
          handler<probe_result_ptr>(hear)(result);
        }
      },
      handler<target_begun>(hear),
      handler<target_gone>(hear),
      [](const take_results&) { return result_batch{}; },
      handler<spool_change>(hear),
      [](const watch_chains&) {},
      [](const target_query&) { return target_listing{}; },
      [](latest_results_atom) { return target_listing{}; },
      [](report_atom) { return done_atom_v; },
      [](report_due_atom) {},
      [](list_more_atom) {},
  };
}

template <class Hear>
xprober::results_actor spawn(caf::actor_system& system, Hear hear) {
  const auto begin = [](xprober::results_actor::pointer, const Hear& what) {
    return fake_results::behavior(what);
  };
  return system.spawn(begin, std::move(hear));
}

} // namespace fake_results
