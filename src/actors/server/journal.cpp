#include "xprober/actors/server/journal.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/actors/server/batch_check.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds store_timeout{60};

} // namespace

void journal_state::open(const std::string& directory) {
  wall_now(); // from now on the clock proves itself
  shelf.emplace(directory, [this] { report(); });
  file_opened();
  report();
  arm_retry();
}

/// There may be a file, at the start or after the disk let there be none.
void journal_state::file_opened() {
  auto* open = shelf->get();
  if (open == nullptr) {
    return;
  }
  try {
    const auto totals = open->file.totals();
    counts.total_batches = totals.batches;
    counts.total_results = totals.results;
    counts.total_missing = totals.missing;
    counts.agents = totals.agents;
    // What was there is in the store already where the file is the same as before.
    if (auto opened = open->file.name(); replayed != opened) {
      replayed = std::move(opened);
      replay_on();
    }
  } catch (const storage::database_error& error) {
    met(error);
  }
}

void journal_state::report() {
  if (auto* open = shelf->get()) {
    if (open->desk.has_readers()) {
      open->desk.lose(std::exchange(lost_values, 0));
    }
    counts.readers = open->desk.stats();
  }
  counts.on_disk = !shelf->in_memory();
  counts.set_aside = shelf->set_aside();
  counts.problem = shelf->problem();
  self->send(stats, counts);
}

// -- while the disk does not work -----------------------------------------------------------------

wall_time journal_state::wall_now() {
  const auto steps = own_clock.steps();
  const auto now = own_clock.read(self->clock().now());
  if (own_clock.steps() != steps) {
    log::warn("journal", "this server's clock was set; agents' clocks are compared anew");
    clocks.begin_again();
  }
  return now;
}

void journal_state::met(const storage::database_error& error) {
  shelf->met(error, self->clock().now());
  report();
  arm_retry();
}

void journal_state::arm_retry() {
  if (!shelf->problem().empty() && !std::exchange(retry_armed, true)) {
    self->delayed_send(self, journal_shelf::retry_interval, retry_atom_v);
  }
}

void journal_state::retry() {
  retry_armed = false;
  if (shelf->retry(self->clock().now())) {
    file_opened();
  }
  report();
  arm_retry();
}

caf::error journal_state::unusable() const {
  return caf::make_error(caf::sec::runtime_error,
                         "the journal cannot be used: " + shelf->problem());
}

// -- what comes -----------------------------------------------------------------------------------

push_batch_response journal_state::answer_to(const batch_header& header,
                                             const storage::verdict& verdict) const {
  push_batch_response answer;
  answer.instance = to_text(header.instance);
  answer.sequence = static_cast<std::int64_t>(header.sequence);
  answer.accepted = static_cast<std::int64_t>(verdict.accepted);
  answer.rejected = static_cast<std::int64_t>(verdict.rejected);
  return answer;
}

caf::result<push_batch_response> journal_state::take(const push_batch_request& request) {
  batch_header header;
  if (const auto problem = read_batch_header(*request.bytes, header); !problem.empty()) {
    return caf::make_error(caf::sec::invalid_argument, problem);
  }
  auto* open = shelf->get();
  if (open == nullptr) {
    return refused(shelf->problem());
  }
  try {
    if (const auto before = open->file.find(header)) {
      ++counts.duplicate_batches;
      report();
      auto answer = answer_to(header, *before);
      answer.duplicate = true;
      return answer;
    }
    return keep(header, request);
  } catch (const storage::database_error& error) {
    met(error);
    return refused(error.what());
  }
}

caf::result<push_batch_response> journal_state::keep(const batch_header& header,
                                                     const push_batch_request& request) {
  auto body = std::make_shared<std::string>();
  auto found = check_batch(*request.bytes, header, *body);
  const bool usable = found.verdict.accepted > 0;
  const auto now = wall_now();
  const auto skew = watch_clock(header, found.agent, to_unix_ms(now));
  const auto added = shelf->to_write().file.add(header, usable ? *request.bytes : std::string{},
                                                found.verdict, now, found.values, skew);
  shelf->worked(self->clock().now());
  ++counts.batches;
  ++counts.total_batches;
  counts.results += found.verdict.accepted;
  counts.total_results += found.verdict.accepted;
  counts.missing_batches += added.missing;
  counts.total_missing += added.missing;
  counts.agents += added.first ? 1 : 0;
  if (usable) {
    note_record(added.id, request.bytes->size(), found.values);
  }
  report();
  auto answer = answer_to(header, found.verdict);
  answer.errors = std::move(found.errors);
  if (!usable) {
    return answer;
  }
  auto promise = self->make_response_promise<push_batch_response>();
  self->request(store, store_timeout, batch_delivery{std::move(body), header.rows, nanoseconds{0}})
      .then([promise, answer](const push_response&) mutable { promise.deliver(std::move(answer)); },
            [promise, answer](const caf::error&) mutable {
              // It is kept: the store gets it at the next start, the agent need not send it again.
              promise.deliver(std::move(answer));
            });
  return promise;
}

caf::error journal_state::refused(const std::string& why) {
  ++counts.refused_batches;
  report();
  return caf::make_error(caf::sec::runtime_error, "the batch cannot be kept: " + why);
}

/// What is to be taken out of the batch's times.
std::int64_t journal_state::watch_clock(const batch_header& header, const agent_identity& agent,
                                        std::int64_t now_ms) {
  const auto skew = clocks.note(header, agent, now_ms);
  if (clocks.untold()) {
    clocks.count(counts, now_ms);
    const auto changed = clocks.changed();
    if (registry) {
      self->send(registry, changed);
    }
  }
  return skew;
}

