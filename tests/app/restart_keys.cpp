#define CAF_SUITE restart_keys

#include "xprober/app/restart_keys.hpp"

#include "xprober/domain/kind_table.hpp"

#include <caf/test/dsl.hpp>

namespace restart_keys_suite {

using namespace xprober;

CAF_TEST(an agent names what differs and needs a restart) {
  const agent_config now;
  auto next = now;
  CAF_CHECK_EQUAL(app::restart_keys(now, next), "");
  next.probe_interval *= 2;
  next.modules["m"].prober = &kinds::http();
  CAF_CHECK_EQUAL(app::restart_keys(now, next), "");
  next.rpc_server_addr = {"elsewhere:1"};
  next.rpc.token_file = "/elsewhere";
  CAF_CHECK_EQUAL(app::restart_keys(now, next), "");
  CAF_CHECK_EQUAL(app::restart_keys(now, next, true), "rpc_server_addr, rpc");
  next.region = "r";
  next.state_dir = "/elsewhere";
  next.icmp.socket = icmp_socket::dgram;
  CAF_CHECK_EQUAL(app::restart_keys(now, next), "region, state_dir, icmp.socket");
}

CAF_TEST(a server names what differs and needs a restart) {
  const server_config now;
  auto next = now;
  next.max_targets += 1;
  next.remote_write.emplace_back();
  next.alerts.results += 1;
  CAF_CHECK_EQUAL(app::restart_keys(now, next), "");
  next.rpc_listen_addr = "127.0.0.1:1";
  next.threads += 1;
  next.connections.bytes *= 2;
  next.web.allowed_hosts = {"*"};
  next.history.enabled = !now.history.enabled;
  next.access.emplace_back();
  next.web.token_file = "/elsewhere";
  CAF_CHECK_EQUAL(app::restart_keys(now, next),
                  "rpc_listen_addr, limits, threads, history.enabled");
}

} // namespace restart_keys_suite
