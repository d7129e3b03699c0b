#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/probes/presenter.hpp"
#include "xprober/probes/presenter_table.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober::app {

/// What an engine is made of.
struct engine_setup {
  const agent_config* config = nullptr; ///< read by the constructor alone
  /// Called on the engine's thread with its counters; must not block.
  std::function<void(const engine_report&)> report;
};

/// A kind of probe with all that runs and shows it. What is here the agent probes; nothing else in
/// the program knows an engine.
struct prober_entry {
  const probe_kind* kind = nullptr;          ///< outlives everything
  const kind_presenter* presenter = nullptr; ///< likewise
  /// May throw std::exception for settings that cannot be used: what() says why.
  std::function<std::unique_ptr<probe_engine>(const engine_setup&)> make;
};

/// All kinds that this program has engines for, in the table's order.
const std::vector<prober_entry>& builtin_probers();

/// Their presenters.
presenter_table presenters_of(const std::vector<prober_entry>& probers);

/// Null for a kind that is not among them.
const prober_entry* find_prober(const std::vector<prober_entry>& probers, const probe_kind& kind);

} // namespace xprober::app
