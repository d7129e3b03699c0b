#pragma once

#include "xprober/actors/chain_actors.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/page_settings.hpp"

namespace xprober::web {

/// What a server's endpoints need.
struct server_handles {
  common_handles common;
  store_actor store;
  registry_actor registry;
  history_actor history;           ///< null: there is none
  bool metrics_per_target = false; ///< rows for each target in `/metrics`
  target_pool_actor pool = {};     ///< knows the targets' labels; null: none has any
  journal_actor journal = {};      ///< says whether batches are taken
  events_actor events = {};        ///< null: nobody can follow what changes
  incidents_actor incidents = {};  ///< null: no incidents and no mutes
  chains_actor chains = {};        ///< null: nobody knows certificates
  std::shared_ptr<settings_place> shown = std::make_shared<settings_place>();
};

/// Adds all of a server's endpoints: its pages (see page_routes.hpp), `/stats`, `/metrics`,
/// `/api/v1/regions`, `/api/v1/matrix`, `/api/v1/states` (see overview_routes.hpp),
/// `/api/v1/status` (see status_routes.hpp), `/api/v1/targets`, `/api/v1/target/{uid}`,
/// `/api/v1/agents`, `/api/v1/certificates`, `/api/v1/history`, `/api/v1/events`, those of
/// incidents and mutes (see incident_routes.hpp), those that ask agents (see question_routes.hpp),
/// `DELETE /api/v1/agents/{region}/{local_ip}`, `/-/healthy`, `/-/ready`, `POST /-/reload`. Another
/// path below `/api/v1/` is answered with 404 and the names of these.
void add_server_routes(net::router& routes, server_handles handles);

} // namespace xprober::web
