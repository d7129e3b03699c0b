#include "xprober/actors/syncer.hpp"

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/domain/target_list_codec.hpp"

namespace xprober {

namespace {

// A list of a million targets takes the manager seconds; nothing is lost by waiting.
constexpr std::chrono::seconds call_timeout{30};
constexpr std::chrono::minutes apply_timeout{5};
constexpr std::chrono::seconds spool_timeout{60};
/// A server that has not answered by then may be one that takes connections and says nothing.
constexpr std::chrono::seconds first_answer_wait{2};

} // namespace

std::uint64_t list_hash(const target_list& list) {
  std::uint64_t hash = list.size();
  for (const auto& group : list) {
    hash = combine_hash(hash, group.prober_type);
    hash = combine_hash(hash, group.region);
    hash = combine_hash(hash, group.targets.size());
    for (const auto& target : group.targets) {
      hash = combine_hash(hash, target);
    }
  }
  return hash;
}

void syncer_state::start() {
  next = self->clock().now();
  arm();
  self->delayed_send(self, first_answer_wait, list_atom_v);
}

void syncer_state::set_interval(nanoseconds length) {
  interval = length;
  next = self->clock().now() + interval;
  arm();
}

void syncer_state::start_over() {
  counts.revision.clear();
  ++list_generation;
  applied_hash.reset();
  next = self->clock().now();
  arm();
}

void syncer_state::arm() { self->scheduled_send(self, next, sync_atom_v, ++generation); }

void syncer_state::ask(std::uint64_t timer_generation) {
  if (timer_generation != generation || stopped) {
    return;
  }
  // From the last due time, so that the cadence does not drift; never into the past.
  next = std::max(next + interval, self->clock().now());
  arm();
  if (asking) {
    return;
  }
  asking = true;
  self->request(client, call_timeout,
                get_targets_request{identity.region, identity.local_ip, counts.revision})
      // Not const: a list can be long, and is moved on to the manager.
      .then([this](get_targets_response& response) { answered(response); },
            [this](const caf::error& why) { failed(why); });
}

void syncer_state::answered(get_targets_response& response) {
  if (stopped) {
    return;
  }
  counts.last_bytes = response.wire_bytes;
  self->send(pusher, server_abilities{response.batch_version});
  if (response.unchanged) {
    unchanged();
    return;
  }
  const auto hash = response.revision.empty() ? list_hash(response.targets) : 0;
  if (applied_hash && response.revision.empty() && hash == *applied_hash) {
    unchanged();
    return;
  }
  apply(response, hash);
}

void syncer_state::apply(get_targets_response& response, std::uint64_t hash) {
  const auto began = std::chrono::steady_clock::now();
  // Before the list moves on; it is kept once it was applied.
  auto bytes = std::make_shared<const std::string>(
      encode_target_list(response.targets, response.revision));
  self->request(
          manager, apply_timeout,
          list_update{std::move(response.targets), response.revision, !response.revision.empty()})
      .then(
          [this, began, hash, bytes, revision = response.revision,
           generation_of_list = list_generation](const apply_report& done) {
            if (done.ignored) {
              unchanged();
              return;
            }
            self->send(spool, kept_list{bytes});
            if (generation_of_list == list_generation) {
              applied_hash = hash;
              counts.revision = revision;
            }
            counts.last_apply_ms = to_ms(std::chrono::steady_clock::now() - began);
            ++counts.ok;
            ready = true;
            report();
          },
          [this](const caf::error& why) { failed(why); });
}

void syncer_state::use_kept() {
  if (ready || stopped || kept_tried) {
    return;
  }
  kept_tried = true;
  self->request(spool, spool_timeout, list_atom_v)
      .then([this](const kept_list& list) { apply_kept(list); },
            [](const caf::error&) { /* then there is none */ });
}

void syncer_state::apply_kept(const kept_list& list) {
  get_targets_response kept;
  if (!list.bytes || ready || stopped ||
      !decode_target_list(*list.bytes, kept.targets, kept.revision)) {
    return;
  }
  const auto hash = kept.revision.empty() ? list_hash(kept.targets) : 0;
  self->request(manager, apply_timeout, list_update{std::move(kept.targets), kept.revision, false})
      .then(
          [this, hash, revision = kept.revision](const apply_report& done) {
            if (done.ignored || ready) {
              return; // the server was quicker: its list was applied after this one
            }
            applied_hash = hash;
            counts.revision = revision;
            counts.kept_list = true;
            ready = true;
            log::info("syncer", "no target list from a server yet; the one kept last is probed",
                      {{"targets", done.added}});
            self->send(stats, counts);
          },
          [](const caf::error&) { /* the manager says why */ });
}

void syncer_state::unchanged() {
  ++counts.ok;
  ++counts.unchanged;
  ready = true;
  report();
}

void syncer_state::failed(const caf::error& why) {
  ++counts.failed;
  counts.last_error = self->system().render(why);
  if (reachable && !stopped) {
    log::warn("syncer", "no target list from the server; probing goes on with the list at hand",
              {{"error", counts.last_error}});
  }
  reachable = false;
  asking = false;
  self->send(stats, counts);
  use_kept();
}

void syncer_state::report() {
  if (!reachable) {
    log::info("syncer", "the server answers again", {{"failed_attempts", counts.failed}});
  }
  reachable = true;
  asking = false;
  counts.last_error.clear();
  counts.kept_list = false;
  counts.last_ok_unix = to_unix_seconds(wall_clock::now());
  self->send(stats, counts);
}

syncer_actor::behavior_type syncer(syncer_actor::stateful_pointer<syncer_state> self,
                                   agent_identity identity, rpc_client_actor client,
                                   target_manager_actor manager, spool_actor spool,
                                   pusher_actor pusher, stats_actor stats, caf::timespan interval) {
  guard_actor(self, "syncer");
  auto& state = self->state;
  state.self = self;
  state.identity = std::move(identity);
  state.client = std::move(client);
  state.manager = std::move(manager);
  state.spool = std::move(spool);
  state.pusher = std::move(pusher);
  state.stats = std::move(stats);
  state.interval = interval;
  state.start();
  return {
      [self](sync_atom, std::uint64_t generation) {
        const handler_meter meter{self, actor_kind::syncer, self->state.stats};
        self->state.ask(generation);
      },
      [self](sync_atom) { self->state.start_over(); },
      [self](list_atom) { self->state.use_kept(); },
      [self](interval_atom, caf::timespan length) { self->state.set_interval(length); },
      [self](poll_atom) { return self->state.ready; },
      [self](stop_atom) {
        self->state.stopped = true;
        return done_atom_v;
      },
  };
}

} // namespace xprober
