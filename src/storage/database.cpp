#include "xprober/storage/database.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <sqlite3.h>
#include <sys/stat.h>

#include "xprober/base/log.hpp"
#include "xprober/storage/log_problem.hpp"
#include "xprober/storage/page_checksums.hpp"
#include "xprober/storage/set_aside.hpp"

namespace xprober::storage {

namespace {

/// The log is cut back to this size once its content is in the file.
constexpr const char* settings = "PRAGMA locking_mode=EXCLUSIVE;"
                                 "PRAGMA journal_mode=WAL;"
                                 "PRAGMA synchronous=NORMAL;"
                                 "PRAGMA temp_store=MEMORY;"
                                 "PRAGMA journal_size_limit=4194304;";
/// A process that was killed may hold its locks for a moment.
constexpr int busy_timeout_ms = 2000;

[[noreturn]] void fail(sqlite3* connection, int code) {
  const char* file = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  std::string text = file != nullptr && *file != '\0' ? file : "in memory";
  text += ": ";
  text += connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  throw database_error(text, code);
}

/// SQLite would throw the log away.
bool has_log_alone(const std::string& path) {
  std::error_code error;
  const bool empty = std::filesystem::file_size(path, error) == 0 && !error;
  return empty && std::filesystem::file_size(path + "-wal", error) > 0 && !error;
}

/// A link on the way to the directory is the user's or the service manager's. One in the place of
/// the file itself is nobody's: SQLite would write to where it leads.
std::string without_links(const std::string& path) {
  std::error_code error;
  const std::filesystem::path given{path};
  const auto directory = std::filesystem::canonical(
      given.has_parent_path() ? given.parent_path() : std::filesystem::path{"."}, error);
  return error ? path : (directory / given.filename()).string();
}

std::int64_t pragma(database& of, const char* sql) {
  auto query = of.prepare(sql);
  return query.step() ? query.number(0) : 0;
}

} // namespace

/// The last three: what this program has written itself takes its statements.
bool database_error::damaged() const noexcept {
  const int primary = code_ & 0xFF;
  return may_pass() || primary == SQLITE_NOTADB || primary == SQLITE_MISMATCH ||
         primary == SQLITE_CONSTRAINT || primary == SQLITE_ERROR;
}

bool database_error::may_pass() const noexcept {
  return (code_ & 0xFF) == SQLITE_CORRUPT || code_ == SQLITE_IOERR_DATA;
}

bool database_error::gone() const noexcept { return code_ == SQLITE_READONLY_DBMOVED; }

bool database_error::in_use() const noexcept {
  const int primary = code_ & 0xFF;
  return primary == SQLITE_BUSY || primary == SQLITE_LOCKED;
}

statement::statement(sqlite3* connection, const char* sql) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v2(connection, sql, -1, &made, nullptr);
  statement_.reset(made);
  if (code != SQLITE_OK) {
    fail(connection, code);
  }
}

void statement::finalize::operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }

statement& statement::bind(std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_.get(), next_++, value); code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_.get()), code);
  }
  return *this;
}

statement& statement::bind(std::string_view blob) {
  // An empty view may have no address, which would bind NULL.
  const int code = sqlite3_bind_blob64(statement_.get(), next_++, blob.empty() ? "" : blob.data(),
                                       blob.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_.get()), code);
  }
  return *this;
}

bool statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code != SQLITE_DONE) {
    auto* connection = sqlite3_db_handle(statement_.get());
    const int detail = sqlite3_extended_errcode(connection);
    fail(connection, detail != SQLITE_OK ? detail : code);
  }
  return false;
}

void statement::run() {
  while (step()) {
  }
  reset();
}

void statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  next_ = 1;
}

std::int64_t statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view statement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view{}
                         : std::string_view{data, static_cast<std::size_t>(size)};
}

void database::close::operator()(sqlite3* c) const noexcept { sqlite3_close_v2(c); }

