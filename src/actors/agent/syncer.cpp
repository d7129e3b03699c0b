#include "xprober/actors/agent/syncer.hpp"

#include "xprober/actors/error_text.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/targets/target_set.hpp"
#include "xprober/domain/wire/batch.hpp"

namespace xprober {

namespace {

// A list of a million targets takes the manager seconds; nothing is lost by waiting.
constexpr std::chrono::seconds sync_timeout{30};
constexpr std::chrono::minutes apply_timeout{5};
constexpr std::chrono::seconds kept_list_timeout{60};
constexpr std::chrono::seconds leave_timeout{1};
constexpr std::chrono::minutes whole_list_pause{10};
/// A list that changes all the time never comes twice.
constexpr unsigned most_held_in_turn = 3;
/// A server that has not answered by then may be one that takes connections and says nothing.
constexpr std::chrono::seconds first_answer_wait{2};
/// Whoever changes the server says when that is done, much sooner; should it be lost, this is.
constexpr std::chrono::seconds longest_change{10};

} // namespace

void syncer_state::start() {
  next = self->clock().now();
  arm();
  self->delayed_send(self, first_answer_wait, use_kept_list_atom_v);
}

void syncer_state::set_interval(nanoseconds length) {
  interval = length;
  tell_interval();
  next = self->clock().now() + interval;
  arm();
}

void syncer_state::tell_interval() {
  who.about.sync_interval_ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(interval).count());
}

leave_request syncer_state::goodbye() const {
  return {who.identity.region, who.identity.local_ip, process};
}

/// Where the server did not answer last it is not waited for: it does not miss this agent now.
caf::result<done_atom> syncer_state::leave() {
  if (!reachable) {
    return done_atom_v;
  }
  auto promise = self->make_response_promise<done_atom>();
  const auto done = [promise] {
    auto answered = promise;
    answered.deliver(done_atom_v);
  };
  self->request(client, leave_timeout, goodbye())
      .then([done](const leave_response&) { done(); },
            // A server that knows no goodbyes, or is away.
            [done](const caf::error&) { done(); });
  return promise;
}

void syncer_state::forget_list() {
  counts.revision.clear();
  ++list_generation;
  applied_hash.reset();
  held.clear();
  held_in_turn = 0;
  counts.held_removals = 0;
}

void syncer_state::start_over() {
  forget_list();
  changing_until = {};
  next = self->clock().now();
  arm();
}

/// Targets are probed on; their revision is nothing to the new server.
void syncer_state::change_server() {
  forget_list();
  whole_next = false;
  whole_again = {};
  ++servers;
  asking = false;
  reachable = true;
  changing_until = self->clock().now() + longest_change;
  self->send(stats, counts);
}

void syncer_state::arm() { self->scheduled_send(self, next, sync_due{++generation}); }

void syncer_state::ask(std::uint64_t timer_generation) {
  if (timer_generation != generation || stopped) {
    return;
  }
  // From the last due time, so that the cadence does not drift; never into the past.
  next = std::max(next + interval, self->clock().now());
  arm();
  if (asking || self->clock().now() < changing_until) {
    return;
  }
  asking = true;
  self->request(client, sync_timeout,
                get_targets_request{who.identity.region, who.identity.local_ip,
                                    whole_next ? std::string{} : counts.revision,
                                    takes_differences(), process, who.about})
      // Not const: a list can be long, and is moved on to the manager.
      .then(
          [this, asked = servers](get_targets_response& response) {
            if (asked == servers) {
              answered(response);
            }
          },
          [this, asked = servers](const caf::error& why) {
            if (asked == servers) {
              failed(why);
            }
          });
}

bool syncer_state::takes_differences() const {
  return !whole_next && !has_duplicates && applied_hash &&
         counts.revision == revision_text(*applied_hash);
}

