#include "xprober/storage/journal.hpp"

#include <algorithm>
#include <filesystem>

#include "xprober/storage/sql_values.hpp"

namespace xprober::storage {

namespace {

constexpr std::int32_t journal_mark = 0x7870'6a6e; // "xpjn"
/// 2: batches of schema version 2; 3: a record has its kind, values and skew from the beginning.
constexpr std::int32_t journal_schema = 3;
/// More records than can be lost with a log.
constexpr std::uint64_t id_gap = 1'000'000'000;

record_kind kind_of(std::int64_t number) {
  return number == 1 ? record_kind::values : number == 2 ? record_kind::ended : record_kind::batch;
}

/// As many as can be read: some are better than none.
void read_instances(database& file, std::vector<known_instance>& found) {
  try {
    auto query = file.prepare(
        "SELECT instance, last_sequence, last_accepted, last_rejected, seen_ms FROM agents");
    while (query.step()) {
      found.push_back({std::string{query.blob(0)},
                       as_unsigned(query.number(1)),
                       {as_unsigned(query.number(2)), as_unsigned(query.number(3))},
                       query.number(4)});
    }
  } catch (const database_error&) { // NOLINT(bugprone-empty-catch)
  }
}

} // namespace

std::string journal::path_in(const std::string& directory) {
  return (std::filesystem::path{directory} / "journal.db").string();
}

journal::journal(const std::string& directory) {
  if (directory.empty()) {
    file_ = std::make_unique<database>(database::in_memory, journal_mark, journal_schema);
    make_tables();
    return;
  }
  std::error_code ignored; // the database says what is wrong with the directory
  std::filesystem::create_directories(directory, ignored);
  file_ = std::make_unique<database>(path_in(directory), journal_mark, journal_schema);
  make_tables();
  file_->settle();
}

bool journal::is_whole(const std::string& path) {
  return database::is_whole(path, journal_mark, journal_schema);
}

/// All or none: half of them would be taken for damage.
void journal::make_tables() {
  transaction change{*file_};
  file_->run("CREATE TABLE IF NOT EXISTS agents(instance BLOB PRIMARY KEY,"
             " last_sequence INTEGER NOT NULL, last_accepted INTEGER NOT NULL,"
             " last_rejected INTEGER NOT NULL, seen_ms INTEGER NOT NULL) WITHOUT ROWID;"
             "CREATE INDEX IF NOT EXISTS agents_seen ON agents(seen_ms);"
             "CREATE TABLE IF NOT EXISTS batches(id INTEGER PRIMARY KEY,"
             " received_ms INTEGER NOT NULL, instance BLOB NOT NULL, sequence INTEGER NOT NULL,"
             " batch BLOB NOT NULL, kind INTEGER NOT NULL DEFAULT 0,"
             " vals INTEGER NOT NULL DEFAULT 0, skew_ms INTEGER NOT NULL DEFAULT 0);"
             "CREATE TABLE IF NOT EXISTS totals(id INTEGER PRIMARY KEY CHECK(id = 1),"
             " batches INTEGER NOT NULL, results INTEGER NOT NULL, missing INTEGER NOT NULL);"
             "INSERT OR IGNORE INTO totals VALUES(1, 0, 0, 0);"
             "CREATE TABLE IF NOT EXISTS name(id INTEGER PRIMARY KEY CHECK(id = 1),"
             " name BLOB NOT NULL);"
             "INSERT OR IGNORE INTO name VALUES(1, randomblob(16));"
             "CREATE TABLE IF NOT EXISTS readers(name BLOB PRIMARY KEY, done INTEGER NOT NULL,"
             " rows INTEGER NOT NULL, vals INTEGER NOT NULL, skip_after INTEGER NOT NULL,"
             " skip_through INTEGER NOT NULL, sent INTEGER NOT NULL, failed INTEGER NOT NULL,"
             " dropped INTEGER NOT NULL) WITHOUT ROWID;");
  last_id_ = last_id_in_file();
  if (log_cut()) {
    last_id_ += id_gap;
    file_->run("CREATE TABLE IF NOT EXISTS lost_ids(id INTEGER PRIMARY KEY CHECK(id = 1),"
               " through INTEGER NOT NULL)");
    file_->prepare("INSERT OR REPLACE INTO lost_ids VALUES(1, ?)").bind(as_signed(last_id_)).run();
  }
  change.commit();
  totals(); // reads every page that it will need: damage is found now
}

std::uint64_t journal::last_id_in_file() {
  auto last = file_->prepare("SELECT max((SELECT coalesce(max(id), 0) FROM batches),"
                             " (SELECT coalesce(max(max(done, skip_through)), 0) FROM readers))");
  const auto found = last.step() ? as_unsigned(last.number(0)) : 0;
  if (!file_->prepare("SELECT 1 FROM sqlite_master WHERE name = 'lost_ids'").step()) {
    return found;
  }
  auto lost = file_->prepare("SELECT through FROM lost_ids");
  return lost.step() ? std::max(found, as_unsigned(lost.number(0))) : found;
}

std::optional<verdict> journal::find(const batch_header& header) {
  auto query = file_->prepare(
      "SELECT last_sequence, last_accepted, last_rejected FROM agents WHERE instance = ?");
  query.bind(bytes_of(header.instance));
  if (!query.step() || header.sequence > as_unsigned(query.number(0))) {
    return std::nullopt;
  }
  if (header.sequence == as_unsigned(query.number(0))) {
    return verdict{as_unsigned(query.number(1)), as_unsigned(query.number(2))};
  }
  // An agent asks for its last one only. What became of an older one is not known any more.
  return verdict{std::min(header.rows, max_batch_rows), 0};
}

std::optional<std::uint64_t> journal::last_sequence(const agent_instance& instance) {
  auto query = file_->prepare("SELECT last_sequence FROM agents WHERE instance = ?");
  query.bind(bytes_of(instance));
  return query.step() ? std::optional{as_unsigned(query.number(0))} : std::nullopt;
}

journal::added journal::add(const batch_header& header, std::string_view bytes,
                            const verdict& answer, wall_time now, std::uint64_t values,
                            std::int64_t skew_ms) {
  transaction change{*file_};
  added done;
  {
    auto query = file_->prepare("SELECT last_sequence FROM agents WHERE instance = ?");
    query.bind(bytes_of(header.instance));
    // The first one heard of an instance says nothing of those before: this journal may be new.
    done.first = !query.step();
    if (!done.first) {
      done.missing = header.sequence - as_unsigned(query.number(0)) - 1;
    }
  }
  if (!bytes.empty()) {
    file_
        ->prepare("INSERT INTO batches(id, received_ms, instance, sequence, batch, kind, vals,"
                  " skew_ms) VALUES(?, ?, ?, ?, ?, 0, ?, ?)")
        .bind(as_signed(last_id_ + 1))
        .bind(to_unix_ms(now))
        .bind(bytes_of(header.instance))
        .bind(as_signed(header.sequence))
        .bind(bytes)
        .bind(as_signed(values))
        .bind(skew_ms)
        .run();
    done.id = last_id_ + 1;
  }
  file_
      ->prepare("INSERT INTO agents VALUES(?, ?, ?, ?, ?) ON CONFLICT(instance) DO UPDATE SET"
                " last_sequence = excluded.last_sequence, last_accepted = excluded.last_accepted,"
                " last_rejected = excluded.last_rejected, seen_ms = excluded.seen_ms")
      .bind(bytes_of(header.instance))
      .bind(as_signed(header.sequence))
      .bind(as_signed(answer.accepted))
      .bind(as_signed(answer.rejected))
      .bind(to_unix_ms(now))
      .run();
  file_
      ->prepare("UPDATE totals SET batches = batches + 1, results = results + ?,"
                " missing = missing + ?")
      .bind(as_signed(answer.accepted))
      .bind(as_signed(done.missing))
      .run();
  change.commit();
  last_id_ = std::max(last_id_, done.id);
  return done;
}

void journal::check_writable() {
  transaction change{*file_};
  file_->run("UPDATE totals SET batches = batches");
  change.commit();
}

std::vector<known_instance> journal::instances() {
  std::vector<known_instance> found;
  read_instances(*file_, found);
  return found;
}

std::vector<known_instance> journal::instances_in(const std::string& path) {
  std::vector<known_instance> found;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return found;
  }
  try {
    database damaged{path, journal_mark, journal_schema};
    read_instances(damaged, found);
  } catch (const database_error&) { // NOLINT(bugprone-empty-catch)
    // It cannot even be opened.
  }
  return found;
}

