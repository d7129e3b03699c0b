#pragma once

#include <chrono>
#include <memory>

#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/net/router.hpp"
#include "xprober/net/work_thread.hpp"

namespace xprober::web {

/// What the endpoints of incidents and mutes need.
struct incident_handles {
  caf::actor gateway;        ///< that `bridge::ask` goes through
  incidents_actor incidents; ///< null: there is none, and all of them are answered with 404
  std::chrono::milliseconds patience{5000};
  std::shared_ptr<net::work_thread> work{}; ///< see common_handles
};

/// `/api/v1/incidents`, `/api/v1/incidents/{id}`, `POST /api/v1/incidents/{id}/acknowledge`,
/// `/api/v1/mutes`, `POST /api/v1/mutes`, `DELETE /api/v1/mutes/{id}`. Who can reach the port can
/// use them; what changes something is JSON or a DELETE, which a page of another site cannot make a
/// browser send.
void add_incident_routes(net::router& routes, incident_handles handles);

} // namespace xprober::web
