#include "xprober/actors/server/journal.hpp"

#include <algorithm>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds replay_store_timeout{60};

} // namespace

void journal_state::open(const std::string& directory, const limits_config& limits) {
  clocks.read(self->clock().now()); // from now on the clock proves itself
  disk.emplace(directory, clocks,
               journal_disk::hooks{
                   [this] { return self->clock().now(); }, [this] { file_opened(); },
                   [this] { report(); },
                   [this](nanoseconds later) { self->delayed_send(self, later, retry_atom_v); }});
  intake.emplace(journal_intake::surroundings{self, store, registry, *disk, clocks, counts,
                                              [this] { report(); }});
  set_limits(limits);
  disk->set_ttl(ttl);
  disk->begin();
}

void journal_state::file_opened() {
  try {
    auto& file = disk->get()->file;
    const auto totals = file.totals();
    counts.total_batches = totals.batches;
    counts.total_results = totals.results;
    counts.total_missing = totals.missing;
    counts.agents = totals.agents;
    // What was there is in the store already where the file is the same as before.
    if (auto opened = file.name(); replayed != opened) {
      replayed = std::move(opened);
      replay_on();
    }
  } catch (const storage::database_error& error) {
    disk->met(error);
  }
}

void journal_state::report() {
  disk->describe(counts);
  counts.series = intake->judge().series();
  self->send(stats, counts);
}

caf::error journal_state::unusable() const {
  return caf::make_error(caf::sec::runtime_error,
                         "the journal cannot be used: " + disk->shelf().problem());
}

// -- readers --------------------------------------------------------------------------------------

caf::result<done_atom> journal_state::prepare(const journal_readers& readers) {
  try {
    disk->shelf().prepare(readers);
    return done_atom_v;
  } catch (const storage::database_error& error) {
    disk->met(error);
    return caf::make_error(caf::sec::runtime_error, error.what());
  }
}

// -- at the start ---------------------------------------------------------------------------------

void journal_state::replay_on() {
  auto* open = disk->get();
  const auto now = clocks.read(self->clock().now());
  const auto fresh = now - std::chrono::duration_cast<wall_clock::duration>(kept_for());
  std::vector<journal_replay::batch> step;
  try {
    if (open != nullptr) {
      step = open->replay.next(fresh);
    }
  } catch (const storage::database_error& error) {
    disk->met(error);
    open = nullptr;
  }
  if (step.empty()) {
    part_replayed(open);
    return;
  }
  auto left = std::make_shared<std::size_t>(step.size());
  const auto one_done = [this, left] {
    if (--*left == 0) {
      self->send(self, replay_atom_v);
    }
  };
  counts.replayed_batches += step.size();
  for (auto& batch : step) {
    batch.rows = intake->judge().check_again(*batch.body, batch.rows, self->clock().now());
    // A clock that was set back must not make it come from the future.
    const auto age = std::clamp<nanoseconds>(now - batch.received, nanoseconds{0}, ttl);
    self->request(store, replay_store_timeout,
                  batch_delivery{std::move(batch.body), batch.rows, age})
        .then([one_done](const push_response&) { one_done(); },
              [one_done](const caf::error&) { one_done(); });
  }
  try {
    open->replay.read_ahead(fresh); // while the store works
  } catch (const storage::database_error& error) {
    disk->met(error);
  }
}

/// `open` null: the file cannot be read any further.
void journal_state::part_replayed(open_journal* open) {
  const bool was_recent = open == nullptr || open->replay.is_recent();
  if (was_recent) {
    // The store has what is recent; what is older goes in beside what comes.
    for (auto& promise : waiting) {
      promise.deliver(done_atom_v);
    }
    waiting.clear();
    self->send(self, prune_atom_v);
  }
  if (open != nullptr && was_recent) {
    open->replay.begin_older();
    self->send(self, replay_atom_v);
    return;
  }
  if (open != nullptr && counts.replayed_batches > 0) {
    log::info("journal", "results of the time before the start are there again",
              {{"batches", counts.replayed_batches}});
  }
  report();
}

caf::result<done_atom> journal_state::await_replay() {
  const auto* open = disk->get();
  if (open == nullptr || !open->replay.is_recent()) {
    return done_atom_v;
  }
  waiting.push_back(self->make_response_promise<done_atom>());
  return waiting.back();
}

