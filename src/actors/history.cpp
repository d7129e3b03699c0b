#include "xprober/actors/history.hpp"

#include <algorithm>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/history_rows.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

/// Roll-ups in memory: at some 400 bytes each, 80 MB.
constexpr std::size_t most_buffered = 200'000;
/// Rows of each level that one transaction drops, and how often in a row.
constexpr std::int64_t prune_step = 5'000;
constexpr int prune_steps = 40;
/// A probe from further in the future than this counts when it arrived.
constexpr std::int64_t bearable_future = 60;

std::int64_t unix_now() { return to_unix_seconds(wall_clock::now()); }

std::int64_t longest(const history_retention& kept) { return *std::ranges::max_element(kept); }

} // namespace

void history_state::open(const std::string& directory) {
  try {
    files = std::make_unique<storage::history>(directory);
    counts.on_disk = !directory.empty();
  } catch (const storage::database_error& error) {
    log::error("history", "the history cannot be used; what is rolled up ends with this process",
               {{"error", error.what()}});
    files = std::make_unique<storage::history>("");
  }
  counts.enabled = true;
  counts.bytes = files->bytes();
  reached = files->position();
  durable = reached.through;
}

void history_state::configure(const history_config& config) {
  kept = retention_of(config);
  max_series = config.max_series;
}

history_progress history_state::begin(const journal_name& journal) {
  if (journal.name != reached.journal) {
    // A journal of its own: all that it holds is news.
    reached = {journal.name, 0};
  } else if (reached.through > journal.last_id) {
    log::warn("history", "the journal is older than the history; what is in both counts once",
              {{"history", reached.through}, {"journal", journal.last_id}});
    reached.through = journal.last_id;
  }
  durable = reached.through;
  return {durable};
}

// -- taking in ------------------------------------------------------------------------------------

caf::result<history_progress> history_state::take(const history_batch& batch) {
  if (failing) {
    held.emplace_back(batch, self->make_response_promise<history_progress>());
    return held.back().second;
  }
  roll_up(batch);
  return history_progress{durable};
}

void history_state::roll_up(const history_batch& batch) {
  if (batch.id <= reached.through) {
    return;
  }
  const auto now = unix_now();
  read_history_rows(batch, [this, now](const history_key& key, std::int64_t unix_ms,
                                       std::int64_t arrived_ms, const measured_probe& probe) {
    const bool future = unix_ms > arrived_ms + bearable_future * 1000;
    counts.moved += future ? 1 : 0;
    add(key, bucket_start(future ? arrived_ms : unix_ms, 1000) / 1000, probe, now);
  });
  reached.through = batch.id;
  if (buffer.size() >= most_buffered) {
    flush();
  }
  report();
}

void history_state::take(const history_values& values) {
  const auto now = unix_now();
  read_history_values(*values.values, [&](const history_key& key, std::int64_t unix_seconds,
                                          const measured_probe& probe) {
    const bool future = unix_seconds > now + bearable_future;
    counts.moved += future ? 1 : 0;
    add(key, unix_seconds <= 0 || future ? now : unix_seconds, probe, now);
  });
  if (buffer.size() >= most_buffered && !failing) {
    flush();
  }
  report();
}

void history_state::add(const history_key& key, std::int64_t unix_seconds,
                        const measured_probe& probe, std::int64_t now) {
  if (unix_seconds < now - longest(kept)) {
    ++counts.too_old;
    return;
  }
  if (auto* values = find_place(key, unix_seconds)) {
    ++counts.results;
    values->add(probe);
  } else {
    ++counts.omitted;
  }
}

rollup* history_state::find_place(const history_key& key, std::int64_t unix_seconds) {
  const auto start = bucket_start(unix_seconds, history_steps[0]);
  if (last.values != nullptr && start == last.start && key == last.key) {
    return last.values;
  }
  if (last.number == 0 || key != last.key) {
    last = {key, files->number(key, max_series).value_or(0), 0, nullptr};
  }
  last.start = start;
  // Without a disk that takes it, no more than twice as much as usual stays in memory.
  const bool full = failing && buffer.size() >= 2 * most_buffered;
  last.values = last.number == 0 || full ? nullptr : &buffer.bucket(start)[last.number];
  return last.values;
}

// -- answering ------------------------------------------------------------------------------------

history_answer history_state::answer(const history_query& query) {
  auto out = std::make_shared<history_series>();
  const auto now = unix_now();
  auto range = query.range;
  // Beyond there is nothing.
  range.from = std::max(range.from, now - longest(kept));
  range.to = std::max(range.from, std::min(range.to, now + 2 * history_steps.back()));
  out->plan = plan_history(range, kept, now);
  const auto number = files->find(query.key);
  if (!number || !out->plan.problem.empty()) {
    return out;
  }
  const auto& plan = out->plan;
  std::map<std::int64_t, rollup> buckets;
  try {
    buckets = files->read(plan.level, *number, plan.from, plan.to);
  } catch (const storage::database_error& error) {
    out->plan.problem = std::string{"the history cannot be read: "} + error.what();
    return out;
  }
  buffer.merge_into(buckets, *number, plan.level, plan.from, plan.to);
  for (const auto& [start, values] : buckets) {
    out->points[bucket_start(start, plan.step)].merge(values);
  }
  return out;
}

