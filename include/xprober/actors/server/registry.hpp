#pragma once

#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/targets/membership.hpp"

namespace xprober {

/// Changes of the mesh within this time become one update: a thousand agents that start together
/// change the target lists a few times and not a thousand.
inline constexpr std::chrono::milliseconds mesh_settle_time{200};

/// Owns the list of agents that ask for targets. RPC sessions tell it of every request; it tells
/// the target pool, and stats, when an agent has joined or left, and of nothing else.
struct registry_state {
  static constexpr const char* name = "registry";

  registry_actor::pointer self = nullptr;
  target_pool_actor pool;
  stats_actor stats;
  membership members{nanoseconds{0}};
  monotonic_time next_expiry{};        ///< when the armed timer is due
  bool flush_armed = false;            ///< a change waits to be told
  std::vector<identity_clash> clashes; ///< as stats was last told

  void seen(const agent_seen& agent);
  void expire();
  void flush();
  void set_lease(nanoseconds lease);
  agent_listing list() const;

private:
  void changed();
  void note_clashes();
  void arm_expiry();
  void note_refusal(const agent_seen& agent, membership::verdict verdict) const;
};

registry_actor::behavior_type registry(registry_actor::stateful_pointer<registry_state> self,
                                       target_pool_actor pool, stats_actor stats,
                                       caf::timespan lease);

} // namespace xprober
