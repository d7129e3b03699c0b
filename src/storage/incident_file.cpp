#include "xprober/storage/incident_file.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/domain/hex.hpp"
#include "xprober/storage/incident_record.hpp"
#include "xprober/storage/incident_rows.hpp"
#include "xprober/storage/set_aside.hpp"
#include "xprober/storage/sql_values.hpp"

namespace xprober::storage {

namespace {

constexpr std::int32_t incident_mark = 0x7870'696e; // "xpin"
constexpr std::int32_t incident_schema = 1;
/// More numbers than can be lost with a log.
constexpr std::int64_t number_gap = 1'000'000;
/// From the highest penalty to where it is forgotten: five half-lives.
constexpr auto unsettled_time = 5 * flap_penalty::half_life;

/// An incident is opened and closed once, and rises to each severity once.
std::int64_t notice_bit(const incident_change& change) {
  switch (*change.tell) {
  case incident_notice::opened: return 1;
  case incident_notice::escalated:
    return change.now.severity == incident_severity::critical ? 4 : 2;
  case incident_notice::closed: break;
  }
  return 8;
}

incident_notice notice_of(std::int64_t number) {
  return number == 0   ? incident_notice::opened
         : number == 1 ? incident_notice::escalated
                       : incident_notice::closed;
}

/// A bit for each of them; all of them for none.
template <class T>
std::int64_t bits_of(const std::vector<T>& values) {
  std::int64_t bits = values.empty() ? -1 : 0;
  for (const auto value : values) {
    bits |= std::int64_t{1} << static_cast<unsigned>(value);
  }
  return bits;
}

/// A record that is none, in a page whose checksum fits, is passed over: it is of a later version.
void take_incident(statement& query, int column, std::vector<incident>& found) {
  if (auto read = read_incident(query.blob(column))) {
    found.push_back(std::move(*read));
  }
}

} // namespace

incident_file::incident_file(const std::string& directory, wall_time now) {
  if (directory.empty()) {
    open(database::in_memory, now);
    return;
  }
  std::error_code ignored; // the database says what is wrong with the directory
  std::filesystem::create_directories(directory, ignored);
  open_or_replace((std::filesystem::path{directory} / "incidents.db").string(), now);
}

std::unique_ptr<incident_file> incident_file::stand_in(wall_time now) {
  std::unique_ptr<incident_file> made{new incident_file};
  made->replaced_ = true;
  made->open(database::in_memory, now);
  return made;
}

void incident_file::open_or_replace(const std::string& path, wall_time now) {
  for (bool looked = false;; looked = true) {
    try {
      open(path, now);
      return;
    } catch (const database_error& error) {
      file_.reset();
      if (!error.damaged()) {
        throw;
      }
      if (!looked && error.may_pass() && database::is_whole(path, incident_mark, incident_schema)) {
        continue;
      }
      const auto rescued = rescue_incidents(path, incident_mark, incident_schema);
      const auto name = set_aside(path);
      replaced_ = true;
      log::error("incidents", "the damaged file of incidents was set aside, a new one was begun",
                 {{"error", error.what()}, {"set_aside", name}});
      open(path, now);
      put_back(rescued);
      return;
    }
  }
}

void incident_file::open(const std::string& path, wall_time now) {
  file_ = std::make_unique<database>(path, incident_mark, incident_schema);
  make_tables(now, replaced_);
  if (path != database::in_memory) {
    replaced_ = replaced_ || file_->log_cut();
    file_->settle();
    // Damage is found now, whichever page has it: one that is read later alone would keep all that
    // is written from the disk, and nobody would be told.
    file_->check_whole();
    unsettled(now);
    mutes();
    queued();
  }
}

/// All or none. Where a file was lost its numbers go on at the seconds since 1970, which none of
/// them can have reached.
void incident_file::make_tables(wall_time now, bool replaces) {
  transaction change{*file_};
  make_incident_tables(*file_, replaces ? to_unix_seconds(now) : 0);
  if (file_->log_cut()) {
    file_
        ->prepare("UPDATE last SET incident = incident + ?1, notice = notice + ?1,"
                  " mute = mute + ?1")
        .bind(number_gap)
        .run();
  }
  change.commit();
}

std::string incident_file::name() {
  auto query = file_->prepare("SELECT name FROM name");
  return query.step() ? hex_text(query.blob(0)) : std::string{};
}

std::uint64_t incident_file::last_id() {
  auto query = file_->prepare("SELECT incident FROM last");
  return query.step() ? as_unsigned(query.number(0)) : 0;
}

std::vector<incident> incident_file::unsettled(wall_time now) {
  std::vector<incident> found;
  auto query = file_->prepare(
      "SELECT data FROM incidents WHERE closed_ms = 0 OR closed_ms >= ? ORDER BY id");
  query.bind(to_unix_ms(now - unsettled_time));
  while (query.step()) {
    take_incident(query, 0, found);
  }
  return found;
}

std::uint64_t incident_file::next(const char* counter) {
  const auto column = std::string{counter};
  file_->run(("UPDATE last SET " + column + " = " + column + " + 1").c_str());
  auto query = file_->prepare(("SELECT " + column + " FROM last").c_str());
  return query.step() ? as_unsigned(query.number(0)) : 0;
}

void incident_file::write(std::span<const incident_change> changes, wall_time now) {
  if (changes.empty()) {
    return;
  }
  transaction whole{*file_};
  std::uint64_t last = 0;
  for (const auto& change : changes) {
    put(change, now);
    last = std::max(last, change.now.id);
  }
  file_->prepare("UPDATE last SET incident = max(incident, ?)").bind(as_signed(last)).run();
  const auto dropped = dropped_;
  try {
    trim_queue();
    whole.commit();
  } catch (const database_error&) {
    dropped_ = dropped;
    throw;
  }
}

void incident_file::put(const incident_change& change, wall_time now) {
  const auto& what = change.now;
  std::int64_t queued = 0;
  {
    auto query = file_->prepare("SELECT queued FROM incidents WHERE id = ?");
    query.bind(as_signed(what.id));
    queued = query.step() ? query.number(0) : 0;
  }
  const auto bit = change.tell ? notice_bit(change) : 0;
  const bool fresh = (queued & bit) != bit;
  put_row(*file_,
          incident_rows::incident_row{
              as_signed(what.id), to_unix_ms(what.opened),
              what.closed ? std::max<std::int64_t>(to_unix_ms(*what.closed), 1) : 0,
              static_cast<std::int64_t>(what.kind), static_cast<std::int64_t>(what.severity),
              queued | bit, incident_record(what)});
  if (!fresh || !file_->prepare("SELECT 1 FROM receivers LIMIT 1").step()) {
    return;
  }
  put_row(*file_, incident_rows::queue_row{as_signed(next("notice")),
                                           static_cast<std::int64_t>(*change.tell), to_unix_ms(now),
                                           incident_record(what, false)});
}

void incident_file::trim_queue() {
  const auto waiting = queued();
  if (waiting > most_queued) {
    file_
        ->prepare("DELETE FROM queue WHERE sequence IN"
                  " (SELECT sequence FROM queue ORDER BY sequence LIMIT ?)")
        .bind(as_signed(waiting - most_queued))
        .run();
    dropped_ += waiting - most_queued;
  }
}

std::optional<incident> incident_file::find(std::uint64_t id) {
  auto query = file_->prepare("SELECT data FROM incidents WHERE id = ?");
  query.bind(as_signed(id));
  return query.step() ? read_incident(query.blob(0)) : std::nullopt;
}

/// Adds to a page what the severities have below `before`. False: it is at its end, or so many were
/// looked at that there are none `left`, and `next` says where it goes on.
bool incident_file::list_some(const incident_query& wanted, std::int64_t severities,
                              std::uint64_t before, std::size_t& left, incident_page& page) {
  // -1, or 0 for the time, stands for all.
  auto query = file_->prepare("SELECT id, data FROM incidents WHERE id < ?1"
                              " AND (?2 < 0 OR (closed_ms = 0) = ?2)"
                              " AND (?3 >> kind) & 1 AND (?4 >> severity) & 1"
                              " AND (closed_ms = 0 OR closed_ms >= ?5) ORDER BY id DESC LIMIT ?6");
  query.bind(as_signed(before))
      .bind(wanted.open ? static_cast<std::int64_t>(*wanted.open) : -1)
      .bind(bits_of(wanted.filter.kinds))
      .bind(severities)
      .bind(wanted.since ? to_unix_ms(*wanted.since) : 0)
      .bind(as_signed(left));
  auto last = before;
  while (query.step()) {
    if (page.incidents.size() >= wanted.limit) {
      page.next = last;
      return false;
    }
    --left;
    last = as_unsigned(query.number(0));
    auto read = read_incident(query.blob(1));
    if (read && (wanted.judge ? wanted.judge(*read) : wanted.filter.fits(*read)) &&
        (!wanted.also || wanted.also(*read))) {
      page.incidents.push_back(std::move(*read));
    }
  }
  page.next = left == 0 ? last : 0;
  return left > 0;
}

incident_page incident_file::list(const incident_query& wanted) {
  incident_page page;
  auto left = most_looked_at;
  const auto severities = bits_of(wanted.filter.severities);
  if (!wanted.worst_first) {
    list_some(wanted, severities, wanted.before, left, page);
    return page;
  }
  auto before = wanted.before;
  for (const auto severity :
       {incident_severity::critical, incident_severity::warning, incident_severity::info}) {
    if (severity > wanted.from.value_or(severity)) {
      continue;
    }
    const auto only = std::int64_t{1} << static_cast<unsigned>(severity);
    if (!list_some(wanted, severities & only, before, left, page)) {
      page.next_from = severity;
      break;
    }
    before = incident_query::no_bound;
  }
  return page;
}

std::uint64_t incident_file::add(const mute& fresh) {
  transaction change{*file_};
  {
    auto query = file_->prepare("SELECT count(*) FROM mutes");
    if (query.step() && as_unsigned(query.number(0)) >= most_mutes) {
      return 0;
    }
  }
  auto kept = fresh;
  kept.id = next("mute");
  put_row(*file_,
          incident_rows::mute_row{as_signed(kept.id), to_unix_ms(kept.until), mute_record(kept)});
  change.commit();
  return kept.id;
}

bool incident_file::remove_mute(std::uint64_t id) {
  file_->check_place();
  file_->prepare("DELETE FROM mutes WHERE id = ?").bind(as_signed(id)).run();
  return file_->changes() > 0;
}

std::vector<mute> incident_file::mutes() {
  std::vector<mute> found;
  auto query = file_->prepare("SELECT data FROM mutes ORDER BY id");
  while (query.step()) {
    if (auto read = read_mute(query.blob(0))) {
      found.push_back(std::move(*read));
    }
  }
  return found;
}

void incident_file::set_receivers(std::span<const std::string> names) {
  transaction change{*file_};
  std::vector<std::string> gone;
  {
    auto query = file_->prepare("SELECT name FROM receivers");
    while (query.step()) {
      const auto known = query.blob(0);
      if (std::find(names.begin(), names.end(), known) == names.end()) {
        gone.emplace_back(known);
      }
    }
  }
  for (const auto& name : gone) {
    file_->prepare("DELETE FROM receivers WHERE name = ?").bind(name).run();
  }
  for (const auto& name : names) {
    file_->prepare("INSERT OR IGNORE INTO receivers SELECT ?, notice FROM last").bind(name).run();
  }
  file_->run("DELETE FROM queue WHERE sequence <="
             " (SELECT coalesce(min(through), (SELECT notice FROM last)) FROM receivers)");
  change.commit();
}

std::vector<queued_notice> incident_file::due(std::string_view receiver, std::size_t limit) {
  auto query = file_->prepare("SELECT sequence, notice, at_ms, data FROM queue WHERE sequence >"
                              " (SELECT through FROM receivers WHERE name = ?)"
                              " ORDER BY sequence LIMIT ?");
  query.bind(receiver).bind(as_signed(limit));
  std::vector<queued_notice> found;
  while (query.step()) {
    if (auto what = read_incident(query.blob(3))) {
      found.push_back({as_unsigned(query.number(0)), notice_of(query.number(1)),
                       wall_time{milliseconds{query.number(2)}}, std::move(*what)});
    }
  }
  return found;
}

void incident_file::told(std::string_view receiver, std::uint64_t sequence) {
  transaction change{*file_};
  file_->prepare("UPDATE receivers SET through = max(through, ?) WHERE name = ?")
      .bind(as_signed(sequence))
      .bind(receiver)
      .run();
  file_->run("DELETE FROM queue WHERE sequence <= (SELECT min(through) FROM receivers)");
  change.commit();
}

std::uint64_t incident_file::queued() {
  auto query = file_->prepare("SELECT count(*) FROM queue");
  return query.step() ? as_unsigned(query.number(0)) : 0;
}

void incident_file::note_known(std::span<const std::string> names, wall_time now) {
  transaction change{*file_};
  storage::note_known(*file_, names, to_unix_seconds(now));
  change.commit();
}

std::vector<known_span> incident_file::known(wall_time after) {
  return read_known(*file_, to_unix_seconds(after));
}

void incident_file::put_back(const incident_rows& rows) {
  transaction change{*file_};
  put_rows(*file_, rows);
  change.commit();
}

void incident_file::take_over(const incident_rows& stood_in) {
  auto rows = stood_in;
  const auto numbers = std::exchange(rows.last, {});
  transaction change{*file_};
  std::erase_if(rows.receivers, [this](const auto& row) {
    auto query = file_->prepare("SELECT 1 FROM queue WHERE sequence >"
                                " (SELECT through FROM receivers WHERE name = ?) LIMIT 1");
    query.bind(row.name);
    return query.step();
  });
  put_rows(*file_, rows);
  if (numbers.size() == 3) {
    file_
        ->prepare("UPDATE last SET incident = max(incident, ?), notice = max(notice, ?),"
                  " mute = max(mute, ?)")
        .bind(numbers[0])
        .bind(numbers[1])
        .bind(numbers[2])
        .run();
  }
  trim_queue();
  change.commit();
}

void incident_file::prune(const incident_retention& kept, wall_time now) {
  transaction change{*file_};
  const auto before = to_unix_ms(now - kept.age);
  file_->prepare("DELETE FROM incidents WHERE closed_ms > 0 AND closed_ms < ?").bind(before).run();
  file_->prepare("DELETE FROM mutes WHERE until_ms < ?").bind(before).run();
  prune_known(*file_, to_unix_seconds(now - kept.age));
  file_
      ->prepare("DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE closed_ms > 0"
                " ORDER BY closed_ms DESC, id DESC LIMIT -1 OFFSET ?)")
      .bind(as_signed(kept.most))
      .run();
  change.commit();
}

} // namespace xprober::storage