void syncer_state::answered(get_targets_response& response) {
  if (stopped) {
    return;
  }
  counts.last_bytes = response.wire_bytes;
  counts.bytes += response.wire_bytes;
  self->send(pusher, server_abilities{response.batch_version});
  if (who.chains) {
    self->send(who.chains, server_abilities{response.batch_version});
  }
  if (response.questions) {
    taker.take();
  }
  const bool is_same = response.revision.empty() && response.base_revision.empty() &&
                       applied_hash && *applied_hash == response.content_hash;
  if (response.unchanged || is_same) {
    unchanged();
    return;
  }
  if (!response.base_revision.empty()) {
    if (!takes_differences() || response.base_revision != counts.revision) {
      mismatch("it is for the list " + response.base_revision);
      return;
    }
    if (revision_text(*applied_hash + response.content_hash) != response.revision) {
      mismatch("it does not lead to the list " + response.revision);
      return;
    }
  }
  apply(response);
}

void syncer_state::apply(get_targets_response& response) {
  const auto began = std::chrono::steady_clock::now();
  const bool is_difference = !response.base_revision.empty();
  step s;
  s.base = response.base_revision;
  s.hash = response.content_hash + (is_difference ? *applied_hash : 0);
  s.identity = response.revision.empty() ? revision_text(s.hash) : response.revision;
  s.update.revision = response.revision;
  s.update.obey_empty = !response.revision.empty();
  s.update.targets = std::make_shared<const target_list>(
      std::move(is_difference ? response.added : response.targets));
  if (is_difference) {
    s.update.removed = std::make_shared<const target_list>(std::move(response.removed));
  }
  const bool obey = held == s.identity || held_in_turn >= most_held_in_turn;
  s.update.max_removal_percent = obey ? 100 : protection.max_removal_percent;
  self->request(manager, apply_timeout, s.update)
      .then(
          [this, s, began, generation_of_list = list_generation,
           of_server = servers](const apply_report& done) {
            if (of_server != servers) {
              ready = ready || (!done.ignored && !done.held); // there is something to probe
              return;
            }
            if (done.ignored) {
              unchanged();
              return;
            }
            if (done.held) {
              hold(s, done.removed);
              return;
            }
            if (generation_of_list == list_generation) {
              applied_hash = s.hash;
              counts.revision = s.update.revision;
            }
            counts.last_apply_ms = to_ms(std::chrono::steady_clock::now() - began);
            applied(s, done);
          },
          [this, of_server = servers](const caf::error& why) {
            if (of_server == servers) {
              failed(why);
            }
          });
}

void syncer_state::applied(const step& s, const apply_report& done) {
  if (s.base.empty()) {
    ++counts.full;
    has_duplicates = done.duplicates > 0;
    self->send(spool, kept_list{s.update.targets, s.update.revision});
  } else {
    ++counts.differences;
    has_duplicates = has_duplicates || done.duplicates > 0;
    keep_change(s);
  }
  whole_next = false;
  held.clear();
  held_in_turn = 0;
  counts.held_removals = 0;
  ++counts.ok;
  ready = true;
  report();
}

void syncer_state::keep_change(const step& s) {
  self->request(spool, kept_list_timeout,
                kept_change{s.base, s.update.revision, s.update.targets, s.update.removed})
      .then(
          [this, of_server = servers](bool kept) {
            // Without a whole list on disk no change of it can be kept. A disk that is full for
            // long is no reason to ask for one each time.
            const auto now = self->clock().now();
            if (!kept && now >= whole_again && of_server == servers) {
              whole_again = now + whole_list_pause;
              whole_next = true;
            }
          },
          [](const caf::error&) { /* the spool says why */ });
}

void syncer_state::hold(const step& s, std::uint64_t removals) {
  held = s.identity;
  ++held_in_turn;
  counts.held_removals = removals;
  ++counts.held;
  ++counts.ok;
  log::warn("syncer",
            "the server's list takes away too many targets at once; it is applied when it comes "
            "again",
            {{"removals", removals},
             {"max_removal_percent", protection.max_removal_percent},
             {"revision", held}});
  ready = true; // what is held up is a change of a list at hand
  report();
}