/// A record lies in the file: whoever waits for it gets it.
void journal_state::note_record(std::uint64_t id, std::uint64_t bytes, std::uint64_t values) {
  auto& open = *shelf->get();
  open.desk.add(id, wall_now(), bytes, values);
  try {
    open.readers.serve();
    open.desk.enforce_limits();
  } catch (const storage::database_error& error) {
    // The record is kept: that comes first, and the next one tries again.
    log::debug("journal", "readers wait", {{"error", error.what()}});
    met(error);
  }
}

bool journal_state::keep_record(record_kind kind, const std::string& bytes, std::uint64_t values) {
  if (shelf->get() == nullptr) {
    return false;
  }
  try {
    const auto id = shelf->to_write().file.add(kind, bytes, wall_now(), values);
    shelf->worked(self->clock().now());
    note_record(id, bytes.size(), values);
    return true;
  } catch (const storage::database_error& error) {
    met(error);
    return false;
  }
}

caf::result<push_response> journal_state::take(const push_request& request) {
  if (shelf->has_readers()) {
    keep_values(request.values);
  }
  auto promise = self->make_response_promise<push_response>();
  self->request(store, store_timeout, request)
      .then([promise](const push_response& answer) mutable { promise.deliver(answer); },
            [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

/// Those that the store takes, too.
void journal_state::keep_values(const std::vector<wire_value>& values) {
  const auto is_good = [](const wire_value& v) {
    return check_series(v).empty() && check_number(v).empty();
  };
  std::vector<wire_value> some;
  const bool all = std::all_of(values.begin(), values.end(), is_good);
  if (!all) {
    std::copy_if(values.begin(), values.end(), std::back_inserter(some), is_good);
  }
  const auto& good = all ? values : some;
  if (good.empty()) {
    return;
  }
  if (!keep_record(record_kind::values, encode_values(good), good.size())) {
    // Whoever pushes in this form cannot keep it either: better shown than lost altogether.
    lost_values += good.size();
  }
  report();
}

void journal_state::take(const series_ended& ended) {
  if (shelf->has_readers() && !ended.series.empty()) {
    keep_record(record_kind::ended, encode_ended(ended.series), 0);
  }
}

// -- readers --------------------------------------------------------------------------------------

caf::result<done_atom> journal_state::prepare(const journal_readers& readers) {
  try {
    shelf->prepare(readers);
    return done_atom_v;
  } catch (const storage::database_error& error) {
    met(error);
    return caf::make_error(caf::sec::runtime_error, error.what());
  }
}

// -- at the start ---------------------------------------------------------------------------------

void journal_state::replay_on() {
  auto* open = shelf->get();
  const auto now = wall_now();
  const auto fresh = now - std::chrono::duration_cast<wall_clock::duration>(ttl);
  std::vector<journal_replay::batch> step;
  try {
    if (open != nullptr) {
      step = open->replay.next(fresh);
    }
  } catch (const storage::database_error& error) {
    met(error);
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
    // A clock that was set back must not make it come from the future.
    const auto age = std::clamp<nanoseconds>(now - batch.received, nanoseconds{0}, ttl);
    self->request(store, store_timeout, batch_delivery{std::move(batch.body), batch.rows, age})
        .then([one_done](const push_response&) { one_done(); },
              [one_done](const caf::error&) { one_done(); });
  }
  try {
    open->replay.read_ahead(fresh); // while the store works
  } catch (const storage::database_error& error) {
    met(error);
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

// -- in the end -----------------------------------------------------------------------------------

void journal_state::prune() {
  const auto now = self->clock().now();
  bool more = false;
  const auto wall = wall_now();
  try {
    // What is dropped by a wrong clock does not come back.
    if (auto* open = shelf->get(); open != nullptr && own_clock.is_proven()) {
      const auto done = open->pruning.step(wall, now, ttl);
      more = done.more;
      if (done.agents_forgotten) {
        counts.agents = open->file.totals().agents;
      }
    }
  } catch (const storage::database_error& error) {
    met(error);
  }
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
  guard_actor(self, "journal");
  auto& state = self->state;
  state.self = self;
  state.store = std::move(store);
  state.stats = std::move(stats);
  state.ttl = ttl;
  state.registry = std::move(registry);
  state.open(directory);
  const auto metered = [self] {
    return handler_meter{self, actor_kind::journal, self->state.stats};
  };
  return {
      [self, metered](const push_batch_request& request) {
        const auto meter = metered();
        return self->state.take(request);
      },
      [self, metered](const push_request& request) {
        const auto meter = metered();
        return self->state.take(request);
      },
      [self](prepare_atom, const journal_readers& wanted) { return self->state.prepare(wanted); },
      [self](commit_atom) {
        self->state.shelf->commit();
        return done_atom_v;
      },
      [self](abandon_atom) { self->state.shelf->abandon(); },
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
      [self, metered](const series_ended& ended) {
        const auto meter = metered();
        self->state.take(ended);
      },
      [self](await_replay_atom) -> caf::result<done_atom> {
        const auto* open = self->state.shelf->get();
        if (open == nullptr || !open->replay.is_recent()) {
          return done_atom_v;
        }
        self->state.waiting.push_back(self->make_response_promise<done_atom>());
        return self->state.waiting.back();
      },
      [self](const set_result_ttl& next) { self->state.ttl = next.length; },
      [self](get_problem_atom) { return self->state.shelf->problem(); },
      [self](retry_atom) { self->state.retry(); },
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
