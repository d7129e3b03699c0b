#include "xprober/actors/server/journal.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch_parser.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds store_timeout{60};
constexpr std::size_t replay_step = 64; ///< batches
/// What came within this time before the last record goes to the store before anybody is served:
/// four results of each target that is probed every 15 s. The rest follows.
constexpr std::chrono::seconds recent{60};
constexpr std::size_t prune_step = 200; ///< batches in one transaction
constexpr std::size_t errors_told = 5;
/// An agent whose spool is older has more than one trouble.
constexpr std::chrono::hours agent_memory{24 * 90};
constexpr std::uint64_t most_agents = 1'000'000;
constexpr std::chrono::hours forget_interval{1};
constexpr std::size_t few_agents = 100;
constexpr std::int64_t count_interval_ms = 1000;

nanoseconds prune_interval(nanoseconds ttl) {
  return std::clamp<nanoseconds>(ttl / 10, std::chrono::milliseconds{50}, std::chrono::seconds{5});
}

std::int64_t unix_ms(wall_time t) {
  return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
}

/// What reading a batch found.
struct findings {
  storage::verdict verdict;
  std::vector<std::string> errors;
  agent_identity agent;
  std::uint64_t values = 0; ///< in the seed's form
};

void note(findings& found, const std::string& error) {
  if (found.errors.size() < errors_told) {
    found.errors.push_back(error);
  }
}

findings read(std::string_view bytes, const batch_header& header, std::string& body) {
  findings found;
  if (const auto problem = read_batch_body(bytes, body); !problem.empty()) {
    found.verdict.rejected = header.rows;
    note(found, problem);
    return found;
  }
  batch_parser rows{body, header.rows};
  batch_row row;
  for (auto step = rows.next(row); step != batch_parser::step::end; step = rows.next(row)) {
    if (step == batch_parser::step::row) {
      ++found.verdict.accepted;
      found.values += count_values(row, rows.target(row.target).form);
    } else {
      ++found.verdict.rejected;
      note(found, rows.row_problem());
    }
  }
  if (!rows.problem().empty()) {
    found.verdict.rejected += rows.unread();
    note(found, rows.problem());
  }
  found.agent = {std::string{rows.source_region()}, std::string{rows.worker_name()}};
  return found;
}

} // namespace

void journal_state::open(const std::string& directory) {
  try {
    file = std::make_unique<storage::journal>(directory);
    counts.on_disk = !directory.empty();
  } catch (const storage::database_error& error) {
    log::error("journal", "the journal cannot be used; what is acknowledged ends with this process",
               {{"error", error.what()}});
    file = std::make_unique<storage::journal>("");
  }
  const auto totals = file->totals();
  counts.total_batches = totals.batches;
  counts.total_results = totals.results;
  counts.total_missing = totals.missing;
  counts.agents = totals.agents;
  std::int64_t newest_ms = 0;
  for (const auto& record : file->records()) {
    ledger.add(record);
    newest_ms = record.received_ms;
  }
  recent_since = wall_time{milliseconds{newest_ms}} - recent;
  // What they need must outlast the time until the configuration names them, with their limits.
  for (const auto& position : file->readers()) {
    ledger.open(position, std::numeric_limits<std::uint64_t>::max());
  }
  report();
}

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
  try {
    if (const auto before = file->find(header)) {
      ++counts.duplicate_batches;
      report();
      auto answer = answer_to(header, *before);
      answer.duplicate = true;
      return answer;
    }
    return keep(header, request);
  } catch (const storage::database_error& error) {
    return refused(error);
  }
}

