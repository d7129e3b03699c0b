#include "xprober/actors/server/history.hpp"

#include <algorithm>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/actors/server/history_answers.hpp"
#include "xprober/actors/server/history_intake.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

/// Roll-ups in memory: at some 400 bytes each, 80 MB.
constexpr std::size_t most_buffered = 200'000;
/// Rows of each level that one transaction drops, and how often in a row.
constexpr std::int64_t prune_step = 5'000;
constexpr int prune_steps = 40;
/// The journal is asked anew after this time: nothing may come for long.
constexpr std::chrono::seconds journal_patience{30};
constexpr std::chrono::seconds journal_pause{1};

} // namespace

std::int64_t history_state::unix_now() {
  return to_unix_seconds(own_clock.read(self->clock().now()));
}

/// The time by which something is too old to be kept: what is dropped by a wrong one does not come
/// back, so until the clock is proven nothing is.
std::int64_t history_state::pruning_time() {
  const auto now = unix_now();
  return own_clock.is_proven() ? now : 0;
}

void history_state::open() {
  unix_now(); // from now on it proves itself
  counts.enabled = true;
  counts.on_disk = !directory.empty();
  if (!try_open()) {
    files = std::make_unique<storage::history>("");
  }
}

/// False: the disk does not let there be a file now. What is in it has its own place in the
/// journal.
bool history_state::try_open() {
  begun = false;
  try {
    auto opened = std::make_unique<storage::history>(directory);
    const auto position = opened->position();
    counts.bytes = opened->bytes();
    counts.set_aside += opened->has_replaced() ? 1 : 0;
    files = std::move(opened);
    watched.adopt(files->watched(), unix_now());
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

/// An attempt to use the file has failed. The next flush replaces one that is damaged, and opens
/// what is in the place of one that is gone.
void history_state::met(const storage::database_error& error) {
  const bool in_use = !no_file && !directory.empty();
  must_replace = must_replace || (in_use && error.damaged());
  if (in_use && error.gone()) {
    let_go();
  }
  ++counts.failed;
  counts.last_error = error.what();
  if (!std::exchange(failing, true)) {
    log::error("history", "roll-ups cannot be written; they are tried again, batches wait",
               {{"error", error.what()}});
  }
}

/// The numbers of series and the place in the journal are those of the file that was, and so is
/// what is in memory; the journal still has it.
void history_state::let_go() {
  files = std::make_unique<storage::history>("");
  buffer.clear();
  reached = {};
  durable = 0;
  begun = false;
  no_file = true;
  must_replace = false;
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
  histograms.begin(start.journal, start.last_id);
  if (start.journal != reached.journal) {
    reached = {start.journal, start.place.done};
    durable = start.place.done;
  } else if (reached.through > start.last_id) {
    log::warn("history", "the journal is older than the history; what is in both counts once",
              {{"history", reached.through}, {"journal", start.last_id}});
    reached.through = start.last_id;
  }
  reached.through = std::max(reached.through, start.place.done);
  // Behind it is what is in memory: the same file can come back after it was closed.
  durable = std::max(std::min(durable, reached.through), start.place.done);
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
            if (begun) { // else it is behind a place that does not count any more
              take(page);
            }
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
  if (!begun || durable == told) {
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
  const auto oldest = pruning_time() - *std::ranges::max_element(kept);
  history_intake intake{*files,     buffer, watched,    histograms,         counts,
                        max_series, oldest, unix_now(), self->clock().now()};
  for (const auto& record : page.records) {
    if (record.id > reached.through) {
      intake.roll_up(record);
      reached.through = record.id;
    }
  }
  if (buffer.size() >= most_buffered) {
    flush();
  }
  report();
}

// -- answering ------------------------------------------------------------------------------------

history_answer history_state::answer(const history_query& query) {
  auto out = std::make_shared<history_series>();
  const auto now = unix_now();
  const auto uid = query.subject.one_target && !query.moment ? parse_uid_text(query.subject.other)
                                                             : std::nullopt;
  if (uid) {
    watched.ask(*uid, now);
  }
  try {
    *out = answer_question(query, {*files, buffer, kept}, now);
    out->unavailable = no_file ? counts.last_error : std::string{};
  } catch (const storage::database_error& error) {
    out->unavailable = error.what();
    if (error.damaged() || error.gone()) {
      met(error);
    }
  }
  if (uid) {
    out->watched = *watched.find(*uid);
    out->watched->since_unix = std::min(out->watched->since_unix, now);
  }
  return out;
}

/// Half a million rows are read for it at most, so it is kept; for no longer than it serves, as of
/// many pairs it is some 20 MB.
history_answer history_state::answer_usual(const history_query& query) {
  constexpr std::size_t most_kinds = 16;
  const auto now = self->clock().now();
  if (const auto known = usual.find(query.subject.kind); known != usual.end()) {
    return known->second.times;
  }
  auto found = answer(query);
  if (found->unavailable.empty() && usual.size() < most_kinds) {
    const bool young = found->plan.to - found->plan.from < 24 * 3600;
    usual[query.subject.kind] = {
        found, now + (young ? nanoseconds{first_usual_interval} : nanoseconds{usual_interval})};
  }
  return found;
}

void history_state::watch(const watch_targets& wanted) {
  const auto left_out = watched.name(wanted.targets, unix_now());
  if (left_out > 0) {
    log::debug("history", "more targets are to be watched than can be",
               {{"source", wanted.source}, {"left_out", left_out}});
  }
}

// -- writing --------------------------------------------------------------------------------------

bool history_state::write() {
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      if (must_replace) {
        if (files->begin_again()) {
          ++counts.set_aside;
          watched.begin_anew(unix_now());
        }
        must_replace = false;
      }
      // First, because what was written of roll-ups must not be written again.
      if (watched.has_changed()) {
        files->write_watched(watched.all());
        watched.note_written();
      }
      files->write(buffer, kept, pruning_time(), reached);
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
  std::erase_if(usual,
                [this](const auto& known) { return self->clock().now() >= known.second.until; });
  watched.expire(pruning_time());
  const bool news = !buffer.empty() || reached.through != durable || watched.has_changed();
  if (!no_file && (news || must_replace) && write()) {
    works_again();
    buffer.clear();
    durable = reached.through;
    ++counts.flushes;
    counts.last_flush_ms = to_ms(monotonic_clock::now() - began);
    tell_journal();
    read_on();
  }
  histograms.tend(self->clock().now(), begun && !failing && !no_file);
  if (no_file) {
    wait_for_disk();
  } else if (!failing && buffer.empty()) {
    prune();
  }
  report();
}

void history_state::wait_for_disk() {
  if (try_open()) {
    works_again();
    read_on();
  }
}

void history_state::works_again() {
  if (std::exchange(failing, false)) {
    log::info("history", "roll-ups are written again");
    counts.last_error.clear();
  }
}

void history_state::prune() {
  try {
    for (int i = 0; i < prune_steps && files->prune(kept, pruning_time(), prune_step); ++i) {
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
  counts.watched = watched.size();
  counts.histograms = histograms.size();
  counts.histograms_omitted = histograms.omitted();
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
        return query.is_of_usual() ? self->state.answer_usual(query) : self->state.answer(query);
      },
      [self, metered](histograms_atom) {
        const auto meter = metered();
        return self->state.histograms.all(self->clock().now());
      },
      [self, metered](const watch_targets& wanted) {
        const auto meter = metered();
        self->state.watch(wanted);
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
      [self](histograms_atom) { return self->delegate(self->state.history, histograms_atom_v); },
      [self](const watch_targets& wanted) { self->send(self->state.history, wanted); },
      [self](const history_config& next) { self->send(self->state.history, next); },
      [self](write_atom) { self->send(self->state.history, write_atom_v); },
      [self](read_on_atom) { self->send(self->state.history, read_on_atom_v); },
  };
}

} // namespace xprober
