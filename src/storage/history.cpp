#include "xprober/storage/history.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sqlite3.h>

#include "history_levels.hpp"
#include "xprober/base/log.hpp"
#include "xprober/storage/set_aside.hpp"
#include "xprober/storage/sql_values.hpp"
#include "xprober/storage/watched_rows.hpp"

namespace xprober::storage {

namespace {

constexpr std::int32_t kind = 0x7870'6873; // "xphs"
/// A file of version 1 is set aside: it has icmp and http alone.
constexpr std::int32_t schema = 2;
/// In the column `grouped_by`, beside the group: a series of a single target.
constexpr std::uint64_t one_target_bit = 2;

} // namespace

history::history(const std::string& directory) {
  if (directory.empty()) {
    open(database::in_memory);
    return;
  }
  std::error_code ignored; // the database says what is wrong with the directory
  std::filesystem::create_directories(directory, ignored);
  path_ = (std::filesystem::path{directory} / "history.db").string();
  open_or_replace();
}

void history::open_or_replace() {
  for (bool looked = false;; looked = true) {
    try {
      open(path_);
      return;
    } catch (const database_error& error) {
      if (!error.damaged()) {
        throw;
      }
      if (!looked && error.may_pass() && database::is_whole(path_, kind, schema)) {
        continue;
      }
      const auto name = set_aside(path_);
      replaced_ = true;
      log::error("history", "the damaged history was set aside, a new one was begun",
                 {{"error", error.what()}, {"set_aside", name}});
      open(path_);
      return;
    }
  }
}

/// The same file, opened again: what is known of it and was not written yet stays known.
bool history::use_on() {
  if (looked_ || !database::is_whole(path_, kind, schema)) {
    return false;
  }
  looked_ = true;
  auto known = series_;
  try {
    open(path_);
  } catch (const database_error&) {
    series_ = std::move(known);
    throw;
  }
  const bool same = std::ranges::all_of(series_.all(), [&](const auto& series) {
    const auto found = known.all().find(series.first);
    return found != known.all().end() && found->second.number == series.second.number;
  });
  series_ = std::move(known);
  if (!same) {
    file_.reset();
    return false;
  }
  log::warn("history", "the history could be read in a second attempt and is used on");
  return true;
}

/// What was known stays known until there is a new file, so that this can be repeated.
bool history::begin_again() {
  file_.reset();
  std::error_code ignored;
  if (!path_.empty() && !moved_ && std::filesystem::exists(path_, ignored)) {
    if (use_on()) {
      return false;
    }
    log::error("history", "the damaged history was set aside, a new one is begun",
               {{"set_aside", set_aside(path_)}});
    moved_ = true; // should the new one not be made now, it is not set aside, too
  }
  auto known = series_;
  const bool moved = moved_;
  try {
    open(path_.empty() ? database::in_memory : path_);
    moved_ = looked_ = false;
  } catch (const database_error& error) {
    moved_ = moved_ && !error.damaged();
    series_ = std::move(known);
    throw;
  }
  series_ = std::move(known);
  series_.set_written(false);
  return moved;
}

void history::open(const std::string& path) {
  file_.reset();
  auto opened = std::make_unique<database>(path, kind, schema);
  std::swap(file_, opened);
  try {
    make_tables();
    load();
    replaced_ = replaced_ || file_->log_cut();
    file_->settle();
  } catch (const database_error&) {
    file_.reset();
    throw;
  }
}

database& history::file() {
  if (!file_) {
    throw database_error(path_ + ": there is no history that can be used", SQLITE_CANTOPEN);
  }
  return *file_;
}

void history::make_tables() {
  transaction change{file()};
  for (const auto& sql : levels()) {
    file().run(sql.make.c_str());
  }
  file().run("CREATE TABLE IF NOT EXISTS series(number INTEGER PRIMARY KEY, "
             "kind BLOB NOT NULL,"
             " grouped_by INTEGER NOT NULL, source_region BLOB NOT NULL, other "
             "BLOB NOT NULL,"
             " phases BLOB NOT NULL, last INTEGER NOT NULL);"
             "CREATE TABLE IF NOT EXISTS brought_by(number INTEGER PRIMARY "
             "KEY, agent BLOB NOT NULL);"
             "CREATE TABLE IF NOT EXISTS position(id INTEGER PRIMARY KEY "
             "CHECK(id = 1),"
             " journal BLOB NOT NULL, through INTEGER NOT NULL);"
             "INSERT OR IGNORE INTO position VALUES(1, x'', 0);"
             "CREATE TABLE IF NOT EXISTS counts(level INTEGER PRIMARY KEY, "
             "rows INTEGER NOT NULL);"
             "INSERT OR IGNORE INTO counts VALUES(0, 0), (1, 0), (2, 0);");
  make_watched_table(file());
  change.commit();
}

void history::load() {
  history_register::entries found;
  // Who has brought a series stands apart: a program that knows nothing of it goes on with the
  // file.
  auto query = file().prepare("SELECT number, kind, grouped_by, source_region, other, phases, last,"
                              " coalesce(agent, x'') FROM series LEFT JOIN brought_by"
                              " USING(number)");
  while (query.step()) {
    history_register::known_series known{static_cast<std::uint32_t>(query.number(0)),
                                         query.number(6), true, std::string{query.blob(7)}};
    const auto group = static_cast<std::uint64_t>(query.number(2));
    history_subject subject{
        std::string{query.blob(1)}, (group & 1U) == 0 ? result_group::pair : result_group::address,
        std::string{query.blob(3)}, std::string{query.blob(4)}, (group & one_target_bit) != 0};
    found.emplace(history_key{std::move(subject), std::string{query.blob(5)}}, std::move(known));
  }
  series_ = history_register{std::move(found)};
  auto counts = file().prepare("SELECT level, rows FROM counts ORDER BY level");
  for (auto& rows : rows_) {
    rows = counts.step() ? static_cast<std::uint64_t>(counts.number(1)) : 0;
  }
  for (const auto& sql : levels()) {
    // Reads the first page of each table: damage there is found now.
    file().prepare(sql.get.c_str()).bind(std::int64_t{0}).bind(std::int64_t{0}).step();
  }
  watched_ = read_watched(file());
}

journal_position history::position() {
  auto query = file().prepare("SELECT journal, through FROM position");
  if (!query.step()) {
    return {};
  }
  return {std::string{query.blob(0)}, static_cast<std::uint64_t>(query.number(1))};
}

// -- writing --------------------------------------------------------------------------------------

void history::write(const rollup_buffer& fresh, const history_retention& kept, std::int64_t now,
                    const journal_position& reached) {
  transaction change{file()};
  auto rows = rows_;
  for (std::size_t level = 0; level < history_levels; ++level) {
    const auto rollups = fresh.rolled_up(level, now - kept[level]);
    write_level(rollups, level, rows);
    if (level + 1 == history_levels) {
      write_series(rollups);
    }
  }
  write_rows(rows);
  file()
      .prepare("UPDATE position SET journal = ?, through = ?")
      .bind(reached.journal)
      .bind(as_signed(reached.through))
      .run();
  change.commit();
  looked_ = false;
  rows_ = rows;
  series_.set_written(true);
}

void history::write_level(const rollup_buffer::rollups& rollups, std::size_t level,
                          std::array<std::uint64_t, history_levels>& rows) {
  auto get = file().prepare(levels()[level].get.c_str());
  auto put = file().prepare(levels()[level].put.c_str());
  for (const auto& [place, values] : rollups) {
    const auto& [start, number] = place;
    get.bind(start).bind(std::int64_t{number});
    std::string bytes;
    if (get.step()) {
      // What cannot be read any more is replaced.
      auto merged = rollup::decode(get.blob(0)).value_or(rollup{});
      merged.merge(values);
      bytes = merged.encode();
    } else {
      bytes = values.encode();
      ++rows[level];
    }
    get.reset();
    put.bind(start).bind(std::int64_t{number}).bind(bytes).run();
  }
}

void history::write_series(const rollup_buffer::rollups& coarsest) {
  std::map<std::uint32_t, std::int64_t> newest;
  for (const auto& [place, values] : coarsest) {
    newest[place.second] = std::max(newest[place.second], place.first);
  }
  auto put = file().prepare("INSERT OR REPLACE INTO series VALUES(?, ?, ?, ?, ?, ?, ?)");
  auto by = file().prepare("INSERT OR REPLACE INTO brought_by VALUES(?, ?)");
  series_.for_each([&](const history_key& key, history_register::known_series& known) {
    const auto found = newest.find(known.number);
    const auto last = found == newest.end() ? known.last : std::max(known.last, found->second);
    if (known.written && last == known.last) {
      return;
    }
    put.bind(std::int64_t{known.number})
        .bind(key.subject.kind)
        .bind(as_signed(static_cast<std::uint64_t>(key.subject.grouped_by) |
                        (key.subject.one_target ? one_target_bit : 0U)))
        .bind(key.subject.source_region)
        .bind(key.subject.other)
        .bind(key.phases)
        .bind(last)
        .run();
    if (!known.agent.empty()) {
      by.bind(std::int64_t{known.number}).bind(known.agent).run();
    }
    // Should the transaction fail, the same roll-ups come again with the next one.
    known.written = false;
    known.last = last;
  });
}

void history::write_watched(const std::vector<watched_target>& all) {
  storage::write_watched(file(), all);
  watched_ = all;
}

void history::write_rows(const std::array<std::uint64_t, history_levels>& rows) {
  for (std::size_t level = 0; level < history_levels; ++level) {
    file()
        .prepare("UPDATE counts SET rows = ? WHERE level = ?")
        .bind(as_signed(rows[level]))
        .bind(as_signed(level))
        .run();
  }
}

// -- reading --------------------------------------------------------------------------------------

std::map<std::int64_t, rollup> history::read(std::size_t level, std::uint32_t number,
                                             std::int64_t from, std::int64_t to) {
  std::map<std::int64_t, rollup> found;
  auto get = file().prepare(levels()[level].get.c_str());
  const auto step = history_steps[level];
  for (auto start = bucket_start(from, step); start < to; start += step) {
    if (start < from) {
      continue;
    }
    get.bind(start).bind(std::int64_t{number});
    if (get.step()) {
      if (auto values = rollup::decode(get.blob(0))) {
        found.emplace(start, std::move(*values));
      }
    }
    get.reset();
  }
  return found;
}

void history::scan(std::size_t level, std::int64_t from, std::int64_t to,
                   const std::function<void(std::uint32_t, std::string_view)>& visit) {
  auto rows = file().prepare(levels()[level].scan.c_str());
  rows.bind(from).bind(to);
  while (rows.step()) {
    visit(static_cast<std::uint32_t>(rows.number(0)), rows.blob(1));
  }
}

// -- dropping -------------------------------------------------------------------------------------

std::int64_t history::erase_before(std::size_t level, std::int64_t before, std::int64_t limit) {
  file().prepare(levels()[level].erase.c_str()).bind(before).bind(limit).run();
  return file().changes();
}

bool history::prune(const history_retention& kept, std::int64_t now, std::int64_t limit) {
  transaction change{file()};
  auto rows = rows_;
  bool more = false;
  for (std::size_t level = 0; level < history_levels; ++level) {
    // The bucket in which the retention ends stays whole.
    const auto before = bucket_start(now - kept[level], history_steps[level]);
    const auto erased = erase_before(level, before, limit);
    rows[level] -= std::min(rows[level], static_cast<std::uint64_t>(erased));
    more = more || erased == limit;
  }
  write_rows(rows);
  std::vector<history_key> gone;
  const auto longest = *std::ranges::max_element(kept);
  for (const auto& [key, known] : series_.all()) {
    if (!more && known.written && known.last < bucket_start(now - longest, history_steps.back())) {
      file().prepare("DELETE FROM series WHERE number = ?").bind(std::int64_t{known.number}).run();
      file()
          .prepare("DELETE FROM brought_by WHERE number = ?")
          .bind(std::int64_t{known.number})
          .run();
      gone.push_back(key);
    }
  }
  change.commit();
  rows_ = rows;
  for (const auto& key : gone) {
    series_.erase(key);
  }
  return more;
}

std::uint64_t history::bytes() {
  auto pages = file().prepare("PRAGMA page_count");
  auto size = file().prepare("PRAGMA page_size");
  return pages.step() && size.step() ? static_cast<std::uint64_t>(pages.number(0) * size.number(0))
                                     : 0;
}

} // namespace xprober::storage
