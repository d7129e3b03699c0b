#include "xprober/actors/agent/target_manager.hpp"

#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/targets/target_set.hpp"

namespace xprober {

// -- lists ----------------------------------------------------------------------------------------

void target_manager_state::apply(list_update update,
                                 caf::typed_response_promise<apply_report> promise) {
  const bool is_empty = !update.removed && count_targets(*update.targets) == 0;
  if (stopped || (is_empty && !update.obey_empty)) {
    apply_report report;
    report.ignored = true;
    promise.deliver(report);
    return;
  }
  jobs.push_back({std::move(update), std::move(promise)});
  if (jobs.size() == 1) {
    begin_job();
  }
}

void target_manager_state::begin_job() {
  applying.emplace(std::move(jobs.front().update), table, probers, counts.bad, unknown);
  step();
}

void target_manager_state::step() {
  if (!applying) {
    return;
  }
  changes.clear();
  const bool done = applying->step(changes);
  actors.reserve(table.capacity());
  for (const auto& change : changes) {
    if (change.begins) {
      self->send(results, target_begun{change.target});
      spawn(change.target);
    } else {
      end(change.target);
    }
  }
  limit_outcomes(); // they are ticked before the list is through
  report_lifecycle();
  if (done) {
    finish_job();
  } else {
    // By the clock and not straight into the own mailbox: an actor keeps its worker thread while
    // there are messages for it, and the others would wait for the whole list.
    self->delayed_send(self, nanoseconds{0}, apply_more_atom_v);
  }
}

void target_manager_state::finish_job() {
  const auto done = std::move(*applying);
  applying.reset();
  auto promise = std::move(jobs.front().promise);
  jobs.pop_front();
  const auto& report = done.report();
  done.count(counts, unknown);
  report_counts();
  if (const auto* bad = done.bad_news()) {
    log::warn("target_manager", "targets of the list cannot be used and are left out",
              {{"count", bad->count}, {"first", bad->first.front()}});
  }
  warn_of_unknown_types();
  if (!report.held && report.added + report.removed > 0) {
    log::info("target_manager", done.is_difference() ? "difference applied" : "list applied",
              {{"added", report.added},
               {"removed", report.removed},
               {"kept", report.kept},
               {"duplicates", report.duplicates},
               {"unknown_type", report.unknown_type},
               {"revision", done.revision()}});
  }
  promise.deliver(report);
  if (!jobs.empty()) {
    begin_job();
  }
}

void target_manager_state::warn_of_unknown_types() {
  std::vector<std::string> lines;
  if (counts.unknown_type > 0) {
    lines.push_back("targets that this agent skips because it has no module of their type: " +
                    std::to_string(counts.unknown_type) + " (" + probers.described(unknown) + ")");
  }
  if (lines != warnings) {
    warnings = std::move(lines);
    self->send(stats, warnings_report{"target_manager", warnings});
  }
}

void target_manager_state::set_modules(module_list list) {
  probers.set_modules(std::move(list.modules));
  // Not in steps as with a list: hardly anything is done for a target that stays.
  for (target_index index = 0; index < table.end_index(); ++index) {
    if (const auto spec = table.at(index); spec && !probers.still_knows(spec->uid.type)) {
      table.remove(index);
      end(spec);
    }
  }
  report_counts();
  report_lifecycle();
}

// -- targets --------------------------------------------------------------------------------------

void target_manager_state::spawn(const target_ref& spec) {
  if (spec->index >= actors.size()) {
    actors.resize(spec->index + std::size_t{1});
  }
  auto& actor = actors[spec->index];
  actor = self->spawn<target>(spec, context);
  ++lifecycle.spawned;
  self->send(ticker, schedule_target{spec->index, stable_hash(spec->uid)}, actor);
}

/// The table has let go of this target.
void target_manager_state::end(const target_ref& spec) {
  const auto index = spec->index;
  self->send(ticker, unschedule_target{index});
  self->send(results, target_gone{index});
  if (auto& actor = actors[index]) {
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    ++lifecycle.stopped;
    actor = nullptr;
  }
  waits.forget(index);
}

void target_manager_state::target_died(const target_failed& failed) {
  const auto index = failed.target->index;
  if (table.at(index) != failed.target) {
    return; // it was killed, and counted as stopped, before it could tell
  }
  ++lifecycle.failed;
  report_lifecycle();
  actors[index] = nullptr;
  self->send(ticker, unschedule_target{index});
  const auto wait = waits.died(index, self->clock().now());
  log::error("target_manager", "target actor failed and will be started again",
             {{"target", failed.target->uid.address},
              {"reason", failed.reason},
              {"wait_s", wait.count()}});
  self->delayed_send(self, wait, respawn_target{failed.target});
}

void target_manager_state::respawn(const target_ref& spec) {
  if (!stopped && table.at(spec->index) == spec && !actors[spec->index]) {
    spawn(spec);
    report_lifecycle();
  }
}

target_actor target_manager_state::find(std::uint64_t hash) const {
  const auto known = table.find(hash);
  return known ? actors[*known] : target_actor{};
}

// -- the end --------------------------------------------------------------------------------------

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
  applying.reset();
  for (auto& j : jobs) {
    j.promise.deliver(caf::make_error(caf::sec::request_receiver_down));
  }
  jobs.clear();
  // The results stay: they are still to be pushed.
  for (const auto& actor : actors) {
    if (actor) {
      self->send_exit(actor, caf::exit_reason::user_shutdown);
      ++lifecycle.stopped;
    }
  }
  actors.clear();
  table.clear();
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

// -- what is told ---------------------------------------------------------------------------------

void target_manager_state::report_counts() {
  counts.count = table.counts();
  limit_outcomes();
  self->send(stats, counts);
}

void target_manager_state::limit_outcomes() {
  if (context && context->outcomes != nullptr) {
    context->outcomes->set_targets(table.size());
  }
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
               stats_actor stats, std::vector<prober_name> modules, waiting_outcomes* outcomes) {
  guard_actor(self, "target_manager");
  auto& state = self->state;
  state.self = self;
  state.results = std::move(results);
  state.ticker = std::move(ticker);
  state.stats = std::move(stats);
  std::vector<const probe_kind*> kinds;
  for (const auto& e : engines.entries()) {
    kinds.push_back(e.kind);
  }
  state.probers = prober_directory{std::move(kinds), std::move(modules)};
  state.context = new_counted<const target_context>(
      engines, state.results, target_manager_actor{self}, state.stats, outcomes);
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
        const handler_meter meter{self, actor_kind::target_manager, self->state.stats,
                                  actor_kind::target};
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
