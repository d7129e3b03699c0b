#include "xprober/actors/server/registry.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/time_text.hpp"

namespace xprober {

namespace {

/// As many as people read.
constexpr std::size_t most_warnings = 20;

/// Leases are looked at often enough that a member is lost at most a quarter of its lease late.
nanoseconds sweep_interval(nanoseconds lease) {
  return std::clamp<nanoseconds>(lease / 4, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

/// True where nobody is to miss the agent any more.
bool is_end(life_change what) {
  return what == life_change::left || what == life_change::retired ||
         what == life_change::forgotten;
}

bool is_listed(life_change what) {
  return what != life_change::retired && what != life_change::forgotten &&
         what != life_change::dropped;
}

/// What a stranger sent, fit for a log line.
std::string printable(std::string_view text) {
  return is_clean_text(text) && text.size() <= max_region_bytes ? std::string{text} : "(not clean)";
}

} // namespace

void registry_state::start(const registry_settings& settings) {
  const auto now = self->clock().now();
  members.set_lease(settings.lease);
  members.set_forget(settings.forget);
  members.set_gate(settings.gate);
  if (!settings.known.empty()) {
    members.restore(settings.known, now, wall_clock::now());
    forget_departed();
    flush();
  }
  watchers_told = now;
  seen_kept = now;
  expired = now;
  self->send(self, expire_leases_atom_v);
}

/// What the store has of them is of before the start, or is on its way to it.
void registry_state::forget_departed() {
  forget_agents departed;
  for (const auto& m : members.list()) {
    if (m.state == agent_state::left) {
      departed.agents.push_back(m.agent);
    }
  }
  if (!departed.agents.empty()) {
    self->send(parts.store, std::move(departed));
  }
}

void registry_state::seen(const agent_seen& agent) {
  const auto verdict = members.seen(agent.agent, {agent.peer, agent.process}, self->clock().now(),
                                    wall_clock::now(), agent.about);
  if (verdict != membership::verdict::joined && verdict != membership::verdict::renewed) {
    note_refusal(agent, verdict);
  }
  take_changes();
}

bool registry_state::leave(const agent_gone& agent) {
  const bool known =
      members.leave(agent.agent, agent.process, self->clock().now(), wall_clock::now());
  take_changes();
  return known;
}

bool registry_state::retire(const agent_identity& agent) {
  const bool known = members.retire(agent);
  take_changes();
  return known;
}

/// Who watches hears of what comes late with the next listing, and at once of its end.
void registry_state::note(const agent_delivery& so_far) {
  members.note_delivery(so_far.agent, so_far.newest_unix, so_far.late, wall_clock::now());
  take_changes();
}

void registry_state::serve() { members.begin(self->clock().now()); }

/// What has become of agents since the last call: who is no more is told of at once, the rest when
/// the burst of changes is over.
void registry_state::take_changes() {
  const auto events = members.take_events();
  forget_agents ended;
  welcome_agents come;
  for (const auto& event : events) {
    note(event);
    if (is_end(event.what)) {
      ended.agents.push_back(event.who.agent);
    } else if (event.what == life_change::joined) {
      come.agents.push_back(event.who.agent);
    }
    if (parts.keeper) {
      unkept.changes.push_back({event.who, !is_listed(event.what)});
    }
  }
  if (!ended.agents.empty()) {
    self->send(parts.store, std::move(ended));
  }
  if (!come.agents.empty()) {
    self->send(parts.store, std::move(come));
  }
  const bool changed = members.take_changed() || !events.empty();
  if (changed && !flush_armed) {
    flush_armed = true;
    self->delayed_send(self, mesh_settle_time, tell_mesh_atom_v);
  }
}

void registry_state::note(const life_event& event) const {
  const auto& who = event.who.agent;
  const auto told_of = [&](std::string_view what) {
    log::info("registry", what,
              {{"region", who.region}, {"address", who.local_ip}, {"peer", event.peer}});
  };
  switch (event.what) {
  case life_change::joined: return told_of("agent joined");
  case life_change::back: return told_of("agent is back");
  case life_change::left: return told_of("agent left");
  case life_change::retired: return told_of("agent retired");
  case life_change::forgotten: return told_of("agent forgotten: it was lost for too long");
  case life_change::dropped: return;
  case life_change::still_asks:
    log::warn("registry",
              "agent is in retired_agents and still asks: it gets its targets and its results "
              "count, it is no target of the others, and nobody is told when it goes",
              {{"region", who.region}, {"address", who.local_ip}, {"peer", event.peer}});
    return;
  case life_change::lost: break;
  }
  log::warn("registry", "agent lost: it asks no more and has not said goodbye",
            {{"region", who.region},
             {"address", who.local_ip},
             {"last_seen", rfc3339(to_unix_seconds(event.who.last_seen))}});
}

void registry_state::note_refusal(const agent_seen& agent, membership::verdict verdict) {
  last_refusal = self->clock().now();
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
  self->send(
      parts.stats,
      warnings_report{"mesh",
                      {"agents get targets and are not taken into the mesh; one of them is " +
                       printable(agent.agent.region) + " " + printable(agent.agent.local_ip) +
                       " from " + agent.peer + ": " + std::string{to_string(verdict)}}});
}

/// They have gone, or are taken now.
void registry_state::forget_refusals() {
  if (last_refusal && self->clock().now() - *last_refusal >= members.lease()) {
    last_refusal.reset();
    self->send(parts.stats, warnings_report{"mesh", {}});
  }
}

void registry_state::set_gate(const mesh_gate& gate) {
  members.set_gate(gate);
  take_changes();
}

void registry_state::expire() {
  const auto now = self->clock().now();
  if (const auto stood = now - std::exchange(expired, now); stood >= least_standstill) {
    members.excuse(stood, now);
  }
  members.advance(now);
  take_changes();
  note_clashes();
  forget_refusals();
  if (now - watchers_told >= agents_watch_interval) {
    tell_watchers();
  }
  if (now - seen_kept >= agents_keep_interval) {
    keep_seen();
  }
  // Only the timer's own message arms the next one, so that there is always one.
  if (now >= next_expiry) {
    arm_expiry();
  }
}

/// When each was seen last, of those that were seen since the last time.
void registry_state::keep_seen() {
  const auto before = std::exchange(seen_kept, self->clock().now());
  if (!parts.keeper) {
    return;
  }
  for (const auto& m : members.list()) {
    if (m.state != agent_state::left && m.heard >= before) {
      unkept.changes.push_back({kept_of(m), false});
    }
  }
  if (!unkept.changes.empty()) {
    self->send(parts.keeper, std::exchange(unkept, {}));
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
  self->send(parts.stats, std::move(report));
  clashes = std::move(found);
}

void registry_state::arm_expiry() {
  next_expiry = self->clock().now() + sweep_interval(members.lease());
  self->scheduled_send(self, next_expiry, expire_leases_atom_v);
}

void registry_state::flush() {
  flush_armed = false;
  mesh_update now{members.identities(), members.active()};
  if (!told || told->members != now.members || told->active != now.active) {
    told = now;
    self->send(parts.pool, std::move(now));
  }
  if (const std::uint64_t leases = members.leases(); told_stats != leases) {
    told_stats = leases;
    self->send(parts.stats, registry_stats{leases});
  }
  if (!unkept.changes.empty()) {
    self->send(parts.keeper, std::exchange(unkept, {}));
  }
  tell_watchers();
}

void registry_state::set_lease(nanoseconds lease) {
  members.set_lease(lease);
  expire();
}

void registry_state::set_forget(nanoseconds forget) {
  members.set_forget(forget);
  expire();
}

void registry_state::watch(const caf::actor& watcher) {
  watchers.push_back(watcher);
  caf::anon_send(watcher, agent_listing_ptr{std::make_shared<const agent_listing>(list())});
}

void registry_state::tell_watchers() {
  watchers_told = self->clock().now();
  if (watchers.empty()) {
    return;
  }
  const agent_listing_ptr all = std::make_shared<const agent_listing>(list());
  for (const auto& watcher : watchers) {
    caf::anon_send(watcher, all);
  }
}

agent_listing registry_state::list() const {
  agent_listing listing;
  listing.refused = members.refused();
  listing.agents.reserve(members.size());
  for (const auto& m : members.list()) {
    listing.agents.push_back(
        {m.agent, m.peer, to_unix_seconds(m.first_seen), to_unix_seconds(m.last_seen),
         m.clock_skew_ms, m.state, to_unix_seconds(m.last_push), m.about.version, m.about.http_addr,
         m.about.probe_interval_ms, faults_of(m, self->clock().now()), m.misdated, m.refused,
         m.about.answers_questions, m.about.sync_interval_ms, m.about.backlog, m.delivered_unix,
         to_unix_seconds(m.caught_up)});
  }
  return listing;
}

registry_actor::behavior_type registry(registry_actor::stateful_pointer<registry_state> self,
                                       registry_parts parts, const registry_settings& settings) {
  guard_actor(self, "registry");
  auto& state = self->state;
  state.self = self;
  state.parts = std::move(parts);
  state.start(settings);
  const auto metered = [self] {
    return handler_meter{self, actor_kind::registry, self->state.parts.stats};
  };
  return {
      [self, metered](const agent_seen& agent) {
        const auto meter = metered();
        self->state.seen(agent);
      },
      [self](serving_atom) { self->state.serve(); },
      [self, metered](expire_leases_atom) {
        const auto meter = metered();
        self->state.expire();
      },
      [self, metered](tell_mesh_atom) {
        const auto meter = metered();
        self->state.flush();
      },
      [self, metered](const set_mesh_lease& next) {
        const auto meter = metered();
        self->state.set_lease(next.length);
      },
      [self, metered](const agent_clock& clock) {
        const auto meter = metered();
        self->state.members.note_push(clock.agent, clock.skew_ms, wall_clock::now());
      },
      [self, metered](const agent_delivery& so_far) {
        const auto meter = metered();
        self->state.note(so_far);
      },
      [self, metered](const agent_lapse& lapse) {
        const auto meter = metered();
        self->state.members.note_lapse(lapse.agent, lapse.misdated, lapse.refused,
                                       self->clock().now(), wall_clock::now());
      },
      [self, metered](const agent_gone& agent) {
        const auto meter = metered();
        return self->state.leave(agent);
      },
      [self, metered](const retire_agent& retired) {
        const auto meter = metered();
        return self->state.retire(retired.agent);
      },
      [self, metered](const set_mesh_forget& next) {
        const auto meter = metered();
        self->state.set_forget(next.length);
      },
      [self, metered](const set_mesh_gate& next) {
        const auto meter = metered();
        self->state.set_gate(next.gate);
      },
      [self](const watch_agents& by) { self->state.watch(by.watcher); },
      [self, metered](get_agents_atom) {
        const auto meter = metered();
        return self->state.list();
      },
  };
}

} // namespace xprober