// -- writing --------------------------------------------------------------------------------------

bool history_state::write() {
  try {
    files->write(buffer, kept, unix_now(), reached);
    return true;
  } catch (const storage::database_error& error) {
    ++counts.failed;
    counts.last_error = error.what();
    if (!std::exchange(failing, true)) {
      log::error("history", "roll-ups cannot be written; they are tried again, batches wait",
                 {{"error", error.what()}});
    }
    if (!error.damaged()) {
      return false;
    }
  }
  try {
    files->begin_again();
    files->write(buffer, kept, unix_now(), reached);
    return true;
  } catch (const storage::database_error& error) {
    log::error("history", "a new history cannot be begun, it goes on in memory",
               {{"error", error.what()}});
    counts.last_error = error.what();
    counts.on_disk = false;
    files = std::make_unique<storage::history>("");
    buffer.clear(); // its numbers are those of the file that is gone
    return true;
  }
}

void history_state::flush() {
  const auto began = monotonic_clock::now();
  const bool news = !buffer.empty() || reached.through != durable;
  if (news && write()) {
    if (std::exchange(failing, false)) {
      log::info("history", "roll-ups are written again");
      counts.last_error.clear();
    }
    buffer.clear();
    last = {};
    durable = reached.through;
    ++counts.flushes;
    counts.last_flush_ms = to_ms(monotonic_clock::now() - began);
    release();
  }
  if (!failing && buffer.empty()) {
    prune();
  }
  report();
}

void history_state::prune() {
  try {
    for (int i = 0; i < prune_steps && files->prune(kept, unix_now(), prune_step); ++i) {
    }
    counts.bytes = files->bytes();
  } catch (const storage::database_error& error) {
    log::debug("history", "what is too old cannot be dropped now", {{"error", error.what()}});
  }
}

void history_state::release() {
  auto waiting = std::exchange(held, {});
  for (auto& [batch, promise] : waiting) {
    roll_up(batch);
    promise.deliver(history_progress{durable});
  }
}

void history_state::report() {
  counts.series = files->series();
  counts.rows = files->rows();
  counts.pending = buffer.size();
  self->send(stats, counts);
}

// -- behaviours -----------------------------------------------------------------------------------

history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     std::string directory, history_config config,
                                     stats_actor stats) {
  guard_actor(self, "history");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.configure(config);
  state.open(directory);
  state.report();
  self->set_exit_handler([self](caf::exit_msg& message) {
    if (message.reason != caf::exit_reason::kill) {
      self->state.flush();
    }
    self->quit(message.reason);
  });
  const auto arm = [self] {
    self->state.next_flush = self->clock().now() + history_flush_interval;
    self->scheduled_send(self, self->state.next_flush, flush_atom_v);
  };
  arm();
  const auto metered = [self] {
    return handler_meter{self, actor_kind::history, self->state.stats};
  };
  return {
      [self](const journal_name& journal) { return self->state.begin(journal); },
      [self, metered](const history_batch& batch) {
        const auto meter = metered();
        return self->state.take(batch);
      },
      [self, metered](const history_values& values) {
        const auto meter = metered();
        self->state.take(values);
      },
      [self, metered](const history_query& query) {
        const auto meter = metered();
        return self->state.answer(query);
      },
      [self](const history_config& next) { self->state.configure(next); },
      [self](forget_atom, std::uint64_t batches) {
        self->state.counts.lost_batches += batches;
        log::error("history", "the journal dropped batches before history could take them",
                   {{"batches", batches}});
        self->state.report();
      },
      [self, metered, arm](flush_atom) {
        const auto meter = metered();
        self->state.flush();
        if (self->clock().now() >= self->state.next_flush) {
          arm();
        }
      },
  };
}

history_actor::behavior_type
history_front(history_actor::stateful_pointer<history_front_state> self, history_actor history) {
  guard_actor(self, "history_front");
  self->state.history = std::move(history);
  const auto pass = [self](auto& message) {
    return self->delegate(self->state.history, std::move(message));
  };
  return {
      [pass](journal_name& journal) { return pass(journal); },
      [pass](history_batch& batch) { return pass(batch); },
      [self](history_values& values) { self->send(self->state.history, std::move(values)); },
      [pass](history_query& query) { return pass(query); },
      [self](const history_config& next) { self->send(self->state.history, next); },
      [self](forget_atom, std::uint64_t batches) {
        self->send(self->state.history, forget_atom_v, batches);
      },
      [self](flush_atom) { self->send(self->state.history, flush_atom_v); },
  };
}

} // namespace xprober