caf::result<push_batch_response> journal_state::keep(const batch_header& header,
                                                     const push_batch_request& request) {
  auto body = std::make_shared<std::string>();
  auto found = read(*request.bytes, header, *body);
  const bool usable = found.verdict.accepted > 0;
  const auto now = wall_clock::now();
  const auto skew = watch_clock(header, found.agent, unix_ms(now));
  const auto added = file->add(header, usable ? *request.bytes : std::string{}, found.verdict, now,
                               found.values, skew);
  if (std::exchange(failing, false)) {
    log::info("journal", "batches are taken again");
  }
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

caf::error journal_state::refused(const storage::database_error& error) {
  ++counts.refused_batches;
  report();
  if (!std::exchange(failing, true)) {
    log::error("journal", "a batch cannot be kept and is refused; its agent keeps it",
               {{"error", error.what()}});
  }
  return caf::make_error(caf::sec::runtime_error,
                         std::string{"the batch cannot be kept: "} + error.what());
}

/// What is to be taken out of the batch's times.
std::int64_t journal_state::watch_clock(const batch_header& header, const agent_identity& agent,
                                        std::int64_t now_ms) {
  const auto skew = clocks.note(header, agent, now_ms);
  if (clocks.untold()) {
    // It walks over all of them.
    if (clocks.size() <= few_agents || now_ms - clocks_counted_ms >= count_interval_ms) {
      clocks_counted_ms = now_ms;
      clocks.count(counts);
    }
    const auto changed = clocks.changed();
    if (registry) {
      self->send(registry, changed);
    }
  }
  return skew;
}

// -- at the start ---------------------------------------------------------------------------------

/// The next batches that have to go to the store again, unpacked.
std::vector<journal_state::kept_batch> journal_state::read_ahead() {
  const auto fresh = wall_clock::now() - std::chrono::duration_cast<wall_clock::duration>(ttl);
  const auto since = ready ? fresh : std::max(fresh, recent_since);
  std::vector<kept_batch> step;
  while (step.empty()) {
    std::vector<storage::journalled_batch> read;
    try {
      read = file->read(replayed_through, since, replay_step);
    } catch (const storage::database_error& error) {
      log::error("journal", "the journal cannot be read any further", {{"error", error.what()}});
    }
    if (read.empty()) {
      break;
    }
    if (first_recent == 0) {
      first_recent = read.front().id;
    }
    replayed_through = read.back().id;
    for (const auto& batch : read) {
      if (ready && batch.id >= first_recent) {
        return step; // and the next one is empty
      }
      batch_header header;
      auto body = std::make_shared<std::string>();
      if (batch.kind == record_kind::batch && read_batch_header(batch.bytes, header).empty() &&
          read_batch_body(batch.bytes, *body).empty()) {
        step.push_back({batch.received, std::move(body), header.rows});
      }
    }
  }
  return step;
}

void journal_state::replay() {
  auto step = std::exchange(ahead, {});
  if (step.empty()) {
    step = read_ahead();
  }
  if (step.empty()) {
    if (ready) {
      end_replay();
    } else {
      become_ready();
    }
    return;
  }
  auto left = std::make_shared<std::size_t>(step.size());
  const auto one_done = [this, left] {
    if (--*left == 0) {
      self->send(self, advance_atom_v);
    }
  };
  counts.replayed_batches += step.size();
  const auto now = wall_clock::now();
  for (auto& batch : step) {
    // A clock that was set back must not make it come from the future.
    const auto age = std::clamp<nanoseconds>(now - batch.received, nanoseconds{0}, ttl);
    self->request(store, store_timeout, batch_delivery{std::move(batch.body), batch.rows, age})
        .then([one_done](const push_response&) { one_done(); },
              [one_done](const caf::error&) { one_done(); });
  }
  ahead = read_ahead(); // while the store works
}

/// The store has what is recent; what is older goes in beside what comes.
void journal_state::become_ready() {
  ready = true;
  for (auto& promise : waiting) {
    promise.deliver(done_atom_v);
  }
  waiting.clear();
  replayed_through = 0;
  self->send(self, expire_atom_v);
  self->send(self, advance_atom_v);
}

void journal_state::end_replay() {
  if (counts.replayed_batches > 0) {
    log::info("journal", "results of the time before the start are there again",
              {{"batches", counts.replayed_batches}});
  }
  report();
}

void journal_state::prune() {
  const auto now = self->clock().now();
  bool more = false;
  try {
    const auto wall_now = wall_clock::now();
    const auto before = wall_now - std::chrono::duration_cast<wall_clock::duration>(ttl);
    const auto old = ledger.take_unneeded(unix_ms(before), prune_step);
    file->remove(old);
    more = old.size() == prune_step;
    if (now >= next_forget) {
      next_forget = now + forget_interval;
      file->forget_agents(wall_now - agent_memory, most_agents);
      counts.agents = file->totals().agents;
    }
  } catch (const storage::database_error& error) {
    log::debug("journal", "what is too old cannot be dropped now", {{"error", error.what()}});
  }
  if (more) {
    self->send(self, expire_atom_v);
  } else if (now >= next_prune) {
    next_prune = now + prune_interval(ttl);
    self->scheduled_send(self, next_prune, expire_atom_v);
  }
}

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     std::string directory, store_actor store, stats_actor stats,
                                     caf::timespan ttl, registry_actor registry) {
  guard_actor(self, "journal");
  auto& state = self->state;
  state.self = self;
  state.store = std::move(store);
  state.stats = std::move(stats);
  state.ttl = ttl;
  state.registry = std::move(registry);
  state.open(directory);
  state.replay();
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
      [self](prepare_atom, const journal_readers& wanted) {
        return self->state.prepare_readers(wanted);
      },
      [self](commit_atom) {
        self->state.commit_readers();
        return done_atom_v;
      },
      [self](abandon_atom) { self->state.abandon_readers(); },
      [self](const reader_begin& begin) { return self->state.begin_reading(begin); },
      [self, metered](const read_request& request) {
        const auto meter = metered();
        return self->state.read_next(request);
      },
      [self, metered](const reader_progress& progress) {
        const auto meter = metered();
        return self->state.advance_reader(progress);
      },
      [self, metered](const series_ended& ended) {
        const auto meter = metered();
        self->state.take(ended);
      },
      [self](poll_atom) -> caf::result<done_atom> {
        if (self->state.ready) {
          return done_atom_v;
        }
        self->state.waiting.push_back(self->make_response_promise<done_atom>());
        return self->state.waiting.back();
      },
      [self](interval_atom, caf::timespan length) { self->state.ttl = length; },
      [self, metered](expire_atom) {
        const auto meter = metered();
        self->state.prune();
      },
      [self, metered](advance_atom) {
        const auto meter = metered();
        self->state.replay();
      },
  };
}