database::database(const std::string& path, std::int32_t kind, std::int32_t schema)
    : on_disk_(path != in_memory) {
  if (on_disk_ && has_log_alone(path)) {
    throw database_error(path + ": it is empty, but there is a log of what was in it",
                         SQLITE_CORRUPT);
  }
  open(path);
  run(settings);
  const auto marked = pragma(*this, "PRAGMA application_id");
  const auto found = pragma(*this, "PRAGMA user_version");
  if ((marked != 0 && marked != kind) || (found != 0 && found != schema)) {
    throw database_error(path + ": it is the file of another program or of another version",
                         SQLITE_NOTADB);
  }
  // Not before the lock is held: another process could be writing. A damaged log stays as it is
  // until `settle`: closing the file would take what can be read of it into the file and delete it.
  set_checkpoint_on_close(false);
  log_problem_ = on_disk_ ? log_problem(path) : std::string{};
  if (log_cut()) {
    log_copy_ = copy_log(path);
  } else {
    set_checkpoint_on_close(true);
  }
  if (marked == 0 || found == 0) {
    run(("PRAGMA application_id=" + std::to_string(kind) +
         ";PRAGMA user_version=" + std::to_string(schema))
            .c_str());
  }
}

void database::open(const std::string& path) {
  sqlite3* made = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2((on_disk_ ? without_links(path) : path).c_str(), &made,
                                   on_disk_ ? flags | SQLITE_OPEN_NOFOLLOW : flags,
                                   on_disk_ ? checked_vfs() : nullptr);
  connection_.reset(made);
  if (code != SQLITE_OK) {
    throw database_error(path + ": " + (made != nullptr ? sqlite3_errmsg(made) : "no memory"),
                         made != nullptr ? sqlite3_extended_errcode(made) : code);
  }
  sqlite3_extended_result_codes(made, 1);
  sqlite3_busy_timeout(made, busy_timeout_ms);
  if (on_disk_) {
    // It would stay so, also when the disk takes writes again.
    if (sqlite3_db_readonly(made, "main") == 1) {
      throw database_error(path + ": it cannot be written to", SQLITE_READONLY);
    }
    ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
    int reserved = page_checksum_bytes;
    sqlite3_file_control(made, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  }
}

void database::set_checkpoint_on_close(bool wanted) {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 0 : 1, nullptr);
}

void database::settle() {
  if (!log_cut()) {
    return;
  }
  check_whole();
  const std::string path = sqlite3_db_filename(connection_.get(), "main");
  log::error("storage",
             "a database's log is damaged: the transactions behind the damage are lost, what was "
             "before is used",
             {{"error", path + ": " + log_problem_},
              {"copy_of_the_log", log_copy_.empty() ? "there is no room for one" : log_copy_}});
  set_checkpoint_on_close(true);
  try {
    run("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const database_error& error) {
    // Of a full disk. What stays behind the end is found once more at the next start.
    if (error.damaged()) {
      throw;
    }
  }
}

void database::check_whole() {
  auto query = prepare("PRAGMA quick_check(1)");
  if (!query.step() || query.blob(0) != "ok") {
    throw database_error(std::string{sqlite3_db_filename(connection_.get(), "main")} +
                             ": it is damaged: " + std::string{query.blob(0)},
                         SQLITE_CORRUPT);
  }
}

bool database::is_whole(const std::string& path, std::int32_t kind, std::int32_t schema) {
  try {
    database{path, kind, schema}.check_whole();
    return true;
  } catch (const database_error& error) {
    if (!error.damaged()) {
      throw;
    }
    return false;
  }
}

bool database::is_moved() {
  int moved = 0;
  return sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
             SQLITE_OK &&
         moved != 0;
}

void database::check_place() {
  if (!on_disk_ || !is_moved()) {
    return;
  }
  // SQLite says so, too, where it could not look.
  const std::string path = sqlite3_db_filename(connection_.get(), "main");
  struct stat found{};
  const int error = ::stat(path.c_str(), &found) != 0 ? errno : 0;
  if (error != 0 && error != ENOENT && error != ENOTDIR) {
    throw database_error(path +
                             ": it cannot be looked at: " + std::generic_category().message(error),
                         SQLITE_IOERR_FSTAT);
  }
  if (error != 0 || is_moved()) {
    throw database_error(path + ": it was removed or replaced while in use",
                         SQLITE_READONLY_DBMOVED);
  }
}

void database::run(const char* sql) {
  if (const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
      code != SQLITE_OK) {
    fail(connection_.get(), code);
  }
}

std::int64_t database::changes() const { return sqlite3_changes64(connection_.get()); }

transaction::~transaction() {
  if (open_) {
    try {
      database_.run("ROLLBACK");
    } catch (const database_error&) { // NOLINT(bugprone-empty-catch)
      // SQLite has rolled back by itself, as it does on a full disk.
    }
  }
}

void transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

} // namespace xprober::storage
