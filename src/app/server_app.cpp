#include "xprober/app/server_app.hpp"

#include <boost/asio/post.hpp>

#include "xprober/actors/registry.hpp"
#include "xprober/actors/store.hpp"
#include "xprober/actors/target_pool.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/version.hpp"
#include "xprober/net/http_session.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/router.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/rpc/server.hpp"
#include "xprober/web/server_routes.hpp"

namespace xprober::app {

namespace {

/// Expanding two million addresses takes a second or two.
constexpr std::chrono::seconds configure_timeout{60};

std::string unchangeable(const server_config& now, const server_config& next) {
  std::string keys;
  const auto note = [&](std::string_view key, bool differs) {
    keys += differs ? (keys.empty() ? "" : ", ") + std::string{key} : "";
  };
  note("rpc_listen_addr", now.rpc_listen_addr != next.rpc_listen_addr);
  note("metrics_listen_addr", now.metrics_listen_addr != next.metrics_listen_addr);
  note("rpc", now.rpc != next.rpc);
  note("state_dir", now.state_dir != next.state_dir);
  note("threads", now.threads != next.threads);
  note("shutdown_timeout", now.shutdown_timeout != next.shutdown_timeout);
  note("metrics_per_target", now.metrics_per_target != next.metrics_per_target);
  return keys;
}

pool_config pool_of(const server_config& config) {
  return {config.prober_targets, config.max_targets, config.mesh};
}

} // namespace
