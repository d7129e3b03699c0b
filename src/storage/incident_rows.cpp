#include "xprober/storage/incident_rows.hpp"

#include <filesystem>
#include <system_error>

namespace xprober::storage {

namespace {

/// Calls `take` for each row that can be read: some are better than none.
template <class Take>
void rescue_rows(database& file, const char* sql, Take take) {
  try {
    auto query = file.prepare(sql);
    while (query.step()) {
      take(query);
    }
  } catch (const database_error&) { // NOLINT(bugprone-empty-catch)
  }
}

} // namespace

void make_incident_tables(database& file, std::int64_t first) {
  file.run("CREATE TABLE IF NOT EXISTS incidents(id INTEGER PRIMARY KEY,"
           " opened_ms INTEGER NOT NULL, closed_ms INTEGER NOT NULL, kind INTEGER NOT NULL,"
           " severity INTEGER NOT NULL, queued INTEGER NOT NULL, data BLOB NOT NULL);"
           "CREATE INDEX IF NOT EXISTS incidents_closed ON incidents(closed_ms);"
           "CREATE TABLE IF NOT EXISTS queue(sequence INTEGER PRIMARY KEY,"
           " notice INTEGER NOT NULL, at_ms INTEGER NOT NULL, data BLOB NOT NULL);"
           "CREATE TABLE IF NOT EXISTS receivers(name BLOB PRIMARY KEY,"
           " through INTEGER NOT NULL) WITHOUT ROWID;"
           "CREATE TABLE IF NOT EXISTS mutes(id INTEGER PRIMARY KEY,"
           " until_ms INTEGER NOT NULL, data BLOB NOT NULL);"
           "CREATE TABLE IF NOT EXISTS name(id INTEGER PRIMARY KEY CHECK(id = 1),"
           " name BLOB NOT NULL);"
           "INSERT OR IGNORE INTO name VALUES(1, randomblob(16));"
           "CREATE TABLE IF NOT EXISTS last(id INTEGER PRIMARY KEY CHECK(id = 1),"
           " incident INTEGER NOT NULL, notice INTEGER NOT NULL, mute INTEGER NOT NULL)");
  make_known_table(file);
  file.prepare("INSERT OR IGNORE INTO last VALUES(1, ?, ?, ?)")
      .bind(first)
      .bind(first)
      .bind(first)
      .run();
}

incident_rows read_rows(database& file) {
  incident_rows found;
  rescue_rows(file,
              "SELECT id, opened_ms, closed_ms, kind, severity, queued, data FROM incidents"
              " ORDER BY id DESC LIMIT 10000",
              [&](statement& q) {
                found.incidents.push_back({q.number(0), q.number(1), q.number(2), q.number(3),
                                           q.number(4), q.number(5), std::string{q.blob(6)}});
              });
  rescue_rows(
      file, "SELECT sequence, notice, at_ms, data FROM queue LIMIT 10000", [&](statement& q) {
        found.queue.push_back({q.number(0), q.number(1), q.number(2), std::string{q.blob(3)}});
      });
  rescue_rows(file, "SELECT name, through FROM receivers LIMIT 10000", [&](statement& q) {
    found.receivers.push_back({std::string{q.blob(0)}, q.number(1)});
  });
  rescue_rows(file, "SELECT id, until_ms, data FROM mutes LIMIT 10000", [&](statement& q) {
    found.mutes.push_back({q.number(0), q.number(1), std::string{q.blob(2)}});
  });
  rescue_rows(file, "SELECT name, from_s, to_s FROM known LIMIT 10000", [&](statement& q) {
    found.known.push_back({std::string{q.blob(0)}, q.number(1), q.number(2)});
  });
  rescue_rows(file, "SELECT incident, notice, mute FROM last",
              [&](statement& q) { found.last = {q.number(0), q.number(1), q.number(2)}; });
  return found;
}

incident_rows rescue_incidents(const std::string& path, std::int32_t kind, std::int32_t schema) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return {};
  }
  try {
    database file{path, kind, schema};
    return read_rows(file);
  } catch (const database_error&) {
    return {}; // it cannot even be opened
  }
}

void put_row(database& file, const incident_rows::incident_row& row) {
  file.prepare("INSERT OR REPLACE INTO incidents VALUES(?, ?, ?, ?, ?, ?, ?)")
      .bind(row.id)
      .bind(row.opened_ms)
      .bind(row.closed_ms)
      .bind(row.kind)
      .bind(row.severity)
      .bind(row.queued)
      .bind(row.data)
      .run();
}

void put_row(database& file, const incident_rows::queue_row& row) {
  file.prepare("INSERT OR REPLACE INTO queue VALUES(?, ?, ?, ?)")
      .bind(row.sequence)
      .bind(row.notice)
      .bind(row.at_ms)
      .bind(row.data)
      .run();
}

void put_row(database& file, const incident_rows::receiver_row& row) {
  file.prepare("INSERT OR REPLACE INTO receivers VALUES(?, ?)")
      .bind(row.name)
      .bind(row.through)
      .run();
}

void put_row(database& file, const incident_rows::mute_row& row) {
  file.prepare("INSERT OR REPLACE INTO mutes VALUES(?, ?, ?)")
      .bind(row.id)
      .bind(row.until_ms)
      .bind(row.data)
      .run();
}

void put_rows(database& file, const incident_rows& rows) {
  const auto put_all = [&](const auto& of) {
    for (const auto& row : of) {
      put_row(file, row);
    }
  };
  put_all(rows.incidents);
  put_all(rows.queue);
  put_all(rows.receivers);
  put_all(rows.mutes);
  for (const auto& span : rows.known) {
    put_known(file, span);
  }
  if (rows.last.size() == 3) {
    file.prepare("UPDATE last SET incident = ?, notice = ?, mute = ?")
        .bind(rows.last[0])
        .bind(rows.last[1])
        .bind(rows.last[2])
        .run();
  }
}

} // namespace xprober::storage
