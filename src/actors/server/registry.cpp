#include "xprober/actors/server/registry.hpp"

#include <algorithm>
#include <bit>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

/// As many as people read.
constexpr std::size_t most_warnings = 20;

/// Leases are looked at often enough that a member leaves at most a quarter of its lease late.
nanoseconds sweep_interval(nanoseconds lease) {
  return std::clamp<nanoseconds>(lease / 4, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

/// What a stranger sent, fit for a log line.
std::string printable(std::string_view text) {
  return is_clean_text(text) && text.size() <= max_region_bytes ? std::string{text} : "(not clean)";
}

} // namespace

void registry_state::seen(const agent_seen& agent) {
  const auto verdict = members.seen(agent.agent, {agent.peer, agent.process}, self->clock().now(),
                                    wall_clock::now());
  switch (verdict) {
  case membership::verdict::renewed: break;
  case membership::verdict::joined:
    log::info(
        "registry", "agent joined",
        {{"region", agent.agent.region}, {"address", agent.agent.local_ip}, {"peer", agent.peer}});
    changed();
    break;
  default: note_refusal(agent, verdict);
  }
}

void registry_state::note_refusal(const agent_seen& agent, membership::verdict verdict) const {
  // An agent asks every few seconds: the first line, the second, the fourth, and so on.
  if (!std::has_single_bit(members.refused())) {
    return;
  }
  log::warn("registry", "agent gets targets and is not taken into the mesh",
            {{"reason", to_string(verdict)},
             {"region", printable(agent.agent.region)},
             {"address", printable(agent.agent.local_ip)},
             {"peer", agent.peer},
             {"refused", members.refused()}});
}

void registry_state::expire() {
  const auto now = self->clock().now();
  if (const auto left = members.expire(now); left > 0) {
    log::info("registry", "agents left", {{"agents", left}, {"remaining", members.size()}});
    changed();
  }
  note_clashes();
  // Only the timer's own message arms the next one, so that there is always one.
  if (now >= next_expiry) {
    arm_expiry();
  }
}

void registry_state::note_clashes() {
  auto found = members.clashes(self->clock().now());
  if (found == clashes) {
    return;
  }
  warnings_report report{"registry", {}};
  for (const auto& clash : found) {
    auto line = "two agents say that they are " + clash.agent.region + " " + clash.agent.local_ip +
                ", from " + clash.peer + " and from " + clash.other_peer +
                "; give each a region and local_ip of its own";
    // Their addresses change where they come through a proxy, and that is no news.
    if (std::ranges::find(clashes, clash.agent, &identity_clash::agent) == clashes.end()) {
      log::warn("registry", line);
    }
    if (report.lines.size() < most_warnings) {
      report.lines.push_back(std::move(line));
    }
  }
  self->send(stats, std::move(report));
  clashes = std::move(found);
}

void registry_state::arm_expiry() {
  next_expiry = self->clock().now() + sweep_interval(members.lease());
  self->scheduled_send(self, next_expiry, expire_leases_atom_v);
}

void registry_state::changed() {
  if (!flush_armed) {
    flush_armed = true;
    self->delayed_send(self, mesh_settle_time, tell_mesh_atom_v);
  }
}

void registry_state::flush() {
  flush_armed = false;
  self->send(pool, mesh_update{members.identities()});
  self->send(stats, registry_stats{members.size()});
}

void registry_state::set_lease(nanoseconds lease) {
  members.set_lease(lease);
  expire();
}

agent_listing registry_state::list() const {
  agent_listing listing;
  listing.agents.reserve(members.size());
  for (const auto& m : members.list()) {
    listing.agents.push_back({m.agent, m.peer, to_unix_seconds(m.first_seen),
                              to_unix_seconds(m.last_seen), m.clock_skew_ms});
  }
  return listing;
}

registry_actor::behavior_type registry(registry_actor::stateful_pointer<registry_state> self,
                                       target_pool_actor pool, stats_actor stats,
                                       caf::timespan lease) {
  guard_actor(self, "registry");
  auto& state = self->state;
  state.self = self;
  state.pool = std::move(pool);
  state.stats = std::move(stats);
  state.members.set_lease(lease);
  self->send(self, expire_leases_atom_v);
  return {
      [self](const agent_seen& agent) {
        const handler_meter meter{self, actor_kind::registry, self->state.stats};
        self->state.seen(agent);
      },
      [self](expire_leases_atom) {
        const handler_meter meter{self, actor_kind::registry, self->state.stats};
        self->state.expire();
      },
      [self](tell_mesh_atom) {
        const handler_meter meter{self, actor_kind::registry, self->state.stats};
        self->state.flush();
      },
      [self](const set_mesh_lease& next) {
        const handler_meter meter{self, actor_kind::registry, self->state.stats};
        self->state.set_lease(next.length);
      },
      [self](const agent_clock& clock) {
        const handler_meter meter{self, actor_kind::registry, self->state.stats};
        self->state.members.set_clock_skew(clock.agent, clock.skew_ms);
      },
      [self](get_agents_atom) {
        const handler_meter meter{self, actor_kind::registry, self->state.stats};
        return self->state.list();
      },
  };
}

} // namespace xprober
