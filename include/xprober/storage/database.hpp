#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace xprober::storage {

/// What SQLite said. The text names the file.
class database_error : public std::runtime_error {
public:
  database_error(const std::string& text, int code) : std::runtime_error(text), code_(code) {}
  /// The file is no database, or is damaged.
  bool damaged() const noexcept;
  /// Damage that the disk may have shown for a moment only: before the file is given up it is to be
  /// opened and read again (`database::is_whole`).
  bool may_pass() const noexcept;
  /// Another process has the file open.
  bool in_use() const noexcept;
  /// The file is not where it was any more: what is written to it nobody will find.
  bool gone() const noexcept;

private:
  int code_;
};

/// One prepared statement. Parameters are bound in their order; blobs and texts that are read are
/// views until the next step.
class statement {
public:
  statement(sqlite3* connection, const char* sql);

  statement& bind(std::int64_t value);
  statement& bind(std::string_view blob);
  /// True when there is a row.
  bool step();
  /// Steps to the end and makes it ready to be bound again.
  void run();
  void reset();

  std::int64_t number(int column) const;
  std::string_view blob(int column) const;

private:
  struct finalize {
    void operator()(sqlite3_stmt* s) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, finalize> statement_;
  int next_ = 1;
};

/// One SQLite file, or one in memory, for one process alone: write-ahead log, `synchronous=NORMAL`.
/// A committed transaction survives the end of the process at any moment; the last ones before a
/// power failure may be lost, the file is whole even then. Pages have checksums (`checked_vfs`):
/// what has changed on the disk is an error, never data. So is a log without its file.
///
/// The log is looked at when it is opened (`log_problem`). Where it is damaged in its midst, as a
/// power failure leaves it that has kept a later page and lost an earlier one, the file is as it
/// was before the damage: `log_cut`. Everything throws database_error.
class database {
public:
  static constexpr const char* in_memory = ":memory:";

  /// Opens or creates the file, readable for its owner alone; a link in its place is not followed.
  /// `kind` marks what it is for: a file with another mark or another `schema` is refused as
  /// damaged, and so set aside.
  database(const std::string& path, std::int32_t kind, std::int32_t schema);

  /// Transactions that were committed may be missing: their log was damaged when it was opened. It
  /// was copied (`copy_log`). What follows from it for the content, such as numbers that must not
  /// be used again, is to be written before `settle`.
  bool log_cut() const noexcept { return !log_problem_.empty(); }
  /// Ends the damaged log, and logs that. Until then it stays on the disk, also when this is
  /// closed, and the next one finds it. Throws where the file without it is not whole: pages of the
  /// log may have been in the file already. Without damage nothing happens.
  void settle();
  /// Reads all of the file; throws where it is damaged.
  void check_whole();

  /// Opens the file and reads all of it. False: it is damaged. Throws what says nothing of that.
  static bool is_whole(const std::string& path, std::int32_t kind, std::int32_t schema);

  void run(const char* sql);
  statement prepare(const char* sql) { return {connection_.get(), sql}; }
  /// Number of rows that the last statement changed.
  std::int64_t changes() const;
  /// Throws if the file was removed or replaced since it was opened (`gone`), or if that cannot be
  /// seen now.
  void check_place();

private:
  void open(const std::string& path);
  void set_checkpoint_on_close(bool wanted);
  bool is_moved();

  struct close {
    void operator()(sqlite3* c) const noexcept;
  };
  std::unique_ptr<sqlite3, close> connection_;
  bool on_disk_ = false;
  std::string log_problem_; ///< when it was opened
  std::string log_copy_;
};

/// Rolls back at its end unless `commit` was called. Begins only where the file is in its place.
class transaction {
public:
  explicit transaction(database& of) : database_(of) {
    database_.check_place();
    database_.run("BEGIN IMMEDIATE");
  }
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  void commit();

private:
  database& database_;
  bool open_ = true;
};

} // namespace xprober::storage
