#pragma once

#include <cstdint>

#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/store_agents.hpp"
#include "xprober/store/store_aggregates.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_targets.hpp"
#include "xprober/store/store_texts.hpp"

namespace xprober {

/// Whom the rows of a store are of: its agents and its targets, and the texts that name both. Of a
/// series (a `wire_value`) only the names count here.
struct store_names {
  store_texts texts;
  store_agents agents;
  store_targets targets;

  static store_targets::name target_in(const wire_value& series) noexcept {
    return {series.target_region, series.target_addr, series.probe_type};
  }
  /// `no_slot` for those that are not there.
  slot find_agent(const wire_value& series) const {
    return agents.find(texts, series.source_region, series.worker_name);
  }
  slot find_target(const wire_value& series) const {
    return targets.find(texts, target_in(series));
  }

  struct owners {
    slot agent = no_slot;
    slot target = no_slot;
  };
  /// The agent and the target of a series, with one more row each; who is not there yet comes.
  /// `target`: what `find_target` says.
  owners add_row(const wire_value& series, slot target);
  /// Undoes an `add_row`: who has no row any more goes, but for a target that was forgotten.
  void remove_row(const owners& of);

  /// Which aggregate a row of these belongs to.
  store_aggregates::place place_of(slot agent, slot target) const noexcept {
    const auto& t = targets[target];
    return {agents[agent].region, t.region, t.address};
  }

  /// `stable_hash` of a target's names.
  std::uint64_t uid_hash(slot target) const;
};

} // namespace xprober