void journal::add(const std::vector<known_instance>& instances) {
  transaction change{*file_};
  for (const auto& instance : instances) {
    file_
        ->prepare("INSERT INTO agents VALUES(?, ?, ?, ?, ?) ON CONFLICT(instance) DO UPDATE SET"
                  " last_sequence = excluded.last_sequence, last_accepted = excluded.last_accepted,"
                  " last_rejected = excluded.last_rejected, seen_ms = excluded.seen_ms"
                  " WHERE excluded.last_sequence > last_sequence")
        .bind(instance.name)
        .bind(as_signed(instance.last_sequence))
        .bind(as_signed(instance.last.accepted))
        .bind(as_signed(instance.last.rejected))
        .bind(instance.seen_ms)
        .run();
  }
  change.commit();
}

std::string journal::name() {
  auto query = file_->prepare("SELECT name FROM name");
  return query.step() ? std::string{query.blob(0)} : std::string{};
}

std::vector<journalled_batch> journal::read(std::uint64_t after, wall_time since,
                                            std::size_t limit) {
  auto query =
      file_->prepare("SELECT id, received_ms, batch, kind, skew_ms FROM batches WHERE id > ?"
                     " AND received_ms >= ? ORDER BY id LIMIT ?");
  query.bind(as_signed(after)).bind(to_unix_ms(since)).bind(as_signed(limit));
  std::vector<journalled_batch> found;
  while (query.step()) {
    found.push_back({as_unsigned(query.number(0)), kind_of(query.number(3)),
                     std::string{query.blob(2)}, wall_time{milliseconds{query.number(1)}},
                     query.number(4)});
  }
  return found;
}

