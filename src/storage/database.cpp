#include "xprober/storage/database.hpp"

#include <filesystem>
#include <system_error>

#include <sqlite3.h>
#include <sys/stat.h>

#include "xprober/domain/time_text.hpp"

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

std::int64_t pragma(database& of, const char* sql) {
  auto query = of.prepare(sql);
  return query.step() ? query.number(0) : 0;
}

} // namespace

bool database_error::damaged() const noexcept {
  const int primary = code_ & 0xFF;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_MISMATCH;
}

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

database::database(const std::string& path, std::int32_t kind, std::int32_t schema) {
  sqlite3* made = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &made,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(made);
  if (code != SQLITE_OK) {
    throw database_error(path + ": " + (made != nullptr ? sqlite3_errmsg(made) : "no memory"),
                         code);
  }
  if (path != in_memory) {
    ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
  }
  sqlite3_extended_result_codes(made, 1);
  sqlite3_busy_timeout(made, busy_timeout_ms);
  run(settings);
  const auto marked = pragma(*this, "PRAGMA application_id");
  const auto found = pragma(*this, "PRAGMA user_version");
  if ((marked != 0 && marked != kind) || (found != 0 && found != schema)) {
    throw database_error(path + ": it is the file of another program or of another version",
                         SQLITE_NOTADB);
  }
  run(("PRAGMA application_id=" + std::to_string(kind) +
       ";PRAGMA user_version=" + std::to_string(schema))
          .c_str());
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

std::string set_aside(const std::string& path) {
  auto stamp = rfc3339(to_unix_seconds(wall_clock::now()));
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  const auto name = path + ".damaged-" + stamp;
  std::error_code error;
  std::filesystem::rename(path, name, error);
  if (error) {
    throw database_error(path + ": cannot be moved out of the way: " + error.message(),
                         SQLITE_CANTOPEN);
  }
  for (const auto* part : {"-wal", "-shm"}) {
    std::filesystem::rename(path + part, name + part, error); // often there is none
  }
  return name;
}

} // namespace xprober::storage
