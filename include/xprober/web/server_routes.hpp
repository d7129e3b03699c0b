#pragma once

#include "xprober/web/common_routes.hpp"

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
};

/// A server's page lists targets only up to so many stored series: a copy of all of them for each
/// reader of the page would cost more than it tells.
inline constexpr std::uint64_t max_page_series = 100'000;

/// Adds all of a server's endpoints: `/`, `/stats`, `/metrics`, `/api/v1/regions`,
/// `/api/v1/matrix`, `/api/v1/targets`, `/api/v1/agents`, `/api/v1/history`, `/-/healthy`,
/// `/-/ready`, `POST /-/reload`. Another path below `/api/v1/` is answered with 404 and the names
/// of these.
void add_server_routes(net::router& routes, server_handles handles);

} // namespace xprober::web
