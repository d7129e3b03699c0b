#pragma once

#include <optional>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/targets/membership.hpp"

namespace xprober {

/// Changes of the mesh within this time become one update: a thousand agents that start together
/// change the target lists a few times and not a thousand.
inline constexpr std::chrono::milliseconds mesh_settle_time{200};

/// Who watches the agents hears of them again after so long: with the sweep of the leases every
/// five seconds at least.
inline constexpr std::chrono::seconds agents_watch_interval{4};

/// When an agent was seen last is written to disk so often, if nothing else has changed.
inline constexpr std::chrono::seconds agents_keep_interval{60};

/// Leases are looked at once a second at least. Where that was so long ago the process, or the
/// whole machine, has stood still, and heard nobody meanwhile.
inline constexpr std::chrono::seconds least_standstill{2};

/// Whom the registry tells.
struct registry_parts {
  target_pool_actor pool;
  store_actor store; ///< hears of agents that are no more
  stats_actor stats;
  agent_keeper_actor keeper; ///< null: nothing is kept for the time after a restart
};

struct registry_settings {
  nanoseconds lease{std::chrono::seconds{60}};
  nanoseconds forget{membership::default_forget};
  std::vector<known_agent> known{}; ///< of before the start
  mesh_gate gate{};
};

/// Owns the list of agents that ask for targets. RPC sessions tell it of every request; it tells
/// the target pool, stats and who watches what has become of them, and the store of those that are
/// no more.
struct registry_state {
  static constexpr const char* name = "registry";

  registry_actor::pointer self = nullptr;
  registry_parts parts;
  membership members{nanoseconds{0}};
  monotonic_time next_expiry{};    ///< when the armed timer is due
  monotonic_time expired{};        ///< when leases were looked at last
  bool flush_armed = false;        ///< a change waits to be told
  std::optional<mesh_update> told; ///< as the pool was told
  std::optional<std::uint64_t> told_stats;
  std::vector<caf::actor> watchers;
  monotonic_time watchers_told{};
  keep_agents unkept;                         ///< what the keeper is still to be told
  monotonic_time seen_kept{};                 ///< when it was told of all that were seen
  std::vector<identity_clash> clashes;        ///< as stats was last told
  std::optional<monotonic_time> last_refusal; ///< of one who is not taken into the mesh

  void start(const registry_settings& settings);
  void forget_departed();
  void seen(const agent_seen& agent);
  bool leave(const agent_gone& agent);
  bool retire(const agent_identity& agent);
  void note(const agent_delivery& so_far);
  void serve(); ///< agents can ask from now on
  void expire();
  void flush();
  void set_lease(nanoseconds lease);
  void set_forget(nanoseconds forget);
  void set_gate(const mesh_gate& gate);
  void watch(const caf::actor& watcher);
  agent_listing list() const;

private:
  void take_changes();
  void note(const life_event& event) const;
  void tell_watchers();
  void keep_seen();
  void note_clashes();
  void arm_expiry();
  void note_refusal(const agent_seen& agent, membership::verdict verdict);
  void forget_refusals();
};

registry_actor::behavior_type registry(registry_actor::stateful_pointer<registry_state> self,
                                       registry_parts parts, const registry_settings& settings);

} // namespace xprober
