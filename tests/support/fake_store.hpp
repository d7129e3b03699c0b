#pragma once

#include <utility>

#include "support/fake_stats.hpp"

/// A stand-in for the store: `hear` takes what a test wants to hear of, and answers what is asked,
/// as with fake_stats; all else is taken and dropped, or has an empty answer.
namespace fake_store {

template <class Hear>
xprober::store_actor::behavior_type behavior(const Hear& hear) {
  using namespace xprober;
  using fake_stats::answer;
  using fake_stats::handler;
  return {
      [](const push_request&) { return push_response{}; },
      [](const batch_delivery&) { return push_response{}; },
      handler<watch_series>(hear),
      handler<watch_states>(hear),
      [](tell_states_atom) {},
      handler<forget_agents>(hear),
      handler<welcome_agents>(hear),
      handler<forget_targets>(hear),
      handler<welcome_targets>(hear),
      handler<wanted_targets_ptr>(hear),
      answer<kept_page, kept_states_request>(hear),
      handler<kept_states>(hear),
      handler<set_result_ttl>(hear),
      [](expire_atom) {},
      [](page_more_atom) {},
      [](report_due_atom) {},
      [](report_atom) { return done_atom_v; },
      answer<certificate_list, certificate_request>(hear),
      answer<store_view, store_query>(hear),
  };
}

template <class Hear>
xprober::store_actor spawn(caf::actor_system& system, Hear hear) {
  const auto begin = [](xprober::store_actor::pointer, const Hear& what) {
    return fake_store::behavior(what); // not the one that `what` may bring along
  };
  return system.spawn(begin, std::move(hear));
}

} // namespace fake_store
