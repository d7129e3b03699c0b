#define CAF_SUITE page_checksums

#include "xprober/storage/page_checksums.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <sqlite3.h>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"
#include "xprober/storage/database.hpp"

#include "caf/test/dsl.hpp"

namespace page_checksums_suite {

using namespace xprober::storage;

namespace {

constexpr std::int32_t kind = 1;
constexpr std::int32_t schema = 1;
constexpr int rows = 400;

struct fixture {
  fixture() {
    database made{path, kind, schema};
    made.run("CREATE TABLE t(id INTEGER PRIMARY KEY, text BLOB NOT NULL)");
    for (int i = 1; i <= rows; ++i) {
      made.prepare("INSERT INTO t VALUES(?, ?)").bind(std::int64_t{i}).bind(text_of(i)).run();
    }
  }

  xprober::test::folder folder;
  std::string path = folder.file("x.db");

  static std::string text_of(int i) { return std::string(static_cast<std::size_t>(i % 97), 'a'); }

  /// Reads all rows; true if an error said that the file is damaged. Wrong content is a failure.
  bool damaged() { return damaged(path); }
  static bool damaged(const std::string& of) {
    try {
      database opened{of, kind, schema};
      auto query = opened.prepare("SELECT id, text FROM t ORDER BY id");
      int found = 0;
      while (query.step()) {
        ++found;
        CAF_REQUIRE_EQUAL(query.number(0), found);
        CAF_REQUIRE_EQUAL(std::string{query.blob(1)}, text_of(found));
      }
      CAF_REQUIRE_EQUAL(found, rows);
      return false;
    } catch (const database_error& error) {
      CAF_REQUIRE(error.damaged());
      return true;
    }
  }

  void flip(std::uintmax_t at) {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ 0x10);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }
};

/// Runs statements in a file as any other program does.
void with_plain_sqlite(const std::string& path, const char* sql) {
  sqlite3* connection = nullptr;
  CAF_REQUIRE_EQUAL(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
  CAF_CHECK_EQUAL(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  CAF_CHECK_EQUAL(sqlite3_close(connection), SQLITE_OK);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(page_checksums_tests, fixture)

CAF_TEST(a bit that has changed anywhere is never data) {
  CAF_REQUIRE(!damaged());
  const auto size = std::filesystem::file_size(path);
  CAF_REQUIRE_GREATER(size, 20'000u);
  for (std::uintmax_t at = 21; at < size; at += 509) {
    flip(at);
    CAF_CHECK(damaged());
    flip(at);
  }
  CAF_CHECK(!damaged());
}

CAF_TEST(the first bytes say whether it is a database of ours) {
  for (const std::uintmax_t at : {0, 7, 15, 16, 17, 20}) {
    flip(at);
    CAF_CHECK(damaged());
    flip(at);
  }
}

CAF_TEST(a file that says that it has no checksums any more is damaged) {
  xprober::test::overwrite(path, 20, std::string(1, '\0'));
  CAF_CHECK(damaged());
  xprober::test::overwrite(path, 20, std::string(1, '\x8'));
  CAF_CHECK(!damaged());
}

CAF_TEST(a page of zeros is damaged) {
  for (std::uintmax_t at = 4096; at < std::filesystem::file_size(path); at += 4096) {
    const xprober::test::folder other;
    std::filesystem::copy_file(path, other.file("x.db"));
    xprober::test::overwrite(other.file("x.db"), at, std::string(4096, '\0'));
    CAF_CHECK(damaged(other.file("x.db")));
  }
}

CAF_TEST(a file that ends within a page is damaged) {
  for (const std::uintmax_t less : {1, 8, 9, 1000, 4095}) {
    const xprober::test::folder other;
    std::filesystem::copy_file(path, other.file("x.db"));
    std::filesystem::resize_file(other.file("x.db"), std::filesystem::file_size(path) - less);
    CAF_CHECK(damaged(other.file("x.db")));
  }
}

CAF_TEST(another program may take a log into the file) {
  const xprober::test::folder other;
  {
    database live{path, kind, schema};
    live.run("UPDATE t SET text = text || ''");
    for (const auto* part : {"", "-wal"}) {
      std::filesystem::copy_file(path + part, other.file("x.db") + part);
    }
  }
  with_plain_sqlite(other.file("x.db"), "PRAGMA wal_checkpoint(TRUNCATE)");
  CAF_CHECK(!damaged(other.file("x.db")));
}

CAF_TEST(what another program changes is damaged unless it ends with VACUUM) {
  with_plain_sqlite(path, "UPDATE t SET text = 'bbbbbb' WHERE id = 200");
  CAF_CHECK(damaged());
  with_plain_sqlite(path, "UPDATE t SET text = 'aaaaaa' WHERE id = 200; VACUUM");
  CAF_CHECK(!damaged());
}

CAF_TEST(a file that was made without checksums is read as it is) {
  std::filesystem::remove(path);
  with_plain_sqlite(path, "CREATE TABLE t(id INTEGER PRIMARY KEY, text BLOB NOT NULL)");
  {
    database old{path, kind, schema};
    for (int i = 1; i <= rows; ++i) {
      old.prepare("INSERT INTO t VALUES(?, ?)").bind(std::int64_t{i}).bind(text_of(i)).run();
    }
  }
  CAF_CHECK(!damaged());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace page_checksums_suite
