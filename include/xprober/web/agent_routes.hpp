#pragma once

#include "xprober/domain/wire/wire.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/probe_routes.hpp"

namespace xprober::web {

/// What an agent's endpoints need.
struct agent_handles {
  common_handles common;
  results_actor results;
  target_manager_actor target_manager;
  syncer_actor syncer;
  agent_identity identity;
  bool metrics_per_target = false; ///< rows for each target in `/metrics`
  probe_handles probing;           ///< with the presenters for all endpoints
};

/// Adds all of an agent's endpoints: its pages (see page_routes.hpp), `/stats`, `/metrics`,
/// `/targets`, `/targets/{uid}`,
/// `/probe`, `/-/healthy`, `/-/ready` (once a target list was applied, unless nothing can be
/// probed), `POST /-/reload`.
/// Every one answers within the handles' patience for each actor it asks.
void add_agent_routes(net::router& routes, agent_handles handles);

} // namespace xprober::web
