#pragma once

#include "xprober/actors/chain_actors.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::app {

/// The actors of a server but for those that every process has.
struct server_actors {
  events_actor events; ///< takes what changes from the incidents
  store_actor store;
  series_keeper_actor keeper; ///< null: nothing is kept
  target_pool_actor pool;
  registry_actor registry;
  journal_actor journal;
  discovery_actor discovery;
  history_actor history; ///< null: disabled
  incidents_actor incidents;
  chains_actor chains;

  /// Spawns all of them, and comes back when what was acknowledged before is there and the targets
  /// are obeyed. Throws net::setup_error where the configuration cannot be used.
  void start(actor_host& host, const server_config& config);

private:
  void spawn(actor_host& host, const server_config& config);
};

/// How long results count, and the state of their series after them.
set_result_ttl ttl_of(const server_config& config);

/// The configured part of where targets come from.
discovery_config targets_of(const server_config& config);
/// Who may enter the mesh.
mesh_gate gate_of(const server_config& config);

} // namespace xprober::app
