#include "xprober/actors/server/history.hpp"

#include <algorithm>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/record.hpp"

namespace xprober {

namespace {

/// Roll-ups in memory: at some 400 bytes each, 80 MB.
constexpr std::size_t most_buffered = 200'000;
/// Rows of each level that one transaction drops, and how often in a row.
constexpr std::int64_t prune_step = 5'000;
constexpr int prune_steps = 40;
/// A probe from further in the future than this counts when it arrived.
constexpr std::int64_t bearable_future = 60;
/// The journal is asked anew after this time: nothing may come for long.
constexpr std::chrono::seconds journal_patience{30};
constexpr std::chrono::seconds journal_pause{1};

std::int64_t longest(const history_retention& kept) { return *std::ranges::max_element(kept); }

} // namespace

/// Our own clock, but for steps that pass: what is dropped by a wrong one does not come back.
std::int64_t history_state::unix_now() {
  return to_unix_seconds(own_clock.now(wall_clock::now(), since_boot()));
}

void history_state::open() {
  counts.enabled = true;
  counts.on_disk = !directory.empty();
  if (!try_open()) {
    files = std::make_unique<storage::history>("");
  }
}

/// False: the disk does not let there be a file now.
bool history_state::try_open() {
  try {
    auto opened = std::make_unique<storage::history>(directory);
    const auto position = opened->position();
    counts.bytes = opened->bytes();
    counts.set_aside += opened->has_replaced() ? 1 : 0;
    files = std::move(opened);
    reached = position;
    durable = reached.through;
    no_file = false;
    return true;
  } catch (const storage::database_error& error) {
    no_file = true;
    met(error);
    return false;
  }
}

/// An attempt to use the file has failed. The next flush replaces one that is damaged.
void history_state::met(const storage::database_error& error) {
  must_replace =
      must_replace || (!no_file && !directory.empty() && (error.damaged() || error.gone()));
  ++counts.failed;
  counts.last_error = error.what();
  if (!std::exchange(failing, true)) {
    log::error("history", "roll-ups cannot be written; they are tried again, batches wait",
               {{"error", error.what()}});
  }
}

void history_state::configure(const history_config& config) {
  kept = retention_of(config);
  max_series = config.max_series;
}

// -- reading the journal --------------------------------------------------------------------------

void history_state::read_on() {
  if (asked || failing) {
    return;
  }
  asked = true;
  if (begun) {
    ask_for_records();
  } else {
    ask_where_to_begin(false);
  }
}

void history_state::ask_where_to_begin(bool from_oldest) {
  self->request(journal, journal_patience, reader_begin{std::string{history_reader}, from_oldest})
      .then(
          [this, from_oldest](const reader_start& start) {
            if (start.journal != reached.journal && !from_oldest) {
              // Another journal, or another history: all that the journal holds is news.
              ask_where_to_begin(true);
              return;
            }
            asked = false;
            begin(start);
            read_on();
          },
          [this](const caf::error& why) { not_answered(why); });
}

void history_state::begin(const reader_start& start) {
  if (start.journal != reached.journal) {
    reached = {start.journal, start.place.done};
  } else if (reached.through > start.last_id) {
    log::warn("history", "the journal is older than the history; what is in both counts once",
              {{"history", reached.through}, {"journal", start.last_id}});
    reached.through = start.last_id;
  }
  reached.through = std::max(reached.through, start.place.done);
  durable = reached.through;
  told = start.place.done;
  begun = true;
  tell_journal();
}

void history_state::ask_for_records() {
  self->request(journal, journal_patience,
                read_request{std::string{history_reader}, reached.through})
      .then(
          [this](const journal_page& page) {
            asked = false;
            take(page);
            read_on();
          },
          [this](const caf::error& why) { not_answered(why); });
}

/// Mostly there was nothing to read for long.
void history_state::not_answered(const caf::error& why) {
  asked = false;
  if (why == caf::sec::invalid_argument) {
    begun = false; // there is another journal
  }
  if (why == caf::sec::request_timeout) {
    read_on();
  } else {
    self->scheduled_send(self, self->clock().now() + journal_pause, read_on_atom_v);
  }
}

void history_state::tell_journal() {
  if (durable == told) {
    return;
  }
  told = durable;
  // Should it fail, the next one says the same and more.
  self->request(journal, journal_patience,
                reader_progress{std::string{history_reader}, {durable, 0, 0}, 0, 0, 0})
      .then([](done_atom) {}, [](const caf::error&) {});
}

// -- taking in ------------------------------------------------------------------------------------

void history_state::take(const journal_page& page) {
  for (const auto& record : page.records) {
    if (record.id > reached.through) {
      roll_up(record);
      reached.through = record.id;
    }
  }
  if (buffer.size() >= most_buffered) {
    flush();
  }
  report();
}

void history_state::roll_up(const journal_record& record) {
  switch (record.kind) {
  case record_kind::batch: roll_up_batch(record); break;
  case record_kind::values: roll_up_values(record); break;
  case record_kind::ended: break;
  }
}

void history_state::roll_up_batch(const journal_record& record) {
  batch_header header;
  if (!read_batch_header(*record.bytes, header).empty() ||
      !read_batch_body(*record.bytes, body).empty()) {
    return; // it could be read when it came: the journal's file is damaged
  }
  const auto now = unix_now();
  read_history_rows({body, header.rows, record.received_unix_ms, record.skew_ms},
                    [this, now](history_place& place, std::int64_t unix_ms, std::int64_t arrived_ms,
                                const measured_probe& probe) {
                      const bool future = unix_ms > arrived_ms + bearable_future * 1000;
                      counts.moved += future ? 1 : 0;
                      add(place, bucket_start(future ? arrived_ms : unix_ms, 1000) / 1000, probe,
                          now);
                    });
}

void history_state::roll_up_values(const journal_record& record) {
  std::vector<wire_value> values;
  if (!decode_values(*record.bytes, values).empty()) {
    return;
  }
  const auto now = unix_now();
  const auto arrived = bucket_start(record.received_unix_ms, 1000) / 1000;
  read_history_values(
      values, [&](history_place& place, std::int64_t unix_seconds, const measured_probe& probe) {
        const bool future = unix_seconds > arrived + bearable_future;
        counts.moved += future ? 1 : 0;
        add(place, unix_seconds <= 0 || future ? arrived : unix_seconds, probe, now);
      });
}

void history_state::add(history_place& place, std::int64_t unix_seconds,
                        const measured_probe& probe, std::int64_t now) {
  if (unix_seconds < now - longest(kept)) {
    ++counts.too_old;
    return;
  }
  if (auto* values = find_rollup(place, unix_seconds)) {
    ++counts.results;
    values->add(probe);
  } else {
    ++counts.omitted;
  }
}

rollup* history_state::find_rollup(history_place& place, std::int64_t unix_seconds) {
  const auto start = bucket_start(unix_seconds, history_steps[0]);
  if (place.values != nullptr && start == place.start) {
    return place.values;
  }
  if (place.number == 0) {
    place.number = files->number(place.key, max_series).value_or(0);
  }
  place.start = start;
  place.values = place.number == 0 ? nullptr : &buffer.bucket(start)[place.number];
  return place.values;
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
  if (no_file && out->plan.problem.empty()) {
    out->plan.problem = "the history cannot be read: " + counts.last_error;
  }
  const auto found = files->find(query.subject);
  if (found.empty() || !out->plan.problem.empty()) {
    return out;
  }
  const auto& plan = out->plan;
  // A step of years reaches over far more buckets than there are.
  const auto step = history_steps[plan.level];
  const auto from = std::max(plan.from, bucket_start(now - kept[plan.level], step));
  const auto to = std::min(plan.to, now + 2 * history_steps.back());
  for (const auto& series : found) {
    std::map<std::int64_t, rollup> buckets;
    try {
      buckets = files->read(plan.level, series.number, from, to);
    } catch (const storage::database_error& error) {
      out->plan.problem = std::string{"the history cannot be read: "} + error.what();
      if (error.damaged() || error.gone()) {
        met(error);
      }
      return out;
    }
    buffer.merge_into(buckets, series.number, plan.level, from, to);
    const auto names = split_phase_names(series.phases);
    for (auto& [start, values] : buckets) {
      auto& point = out->points[bucket_start(start, plan.step)];
      point.merge(with_phases(std::move(values), names, out->phases));
    }
  }
  return out;
}

// -- writing --------------------------------------------------------------------------------------

bool history_state::write() {
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      if (must_replace) {
        counts.set_aside += files->begin_again() ? 1 : 0;
        must_replace = false;
      }
      files->write(buffer, kept, unix_now(), reached);
      return true;
    } catch (const storage::database_error& error) {
      met(error);
      if (!must_replace) {
        return false;
      }
    }
  }
  return false;
}