std::uint64_t journal::add(record_kind kind, std::string_view bytes, wall_time now,
                           std::uint64_t values) {
  file_->check_place();
  file_
      ->prepare("INSERT INTO batches(id, received_ms, instance, sequence, batch, kind, vals)"
                " VALUES(?, ?, x'', 0, ?, ?, ?)")
      .bind(as_signed(last_id_ + 1))
      .bind(to_unix_ms(now))
      .bind(bytes)
      .bind(static_cast<std::int64_t>(kind))
      .bind(as_signed(values))
      .run();
  return ++last_id_;
}

std::vector<record_info> journal::records() {
  auto query =
      file_->prepare("SELECT id, received_ms, length(batch), vals FROM batches ORDER BY id");
  std::vector<record_info> found;
  while (query.step()) {
    found.push_back({as_unsigned(query.number(0)), query.number(1), as_unsigned(query.number(2)),
                     as_unsigned(query.number(3))});
  }
  return found;
}

std::optional<journalled_batch> journal::record(std::uint64_t id) {
  auto query = file_->prepare("SELECT received_ms, batch, kind, skew_ms FROM batches WHERE id = ?");
  query.bind(as_signed(id));
  if (!query.step()) {
    return std::nullopt;
  }
  return journalled_batch{id, kind_of(query.number(2)), std::string{query.blob(1)},
                          wall_time{milliseconds{query.number(0)}}, query.number(3)};
}

void journal::remove(const std::vector<std::uint64_t>& ids) {
  transaction change{*file_};
  for (const auto id : ids) {
    file_->prepare("DELETE FROM batches WHERE id = ?").bind(as_signed(id)).run();
  }
  change.commit();
}

std::vector<reader_position> journal::readers() {
  auto query =
      file_->prepare("SELECT name, done, rows, vals, skip_after, skip_through, sent, failed,"
                     " dropped FROM readers");
  std::vector<reader_position> found;
  while (query.step()) {
    const auto number = [&](int column) { return as_unsigned(query.number(column)); };
    found.push_back({std::string{query.blob(0)}, number(1), number(2), number(3), number(4),
                     number(5), number(6), number(7), number(8)});
  }
  return found;
}

void journal::keep(const reader_position& reader) {
  file_->check_place();
  auto change = file_->prepare("INSERT OR REPLACE INTO readers VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
  change.bind(reader.name);
  for (const auto number : {reader.done, reader.rows, reader.values, reader.skip_after,
                            reader.skip_through, reader.sent, reader.failed, reader.dropped}) {
    change.bind(as_signed(number));
  }
  change.run();
}

void journal::forget_reader(const std::string& name) {
  file_->prepare("DELETE FROM readers WHERE name = ?").bind(name).run();
}

void journal::forget_agents(wall_time silent_since, std::uint64_t most) {
  transaction change{*file_};
  file_->prepare("DELETE FROM agents WHERE seen_ms < ?").bind(to_unix_ms(silent_since)).run();
  const auto known = totals().agents;
  if (known > most) {
    file_
        ->prepare("DELETE FROM agents WHERE instance IN"
                  " (SELECT instance FROM agents ORDER BY seen_ms LIMIT ?)")
        .bind(as_signed(known - most))
        .run();
  }
  change.commit();
}

journal_totals journal::totals() {
  auto query = file_->prepare("SELECT batches, results, missing FROM totals");
  journal_totals all;
  if (query.step()) {
    all.batches = as_unsigned(query.number(0));
    all.results = as_unsigned(query.number(1));
    all.missing = as_unsigned(query.number(2));
  }
  auto agents = file_->prepare("SELECT count(*) FROM agents");
  all.agents = agents.step() ? as_unsigned(agents.number(0)) : 0;
  return all;
}

} // namespace xprober::storage
