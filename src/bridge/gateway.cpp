#include "xprober/bridge/gateway.hpp"

#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"

namespace xprober::bridge {

caf::behavior gateway(caf::stateful_actor<gateway_state>* self, stats_actor stats) {
  guard_actor(self, gateway_state::name);
  return {
      [self, stats = std::move(stats)](const gateway_job& job) {
        handler_meter meter{self, actor_kind::gateway, stats};
        (*job.run)(self);
      },
  };
}

} // namespace xprober::bridge