void history_state::flush() {
  const auto began = monotonic_clock::now();
  if (no_file) {
    wait_for_disk();
    return;
  }
  const bool news = !buffer.empty() || reached.through != durable;
  if ((news || must_replace) && write()) {
    works_again();
    buffer.clear();
    durable = reached.through;
    ++counts.flushes;
    counts.last_flush_ms = to_ms(monotonic_clock::now() - began);
    tell_journal();
    read_on();
  }
  if (!failing && buffer.empty()) {
    prune();
  }
  report();
}

void history_state::wait_for_disk() {
  if (try_open()) {
    works_again();
    read_on();
  }
  report();
}

void history_state::works_again() {
  if (std::exchange(failing, false)) {
    log::info("history", "roll-ups are written again");
    counts.last_error.clear();
  }
}

void history_state::prune() {
  try {
    for (int i = 0; i < prune_steps && files->prune(kept, unix_now(), prune_step); ++i) {
    }
    counts.bytes = files->bytes();
  } catch (const storage::database_error& error) {
    log::debug("history", "what is too old cannot be dropped now", {{"error", error.what()}});
    if (error.damaged() || error.gone()) {
      met(error);
    }
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
                                     const std::string& directory, history_config config,
                                     journal_actor journal, stats_actor stats) {
  guard_actor(self, "history");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.journal = std::move(journal);
  state.configure(config);
  state.directory = directory;
  state.open();
  state.report();
  state.read_on();
  self->set_exit_handler([self](caf::exit_msg& message) {
    if (message.reason != caf::exit_reason::kill) {
      self->state.flush();
    }
    self->quit(message.reason);
  });
  const auto arm = [self] {
    self->state.next_flush = self->clock().now() + history_flush_interval;
    self->scheduled_send(self, self->state.next_flush, write_atom_v);
  };
  arm();
  const auto metered = [self] {
    return handler_meter{self, actor_kind::history, self->state.stats};
  };
  return {
      [self, metered](const history_query& query) {
        const auto meter = metered();
        return self->state.answer(query);
      },
      [self](const history_config& next) { self->state.configure(next); },
      [self, metered, arm](write_atom) {
        const auto meter = metered();
        self->state.flush();
        if (self->clock().now() >= self->state.next_flush) {
          arm();
        }
      },
      [self](read_on_atom) { self->state.read_on(); },
  };
}

history_actor::behavior_type
history_front(history_actor::stateful_pointer<history_front_state> self, history_actor history) {
  guard_actor(self, "history_front");
  self->state.history = std::move(history);
  return {
      [self](history_query& query) {
        return self->delegate(self->state.history, std::move(query));
      },
      [self](const history_config& next) { self->send(self->state.history, next); },
      [self](write_atom) { self->send(self->state.history, write_atom_v); },
      [self](read_on_atom) { self->send(self->state.history, read_on_atom_v); },
  };
}

} // namespace xprober
