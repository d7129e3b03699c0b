#include "xprober/actors/agent/target_manager.hpp"

#include <algorithm>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds first_respawn_wait{1};
constexpr std::chrono::seconds longest_respawn_wait{60};
constexpr std::chrono::minutes failure_memory{5};

} // namespace

void target_manager_state::spawn(entry& e) {
  e.actor = self->spawn<target>(e.spec, context);
  ++lifecycle.spawned;
  self->send(ticker, schedule_target{e.spec->index, stable_hash(e.spec->uid)}, e.actor);
}

void target_manager_state::kill(entry& e) {
  const auto index = e.spec->index;
  self->send(ticker, unschedule_target{index});
  self->send(results, target_gone{index});
  if (e.actor) {
    self->send_exit(e.actor, caf::exit_reason::user_shutdown);
    ++lifecycle.stopped;
  }
  const auto [first, last] = by_hash.equal_range(stable_hash(e.spec->uid));
  by_hash.erase(std::find_if(first, last, [&](const auto& item) { return item.second == index; }));
  --counts.count.of(e.spec->uid.type);
  failures.erase(index);
  e = {};
  free.push_back(index);
}

void target_manager_state::note_unknown_type(const target_group& group) {
  // The types come from the network: remember a bounded number of them.
  constexpr std::size_t most_logged = 16;
  if (unknown_types.size() < most_logged && std::find(unknown_types.begin(), unknown_types.end(),
                                                      group.prober_type) == unknown_types.end()) {
    unknown_types.push_back(group.prober_type);
    log::warn("target_manager",
              "targets of an unknown type are skipped; this agent knows " + known_types() +
                  " and its modules",
              {{"type", group.prober_type}, {"region", group.region}});
  }
}

std::string target_manager_state::known_types() const {
  std::string names;
  for (const auto& e : engines.entries()) {
    names += (names.empty() ? "" : ", ") + e.kind->name;
  }
  return names;
}

std::optional<prober_name> target_manager_state::find_prober(std::string_view text) const {
  if (const auto* kind = engines.find_kind(text)) {
    return prober_name{*kind};
  }
  const auto at = std::lower_bound(modules.begin(), modules.end(), text,
                                   [](const auto& m, auto wanted) { return m.text() < wanted; });
  const bool known = at != modules.end() && at->text() == text && engines.find(*at->kind());
  return known ? std::optional{*at} : std::nullopt;
}

void target_manager_state::set_modules(module_list list) {
  modules = std::move(list.modules);
  unknown_types.clear();
  // Not in steps as with a list: hardly anything is done for a target that stays.
  for (auto& e : entries) {
    if (e.spec) {
      const auto now = find_prober(e.spec->uid.type.text());
      if (!now || now->kind() != &e.spec->kind()) {
        kill(e);
      }
    }
  }
  self->send(stats, counts);
  report_lifecycle();
}

void target_manager_state::target_died(const target_failed& failed) {
  const auto index = failed.target->index;
  if (index >= entries.size() || entries[index].spec != failed.target) {
    return; // it was killed, and counted as stopped, before it could tell
  }
  ++lifecycle.failed;
  report_lifecycle();
  entries[index].actor = nullptr;
  self->send(ticker, unschedule_target{index});
  const auto now = self->clock().now();
  auto& history = failures[index];
  if (now - history.last > failure_memory) {
    history.count = 0;
  }
  history.last = now;
  const std::chrono::seconds doubled = first_respawn_wait * (1 << std::min(history.count, 6U));
  const auto wait = std::min(longest_respawn_wait, doubled);
  ++history.count;
  log::error("target_manager", "target actor failed and will be started again",
             {{"target", failed.target->uid.address},
              {"reason", failed.reason},
              {"wait_s", wait.count()}});
  self->delayed_send(self, wait, respawn_target{failed.target});
}

void target_manager_state::respawn(const target_ref& spec) {
  if (stopped || spec->index >= entries.size()) {
    return;
  }
  auto& e = entries[spec->index];
  if (e.spec == spec && !e.actor) {
    spawn(e);
    report_lifecycle();
  }
}

target_actor target_manager_state::find(std::uint64_t hash) const {
  const auto known = by_hash.find(hash);
  return known == by_hash.end() ? target_actor{} : entries[known->second].actor;
}

void target_manager_state::stop(caf::typed_response_promise<done_atom> promise) {
  if (targets_ended) {
    promise.deliver(done_atom_v);
    return;
  }
  stopping.push_back(std::move(promise));
  if (stopped) {
    return;
  }
  stopped = true;
  for (auto& j : jobs) {
    j.promise.deliver(caf::make_error(caf::sec::request_receiver_down));
  }
  jobs.clear();
  // The results stay: they are still to be pushed.
  for (auto& e : entries) {
    if (e.actor) {
      self->send_exit(e.actor, caf::exit_reason::user_shutdown);
      ++lifecycle.stopped;
    }
  }
  entries.clear();
  by_hash.clear();
  report_lifecycle();
  context.reset();
}

void target_manager_state::all_ended() {
  targets_ended = true;
  for (auto& promise : stopping) {
    promise.deliver(done_atom_v);
  }
  stopping.clear();
}

void target_manager_state::report_lifecycle() {
  if (lifecycle.spawned + lifecycle.stopped + lifecycle.failed > 0) {
    self->send(stats, lifecycle);
    lifecycle = lifecycle_report{actor_kind::target};
  }
}

target_manager_actor::behavior_type
target_manager(target_manager_actor::stateful_pointer<target_manager_state> self,
               const engine_table& engines, results_actor results, ticker_actor ticker,
               stats_actor stats, std::vector<prober_name> modules) {
  guard_actor(self, "target_manager");
  auto& state = self->state;
  state.self = self;
  state.results = std::move(results);
  state.ticker = std::move(ticker);
  state.stats = std::move(stats);
  state.engines = engines;
  state.modules = std::move(modules);
  state.context = std::shared_ptr<const target_context>(
      new target_context{engines, state.results, target_manager_actor{self}, state.stats},
      [](const target_context* context) {
        caf::anon_send(context->manager, targets_ended_atom_v);
        delete context;
      });
  return {
      // Not const: a list can be long, and is moved.
      [self](list_update& update) -> caf::result<apply_report> {
        const handler_meter meter{self, actor_kind::target_manager, self->state.stats};
        auto promise = self->make_response_promise<apply_report>();
        self->state.apply(std::move(update), promise);
        return promise;
      },
      [self](const module_list& list) { self->state.set_modules(list); },
      [self](const story_query& query) -> caf::result<target_story> {
        if (const auto actor = self->state.find(query.uid_hash)) {
          return self->delegate(actor, describe_atom_v);
        }
        return caf::make_error(caf::sec::invalid_argument, "no target has this uid");
      },
      [self](const target_failed& failed) {
        const handler_meter meter{self, actor_kind::target_manager, self->state.stats};
        self->state.target_died(failed);
      },
      [self](const respawn_target& due) { self->state.respawn(due.target); },
      [self](apply_more_atom) {
        const handler_meter meter{self, actor_kind::target_manager, self->state.stats};
        self->state.step();
      },
      [self](stop_atom) -> caf::result<done_atom> {
        auto promise = self->make_response_promise<done_atom>();
        self->state.stop(promise);
        return promise;
      },
      [self](targets_ended_atom) { self->state.all_ended(); },
  };
}

} // namespace xprober
