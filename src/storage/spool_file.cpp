#include "xprober/storage/spool_file.hpp"

#include <algorithm>
#include <fstream>

#include "xprober/storage/sql_values.hpp"

namespace xprober::storage {

namespace {

constexpr std::int32_t spool_mark = 0x7870'7370; // "xpsp"
constexpr std::int32_t spool_schema = 2;         // 2: batches of schema version 2

/// Another one for each start of the machine; empty where that is not known.
std::string boot_id() {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(file, id);
  return id;
}

} // namespace

spool_file::spool_file(const std::string& path, const agent_identity& identity)
    : file_(path, spool_mark, spool_schema), identity_(identity.region + '\n' + identity.local_ip) {
  try {
    transaction change{file_};
    make_tables();
    load();
    change.commit();
    kept_ = true;
  } catch (const database_error& error) {
    // On a full disk what is there can be pushed; the new name is written with the next batch.
    if (error.damaged() || !found_ || log_cut()) {
      throw;
    }
  }
  file_.settle();
  count();
}

bool spool_file::is_whole(const std::string& path) {
  return database::is_whole(path, spool_mark, spool_schema);
}

void spool_file::make_tables() {
  file_.run(
      "CREATE TABLE IF NOT EXISTS state(id INTEGER PRIMARY KEY CHECK(id = 1),"
      " instance BLOB NOT NULL, identity BLOB NOT NULL, last_sequence INTEGER NOT NULL,"
      " results_spooled INTEGER NOT NULL, results_acked INTEGER NOT NULL,"
      " results_dropped INTEGER NOT NULL);"
      "CREATE TABLE IF NOT EXISTS boot(id INTEGER PRIMARY KEY CHECK(id = 1), boot BLOB NOT NULL);"
      "CREATE TABLE IF NOT EXISTS batches(id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL,"
      " results INTEGER NOT NULL, batch BLOB NOT NULL);"
      "CREATE TABLE IF NOT EXISTS kept_list(id INTEGER PRIMARY KEY CHECK(id = 1),"
      " list BLOB NOT NULL);"
      "CREATE TABLE IF NOT EXISTS kept_changes(id INTEGER PRIMARY KEY, change BLOB NOT NULL);");
}

void spool_file::load() {
  auto boot = file_.prepare("SELECT boot FROM boot");
  const auto now = boot_id();
  const bool same_boot = boot.step() && !now.empty() && boot.blob(0) == now;
  auto state = file_.prepare("SELECT instance, identity, last_sequence FROM state");
  found_ = state.step();
  const bool same = found_ && same_boot && !log_cut() && state.blob(0).size() == instance_.size() &&
                    state.blob(1) == identity_;
  if (same) {
    const auto name = state.blob(0);
    std::copy(name.begin(), name.end(), instance_.begin());
    last_sequence_ = as_unsigned(state.number(2));
    return;
  }
  boot.reset();
  state.reset();
  instance_ = random_instance();
  keep_instance();
}

void spool_file::keep_instance() {
  file_
      .prepare("INSERT INTO state VALUES(1, ?, ?, 0, 0, 0, 0) ON CONFLICT(id) DO UPDATE SET"
               " instance = excluded.instance, identity = excluded.identity, last_sequence = 0")
      .bind(bytes_of(instance_))
      .bind(identity_)
      .run();
  file_.prepare("INSERT OR REPLACE INTO boot VALUES(1, ?)").bind(boot_id()).run();
}

void spool_file::begin_instance() {
  instance_ = random_instance();
  last_sequence_ = 0;
  kept_ = false;
}

void spool_file::count() {
  auto sums = file_.prepare("SELECT count(*), coalesce(sum(length(batch)), 0),"
                            " coalesce(sum(results), 0), coalesce(max(id), 0) FROM batches");
  sums.step();
  size_ = {as_unsigned(sums.number(0)), as_unsigned(sums.number(1)), as_unsigned(sums.number(2))};
  last_id_ = as_unsigned(sums.number(3));
}

void spool_file::add(const spooled_batch& batch) { insert(batch, true); }

void spool_file::adopt(const spooled_batch& batch) { insert(batch, false); }

void spool_file::insert(const spooled_batch& batch, bool own) {
  transaction change{file_};
  if (!kept_) {
    make_tables();
    keep_instance();
  }
  file_.prepare("INSERT INTO batches VALUES(?, ?, ?, ?)")
      .bind(as_signed(batch.id))
      .bind(as_signed(batch.sequence))
      .bind(as_signed(batch.results))
      .bind(batch.bytes)
      .run();
  const auto sequence = own ? batch.sequence : last_sequence_;
  file_.prepare("UPDATE state SET last_sequence = ?, results_spooled = results_spooled + ?")
      .bind(as_signed(sequence))
      .bind(as_signed(batch.results))
      .run();
  change.commit();
  kept_ = true;
  last_sequence_ = sequence;
  last_id_ = std::max(last_id_, batch.id);
  ++size_.batches;
  size_.bytes += batch.bytes.size();
  size_.results += batch.results;
}

std::optional<spooled_batch> spool_file::oldest(std::uint64_t after) {
  auto query = file_.prepare(
      "SELECT id, sequence, results, batch FROM batches WHERE id > ? ORDER BY id LIMIT 1");
  query.bind(as_signed(after));
  if (!query.step()) {
    return std::nullopt;
  }
  const auto bytes = query.blob(3);
  return spooled_batch{as_unsigned(query.number(0)), as_unsigned(query.number(1)),
                       as_unsigned(query.number(2)), std::string{bytes}, bytes.size()};
}

std::optional<spooled_batch> spool_file::oldest_head(std::uint64_t after) {
  auto query = file_.prepare("SELECT id, sequence, results, length(batch) FROM batches WHERE id > ?"
                             " ORDER BY id LIMIT 1");
  query.bind(as_signed(after));
  if (!query.step()) {
    return std::nullopt;
  }
  return spooled_batch{as_unsigned(query.number(0)),
                       as_unsigned(query.number(1)),
                       as_unsigned(query.number(2)),
                       {},
                       as_unsigned(query.number(3))};
}

bool spool_file::remove(std::uint64_t id, why reason) {
  std::uint64_t results = 0;
  std::uint64_t bytes = 0;
  {
    auto query = file_.prepare("SELECT results, length(batch) FROM batches WHERE id = ?");
    query.bind(as_signed(id));
    if (!query.step()) {
      return false;
    }
    results = as_unsigned(query.number(0));
    bytes = as_unsigned(query.number(1));
  }
  transaction change{file_};
  file_.prepare("DELETE FROM batches WHERE id = ?").bind(as_signed(id)).run();
  const char* count =
      reason == why::acknowledged ? "UPDATE state SET results_acked = results_acked + ?"
      : reason == why::dropped    ? "UPDATE state SET results_dropped = results_dropped + ?"
                                  : "UPDATE state SET results_spooled = results_spooled - ?";
  file_.prepare(count).bind(as_signed(results)).run();
  change.commit();
  --size_.batches;
  size_.bytes -= bytes;
  size_.results -= results;
  return true;
}

void spool_file::remove_through(std::uint64_t id) {
  spool_size gone;
  {
    auto sums = file_.prepare("SELECT count(*), coalesce(sum(length(batch)), 0),"
                              " coalesce(sum(results), 0) FROM batches WHERE id <= ?");
    sums.bind(as_signed(id)).step();
    gone = {as_unsigned(sums.number(0)), as_unsigned(sums.number(1)), as_unsigned(sums.number(2))};
  }
  transaction change{file_};
  file_.prepare("DELETE FROM batches WHERE id <= ?").bind(as_signed(id)).run();
  file_.prepare("UPDATE state SET results_acked = results_acked + ?")
      .bind(as_signed(gone.results))
      .run();
  change.commit();
  size_.batches -= gone.batches;
  size_.bytes -= gone.bytes;
  size_.results -= gone.results;
}

void spool_file::keep_list(std::string_view bytes) {
  transaction change{file_};
  file_
      .prepare(
          "INSERT INTO kept_list VALUES(1, ?) ON CONFLICT(id) DO UPDATE SET list = excluded.list")
      .bind(bytes)
      .run();
  file_.run("DELETE FROM kept_changes");
  change.commit();
}

void spool_file::keep_change(std::string_view bytes) {
  file_.prepare("INSERT INTO kept_changes(change) VALUES(?)").bind(bytes).run();
}

std::vector<std::string> spool_file::kept_changes() {
  std::vector<std::string> changes;
  auto query = file_.prepare("SELECT change FROM kept_changes ORDER BY id");
  while (query.step()) {
    changes.emplace_back(query.blob(0));
  }
  return changes;
}

std::string spool_file::kept_list() {
  auto query = file_.prepare("SELECT list FROM kept_list");
  return query.step() ? std::string{query.blob(0)} : std::string{};
}

} // namespace xprober::storage