journal_actor::behavior_type
journal_front(journal_actor::stateful_pointer<journal_front_state> self, journal_actor journal) {
  guard_actor(self, "journal_front");
  self->state.journal = std::move(journal);
  return {
      [self](push_batch_request& request) {
        return self->delegate(self->state.journal, std::move(request));
      },
      [self](push_request& request) {
        return self->delegate(self->state.journal, std::move(request));
      },
      [self](prepare_atom, const journal_readers& wanted) {
        return self->delegate(self->state.journal, prepare_atom_v, wanted);
      },
      [self](commit_atom) { return self->delegate(self->state.journal, commit_atom_v); },
      [self](abandon_atom) { self->send(self->state.journal, abandon_atom_v); },
      [self](const reader_begin& begin) { return self->delegate(self->state.journal, begin); },
      [self](const read_request& request) { return self->delegate(self->state.journal, request); },
      [self](const reader_progress& progress) {
        return self->delegate(self->state.journal, progress);
      },
      [self](const series_ended& ended) { self->send(self->state.journal, ended); },
      [self](poll_atom) { return self->delegate(self->state.journal, poll_atom_v); },
      [self](interval_atom, caf::timespan length) {
        self->send(self->state.journal, interval_atom_v, length);
      },
      [self](expire_atom) { self->send(self->state.journal, expire_atom_v); },
      [self](advance_atom) { self->send(self->state.journal, advance_atom_v); },
  };
}

} // namespace xprober
