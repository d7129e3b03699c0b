#include <algorithm>
#include <iterator>
#include <utility>

#include "xprober/actors/server/journal.hpp"
#include "xprober/base/log.hpp"
#include "xprober/store/store_values.hpp"

// The journal's other side: who reads it, and what is written for readers alone.

namespace xprober {

namespace {

constexpr std::size_t page_records = 64;
constexpr std::uint64_t page_bytes = std::uint64_t{4} << 20;
constexpr std::chrono::seconds store_timeout{60};

std::int64_t unix_ms(wall_time t) {
  return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
}

} // namespace

void journal_state::report() {
  counts.readers.clear();
  for (const auto& [key, r] : ledger.readers()) {
    counts.readers.push_back(
        {key, r.at.sent, r.at.failed, r.at.dropped, r.pending_values, r.pending_bytes});
  }
  self->send(stats, counts);
}

// -- what comes -----------------------------------------------------------------------------------

void journal_state::note_record(std::uint64_t id, std::uint64_t bytes, std::uint64_t values) {
  ledger.add({id, unix_ms(wall_clock::now()), bytes, values});
  try {
    feed_readers();
    enforce_limits();
  } catch (const storage::database_error& error) {
    // The record is kept: that comes first, and the next one tries again.
    log::debug("journal", "readers wait", {{"error", error.what()}});
  }
}

bool journal_state::keep_record(record_kind kind, const std::string& bytes, std::uint64_t values) {
  try {
    note_record(file->add(kind, bytes, wall_clock::now(), values), bytes.size(), values);
    return true;
  } catch (const storage::database_error& error) {
    if (!std::exchange(failing, true)) {
      log::error("journal", "what has no number of its own cannot be kept and reaches no reader",
                 {{"error", error.what()}});
    }
    return false;
  }
}

caf::result<push_response> journal_state::take(const push_request& request) {
  if (!ledger.readers().empty()) {
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
    for (auto& [key, r] : ledger.readers()) {
      r.at.dropped += good.size();
    }
  }
  report();
}

void journal_state::take(const series_ended& ended) {
  if (!ledger.readers().empty() && !ended.series.empty()) {
    keep_record(record_kind::ended, encode_ended(ended.series), 0);
  }
}

/// A page to every reader that waits for one.
void journal_state::feed_readers() {
  for (auto it = hungry.begin(); it != hungry.end();) {
    journal_page page;
    if (fill_page(it->first, it->second.first, page)) {
      it->second.second.deliver(std::move(page));
      it = hungry.erase(it);
    } else {
      ++it;
    }
  }
}

void journal_state::enforce_limits() {
  for (auto& [key, r] : ledger.readers()) {
    const auto before = r.at.dropped;
    if (ledger.enforce(r) == 0) {
      continue;
    }
    if (before == 0) {
      log::warn("journal", "a reader's queue is full; its oldest values are dropped",
                {{"reader", key}, {"values", r.at.dropped - before}});
    }
    file->keep(r.at);
  }
}

// -- readers --------------------------------------------------------------------------------------

/// All that can fail: a disk that takes the new readers' positions.
caf::result<done_atom> journal_state::prepare_readers(const journal_readers& wanted) {
  abandon_readers();
  prepared.emplace().wanted = wanted;
  try {
    for (const auto& reader : wanted.readers) {
      if (ledger.find(reader.name) == nullptr) {
        storage::reader_position position;
        position.name = reader.name;
        position.done = file->last_id();
        file->keep(position);
        prepared->fresh.push_back(std::move(position));
      }
    }
  } catch (const storage::database_error& error) {
    abandon_readers();
    return caf::make_error(caf::sec::runtime_error, error.what());
  }
  return done_atom_v;
}

void journal_state::abandon_readers() {
  for (const auto& position :
       std::exchange(prepared, std::nullopt).value_or(prepared_readers{}).fresh) {
    forget_on_disk(position.name);
  }
}

void journal_state::commit_readers() {
  if (!prepared) {
    return;
  }
  const auto [wanted, fresh] = *std::exchange(prepared, std::nullopt);
  std::vector<std::string> gone;
  for (const auto& [key, r] : ledger.readers()) {
    if (std::ranges::find(wanted.readers, key, &journal_reader::name) == wanted.readers.end()) {
      gone.push_back(key);
    }
  }
  for (const auto& key : gone) {
    if (const auto* r = ledger.find(key); r->pending_values > 0) {
      log::warn("journal", "a reader is gone, and with it what waited for it",
                {{"reader", key}, {"values", r->pending_values}});
    }
    ledger.close(key);
    hungry.erase(key);
    forget_on_disk(key);
  }
  for (const auto& reader : wanted.readers) {
    storage::reader_position position;
    position.name = reader.name;
    if (const auto found = std::ranges::find(fresh, reader.name, &storage::reader_position::name);
        found != fresh.end()) {
      position = *found;
    }
    ledger.open(position, reader.max_bytes);
  }
  try {
    enforce_limits();
  } catch (const storage::database_error& error) {
    log::debug("journal", "limits are enforced with the next record", {{"error", error.what()}});
  }
  report();
}

/// What stays on disk is read by nobody: the next start finds that it is not wanted.
void journal_state::forget_on_disk(const std::string& reader) {
  try {
    file->forget_reader(reader);
  } catch (const storage::database_error& error) {
    log::debug("journal", "a reader's position stays on disk", {{"error", error.what()}});
  }
}

caf::result<reader_start> journal_state::begin_reading(const reader_begin& begin) {
  auto* r = ledger.find(begin.reader);
  if (r == nullptr) {
    return caf::make_error(caf::sec::invalid_argument, "no such reader");
  }
  last_progress.erase(begin.reader);
  try {
    if (begin.from_oldest) {
      storage::reader_position position;
      position.name = begin.reader;
      position.sent = r->at.sent;
      position.failed = r->at.failed;
      position.dropped = r->at.dropped;
      file->keep(position);
      const auto limit = r->max_bytes;
      ledger.close(begin.reader);
      r = &ledger.open(position, limit);
      report();
    }
    return reader_start{{r->at.done, r->at.rows, r->at.values}, file->name(), file->last_id()};
  } catch (const storage::database_error& error) {
    return caf::make_error(caf::sec::runtime_error, error.what());
  }
}

bool journal_state::fill_page(const std::string& reader, std::uint64_t after, journal_page& page) {
  auto* r = ledger.find(reader);
  if (r == nullptr) {
    return false;
  }
  std::uint64_t bytes = 0;
  while (page.records.size() < page_records) {
    const auto next = ledger.next(*r, after);
    if (!next || (!page.records.empty() && bytes + next->bytes > page_bytes)) {
      break;
    }
    const bool over_dropped = after <= r->at.skip_after && next->id > r->at.skip_through;
    if (over_dropped && !page.records.empty() && r->at.skip_through > 0) {
      break;
    }
    after = next->id;
    auto record = file->record(next->id);
    if (!record) {
      continue;
    }
    bytes += next->bytes;
    r->lent = std::max(r->lent, next->id);
    page.records.push_back({next->id, record->kind,
                            std::make_shared<const std::string>(std::move(record->bytes)),
                            unix_ms(record->received), record->skew_ms});
  }
  return !page.records.empty();
}

caf::result<journal_page> journal_state::read_next(const read_request& request) {
  if (ledger.find(request.reader) == nullptr) {
    return caf::make_error(caf::sec::invalid_argument, "no such reader");
  }
  hungry.erase(request.reader);
  try {
    journal_page page;
    if (fill_page(request.reader, request.after, page)) {
      return page;
    }
  } catch (const storage::database_error& error) {
    return caf::make_error(caf::sec::runtime_error, error.what());
  }
  auto promise = self->make_response_promise<journal_page>();
  hungry.insert_or_assign(request.reader, std::pair{request.after, promise});
  return promise;
}

caf::result<done_atom> journal_state::advance_reader(const reader_progress& progress) {
  auto* r = ledger.find(progress.reader);
  if (r == nullptr) {
    return caf::make_error(caf::sec::invalid_argument, "no such reader");
  }
  const auto& place = progress.place;
  auto next = r->at;
  next.done = std::max(next.done, place.done);
  next.rows = place.rows;
  next.values = place.values;
  auto& counted = last_progress[progress.reader];
  const bool again = progress.number != 0 && progress.number <= counted;
  if (!again) {
    next.sent += progress.sent;
    next.failed += progress.failed;
    next.dropped += progress.dropped;
  }
  try {
    file->keep(next);
  } catch (const storage::database_error& error) {
    return caf::make_error(caf::sec::runtime_error, error.what());
  }
  counted = std::max(counted, progress.number);
  ledger.advance(*r, place.done, place.rows, place.values);
  r->at.sent = next.sent;
  r->at.failed = next.failed;
  r->at.dropped = next.dropped;
  report();
  return done_atom_v;
}

} // namespace xprober