// -- in the end -----------------------------------------------------------------------------------

void journal_state::set_limits(const limits_config& limits) {
  intake->judge().set_limits(limits);
  disk->set_most(limits.journal_bytes);
}

nanoseconds journal_state::kept_for() const noexcept { return std::max(ttl, least_kept); }

void journal_state::set_ttl(const set_result_ttl& next) {
  ttl = next.length;
  disk->set_ttl(ttl);
  // As long as the store keeps a series.
  intake->judge().set_series_time(
      std::max<nanoseconds>(next.length + next.keep, std::chrono::hours{1}));
}

void journal_state::prune() {
  const auto now = self->clock().now();
  bool more = false;
  const auto wall = clocks.read(now);
  try {
    // What is dropped by a wrong clock does not come back.
    if (auto* open = disk->get(); open != nullptr && clocks.is_proven()) {
      const auto done = open->pruning.step(wall, now, kept_for(), counts.agents);
      more = done.more;
      if (done.agents_forgotten) {
        counts.agents = open->file.totals().agents;
      }
    }
  } catch (const storage::database_error& error) {
    disk->met(error);
  }
  disk->look_for_room();
  if (more) {
    self->send(self, prune_atom_v);
  } else if (now >= next_prune) {
    next_prune = now + journal_pruning::interval(ttl);
    self->scheduled_send(self, next_prune, prune_atom_v);
  }
}

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     const std::string& directory, store_actor store,
                                     stats_actor stats, caf::timespan ttl,
                                     registry_actor registry) {
  return limited_journal(self, directory, std::move(store), std::move(stats), ttl,
                         std::move(registry), {});
}

journal_actor::behavior_type limited_journal(journal_actor::stateful_pointer<journal_state> self,
                                             const std::string& directory, store_actor store,
                                             stats_actor stats, caf::timespan ttl,
                                             registry_actor registry, const limits_config& limits) {
  guard_actor(self, "journal");
  auto& state = self->state;
  state.self = self;
  state.store = std::move(store);
  state.stats = std::move(stats);
  state.ttl = ttl;
  state.registry = std::move(registry);
  state.open(directory, limits);
  const auto metered = [self] {
    return handler_meter{self, actor_kind::journal, self->state.stats};
  };
  return {
      [self, metered](const push_batch_request& request) {
        const auto meter = metered();
        return self->state.intake->take(request);
      },
      [self, metered](const push_request& request) {
        const auto meter = metered();
        return self->state.intake->take(request);
      },
      [self](prepare_atom, const journal_readers& wanted) { return self->state.prepare(wanted); },
      [self](commit_atom) {
        self->state.disk->shelf().commit();
        return done_atom_v;
      },
      [self](abandon_atom) { self->state.disk->shelf().abandon(); },
      [self](const reader_begin& begin) {
        return self->state.ask<reader_start>(
            [&](reader_answers& readers) { return readers.begin(begin); });
      },
      [self, metered](const read_request& request) {
        const auto meter = metered();
        return self->state.ask<journal_page>(
            [&](reader_answers& readers) { return readers.read(self, request); });
      },
      [self, metered](const reader_progress& progress) {
        const auto meter = metered();
        return self->state.ask<done_atom>(
            [&](reader_answers& readers) { return readers.advance(progress); });
      },
      [self](const series_ended& ended) {
        const handler_meter meter{self, actor_kind::journal, self->state.stats, actor_kind::store};
        self->state.intake->take(ended);
      },
      [self](await_replay_atom) { return self->state.await_replay(); },
      [self](const set_result_ttl& next) { self->state.set_ttl(next); },
      [self](const limits_config& next) { self->state.set_limits(next); },
      [self](const memory_strain& now) { self->state.disk->set_strain(now); },
      [self](const targets_entered& all) {
        const handler_meter meter{self, actor_kind::journal, self->state.stats,
                                  actor_kind::target_pool};
        self->state.intake->judge().enter(all.universe, all.active, self->clock().now());
      },
      [self](get_problem_atom) { return self->state.disk->problem(); },
      [self](retry_atom) { self->state.disk->retry(); },
      [self, metered](prune_atom) {
        const auto meter = metered();
        self->state.prune();
      },
      [self, metered](replay_atom) {
        const auto meter = metered();
        self->state.replay_on();
      },
  };
}

} // namespace xprober