void syncer_state::mismatch(const std::string& why) {
  ++counts.mismatches;
  log::warn("syncer", "a difference does not fit the list at hand; the whole list is asked for",
            {{"reason", why}, {"revision", counts.revision}});
  if (whole_next) {
    // Once more and at once would be for ever.
    failed(caf::make_error(caf::sec::runtime_error,
                           "the server answered with a difference that nobody asked for"));
    return;
  }
  whole_next = true;
  asking = false;
  self->send(stats, counts);
  next = self->clock().now();
  arm();
}

void syncer_state::use_kept() {
  if (ready || stopped || kept_tried) {
    return;
  }
  kept_tried = true;
  self->request(spool, kept_list_timeout, get_kept_list_atom_v)
      .then([this, of_server = servers](const kept_list& list) { apply_kept(list, of_server); },
            [](const caf::error&) { /* then there is none */ });
}

/// Its revision is that of the server of then.
void syncer_state::apply_kept(const kept_list& list, std::uint64_t of_server) {
  if (!list.targets || ready || stopped) {
    return;
  }
  const auto hash = set_hash(*list.targets);
  self->request(manager, apply_timeout, list_update{list.targets, list.revision})
      .then(
          [this, hash, of_server, revision = list.revision](const apply_report& done) {
            if (done.ignored || ready) {
              return; // the server was quicker: its list was applied after this one
            }
            if (of_server == servers) {
              applied_hash = hash;
              has_duplicates = done.duplicates > 0;
              counts.revision = revision;
            }
            counts.kept_list = true;
            ready = true;
            log::info("syncer", "no target list from a server yet; the one kept last is probed",
                      {{"targets", done.added}});
            self->send(stats, counts);
          },
          [](const caf::error&) { /* the manager says why */ });
}

void syncer_state::unchanged() {
  held_in_turn = 0;
  held.clear(); // the server has come back to the list at hand
  counts.held_removals = 0;
  ++counts.ok;
  ++counts.unchanged;
  ready = true;
  report();
}

void syncer_state::failed(const caf::error& why) {
  ++counts.failed;
  counts.last_error = error_text(self->system(), why);
  if (reachable && !stopped) {
    log::warn("syncer", "no target list from the server; going on with the current list",
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
                                   syncer_self who, rpc_client_actor client,
                                   target_manager_actor manager, spool_actor spool,
                                   pusher_actor pusher, stats_actor stats, caf::timespan interval,
                                   list_protection protection) {
  guard_actor(self, "syncer");
  auto& state = self->state;
  state.self = self;
  state.who = std::move(who);
  state.process = to_text(random_instance());
  state.client = std::move(client);
  state.manager = std::move(manager);
  state.taker.begin(self, std::move(state.who.questions), state.client, state.manager,
                    {state.who.identity.region, state.who.identity.local_ip, state.process, {}});
  state.who.about.answers_questions = state.taker.is_able();
  state.spool = std::move(spool);
  state.pusher = std::move(pusher);
  state.stats = std::move(stats);
  state.interval = interval;
  state.tell_interval();
  state.protection = protection;
  state.start();
  return {
      [self](const sync_due& due) {
        const handler_meter meter{self, actor_kind::syncer, self->state.stats};
        self->state.ask(due.generation);
      },
      [self](start_over_atom) { self->state.start_over(); },
      [self](use_kept_list_atom) { self->state.use_kept(); },
      [self](const set_sync_interval& next) { self->state.set_interval(next.length); },
      [self](const list_protection& limit) { self->state.protection = limit; },
      [self](const own_fault_report& own) {
        self->state.who.about.own_faults = own.faults;
        self->state.who.about.backlog = own.backlog;
      },
      [self](const set_probe_interval& next) {
        self->state.who.about.probe_interval_ms = static_cast<std::uint64_t>(
            std::chrono::duration_cast<milliseconds>(next.length).count());
      },
      [self](is_ready_atom) { return self->state.ready; },
      [self](leave_atom) { return self->state.leave(); },
      [self](goodbye_atom) { return self->state.goodbye(); },
      [self](new_server_atom) {
        self->state.change_server();
        return done_atom_v;
      },
      [self](stop_atom) {
        self->state.stopped = true;
        return done_atom_v;
      },
  };
}

} // namespace xprober
