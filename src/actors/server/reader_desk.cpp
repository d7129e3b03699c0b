#include "xprober/actors/server/reader_desk.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::size_t page_records = 64;
constexpr std::uint64_t page_bytes = std::uint64_t{4} << 20;

} // namespace

reader_desk::reader_desk(storage::journal& file) : file_(file) {
  for (const auto& record : file_.records()) {
    ledger_.add(record);
    newest_at_start_ = wall_time{milliseconds{record.received_ms}};
  }
  // What they need must outlast the time until the configuration names them, with their limits.
  for (const auto& position : file_.readers()) {
    ledger_.open(position, std::numeric_limits<std::uint64_t>::max());
  }
}

void reader_desk::prepare(const journal_readers& wanted) {
  abandon();
  prepared_.emplace().wanted = wanted;
  try {
    for (const auto& reader : wanted.readers) {
      if (ledger_.find(reader.name) == nullptr) {
        storage::reader_position position;
        position.name = reader.name;
        position.done = file_.last_id();
        file_.keep(position);
        prepared_->fresh.push_back(std::move(position));
      }
    }
  } catch (const storage::database_error&) {
    abandon();
    throw;
  }
}

void reader_desk::abandon() {
  const auto dropped = std::exchange(prepared_, std::nullopt).value_or(prepared_readers{});
  for (const auto& position : dropped.fresh) {
    forget_in_file(position.name);
  }
}

void reader_desk::commit() {
  if (!prepared_) {
    return;
  }
  const auto [wanted, fresh] = *std::exchange(prepared_, std::nullopt);
  std::vector<std::string> gone;
  for (const auto& [name, r] : ledger_.readers()) {
    if (std::ranges::find(wanted.readers, name, &journal_reader::name) == wanted.readers.end()) {
      gone.push_back(name);
    }
  }
  for (const auto& name : gone) {
    close(name);
  }
  for (const auto& reader : wanted.readers) {
    storage::reader_position position; // of one that is known already it is not looked at
    position.name = reader.name;
    const auto found = std::ranges::find(fresh, reader.name, &storage::reader_position::name);
    if (found != fresh.end()) {
      position = *found;
    }
    ledger_.open(position, reader.max_bytes);
  }
  try {
    enforce_limits();
  } catch (const storage::database_error& error) {
    log::debug("journal", "limits are enforced with the next record", {{"error", error.what()}});
  }
}

void reader_desk::close(const std::string& reader) {
  if (const auto* r = ledger_.find(reader); r->pending_values > 0) {
    log::warn("journal", "a reader is gone, and with it what waited for it",
              {{"reader", reader}, {"values", r->pending_values}});
  }
  ledger_.close(reader);
  hungry_.erase(reader);
  forget_in_file(reader);
}

/// What stays in the file is read by nobody: the next start finds that it is not wanted.
void reader_desk::forget_in_file(const std::string& reader) {
  try {
    file_.forget_reader(reader);
  } catch (const storage::database_error& error) {
    log::debug("journal", "a reader's position stays on disk", {{"error", error.what()}});
  }
}

void reader_desk::add(std::uint64_t id, wall_time received, std::uint64_t bytes,
                      std::uint64_t values) {
  ledger_.add({id, to_unix_ms(received), bytes, values});
}

void reader_desk::lose(std::uint64_t values) {
  for (auto& [name, r] : ledger_.readers()) {
    r.at.dropped += values;
  }
}

reader_start reader_desk::begin(const reader_begin& begin) {
  auto* r = ledger_.find(begin.reader);
  last_progress_.erase(begin.reader);
  if (begin.from_oldest) {
    storage::reader_position position;
    position.name = begin.reader;
    position.sent = r->at.sent;
    position.failed = r->at.failed;
    position.dropped = r->at.dropped;
    file_.keep(position);
    const auto limit = r->max_bytes;
    ledger_.close(begin.reader);
    r = &ledger_.open(position, limit);
  }
  return {{r->at.done, r->at.rows, r->at.values}, file_.name(), file_.last_id()};
}

std::optional<journal_page> reader_desk::read(const read_request& request) {
  hungry_.erase(request.reader);
  auto page = page_for(request.reader, request.after);
  if (!page) {
    hungry_.insert_or_assign(request.reader, request.after);
  }
  return page;
}

std::optional<journal_page> reader_desk::page_for(const std::string& reader, std::uint64_t after) {
  auto* r = ledger_.find(reader);
  if (r == nullptr) {
    return std::nullopt;
  }
  journal_page page;
  std::uint64_t bytes = 0;
  while (page.records.size() < page_records) {
    const auto next = ledger_.next(*r, after);
    if (!next || (!page.records.empty() && bytes + next->bytes > page_bytes)) {
      break;
    }
    const bool over_dropped = after <= r->at.skip_after && next->id > r->at.skip_through;
    if (over_dropped && !page.records.empty() && r->at.skip_through > 0) {
      break;
    }
    after = next->id;
    auto record = file_.record(next->id);
    if (!record) {
      continue;
    }
    bytes += next->bytes;
    r->lent = std::max(r->lent, next->id);
    page.records.push_back({next->id, record->kind,
                            std::make_shared<const std::string>(std::move(record->bytes)),
                            to_unix_ms(record->received), record->skew_ms});
  }
  return page.records.empty() ? std::nullopt : std::optional{std::move(page)};
}

void reader_desk::advance(const reader_progress& progress) {
  auto& r = *ledger_.find(progress.reader);
  const auto& place = progress.place;
  auto next = r.at;
  next.done = std::max(next.done, place.done);
  next.rows = place.rows;
  next.values = place.values;
  auto& counted = last_progress_[progress.reader];
  const bool again = progress.number != 0 && progress.number <= counted;
  if (!again) {
    next.sent += progress.sent;
    next.failed += progress.failed;
    next.dropped += progress.dropped;
  }
  file_.keep(next);
  counted = std::max(counted, progress.number);
  ledger_.advance(r, place.done, place.rows, place.values);
  r.at.sent = next.sent;
  r.at.failed = next.failed;
  r.at.dropped = next.dropped;
}

void reader_desk::serve(
    const std::function<void(const std::string& reader, journal_page page)>& give) {
  for (auto it = hungry_.begin(); it != hungry_.end();) {
    if (auto page = page_for(it->first, it->second)) {
      give(it->first, std::move(*page));
      it = hungry_.erase(it);
    } else {
      ++it;
    }
  }
}

void reader_desk::enforce_limits() {
  for (auto& [name, r] : ledger_.readers()) {
    const auto before = r.at.dropped;
    if (ledger_.enforce(r, most_) == 0) {
      continue;
    }
    if (before == 0) {
      log::warn("journal", "a reader's queue is full; its oldest values are dropped",
                {{"reader", name}, {"values", r.at.dropped - before}});
    }
    file_.keep(r.at);
  }
}

std::vector<std::uint64_t> reader_desk::take_unneeded(wall_time before, wall_time after,
                                                      std::size_t limit) {
  return ledger_.take_unneeded(to_unix_ms(before), limit, to_unix_ms(after));
}

std::vector<journal_stats::reader> reader_desk::stats() const {
  std::vector<journal_stats::reader> all;
  for (const auto& [name, r] : ledger_.readers()) {
    all.push_back({name, r.at.sent, r.at.failed, r.at.dropped, r.pending_values, r.pending_bytes});
  }
  return all;
}

} // namespace xprober
