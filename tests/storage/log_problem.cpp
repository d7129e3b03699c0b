#define CAF_SUITE log_problem

#include "xprober/storage/log_problem.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"
#include "xprober/storage/database.hpp"

#include "caf/test/dsl.hpp"

namespace log_problem_suite {

using namespace xprober::storage;
namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t frame = 24 + 4096;

/// A database in use, whose log has many commits; copies of it are what a kill leaves.
struct fixture {
  fixture() {
    live.emplace(folder.file("live.db"), 1, 1);
    live->run("CREATE TABLE t(id INTEGER PRIMARY KEY, text BLOB NOT NULL)");
    for (int i = 0; i < 20; ++i) {
      insert(100);
    }
    copy();
  }

  xprober::test::folder folder;
  std::optional<database> live;
  std::string path = folder.file("copy.db");

  void insert(std::size_t bytes) {
    live->prepare("INSERT INTO t(text) VALUES(?)").bind(std::string(bytes, 'x')).run();
  }
  void copy() {
    for (const auto* part : {"", "-wal"}) {
      fs::copy_file(folder.file("live.db") + part, path + part,
                    fs::copy_options::overwrite_existing);
    }
  }
  std::uintmax_t size() const { return fs::file_size(path + "-wal"); }
  void write(std::uintmax_t at, const std::string& bytes) {
    xprober::test::overwrite(path + "-wal", at, bytes);
  }
  static std::int64_t rows_of(database& opened) {
    auto query = opened.prepare("SELECT count(*) FROM t");
    query.step();
    return query.number(0);
  }
  std::int64_t rows() {
    database opened{path, 1, 1};
    return rows_of(opened);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(log_problem_tests, fixture)

CAF_TEST(what a kill leaves is no problem) {
  CAF_CHECK_EQUAL(log_problem(path), "");
  CAF_CHECK_EQUAL(rows(), 20);
  copy();
  CAF_MESSAGE("the last frame is half written");
  fs::resize_file(path + "-wal", size() - 1000);
  CAF_CHECK_EQUAL(log_problem(path), "");
  CAF_CHECK_EQUAL(rows(), 19);
  fs::remove(path + "-wal");
  CAF_CHECK_EQUAL(log_problem(path), "");
}

CAF_TEST(transactions that are lost are told and what was before is there) {
  CAF_REQUIRE_GREATER(size(), 32 + 15 * frame);
  std::int64_t last = 0;
  for (std::uintmax_t at = 0; at + 16 + 4 * frame < size(); at += 1013) {
    copy();
    write(at, "sixteen bad byte");
    const auto problem = log_problem(path);
    CAF_CHECK_NOT_EQUAL(problem, "");
    CAF_CHECK_EQUAL(problem == "the log's header is damaged", at < 32);
    if (at < 32 + 6 * frame) {
      continue; // the table may not be there yet
    }
    CAF_CHECK_LESS(rows(), 20);
    CAF_CHECK_GREATER_OR_EQUAL(rows(), last);
    last = rows();
    CAF_CHECK_EQUAL(log_problem(path), problem); // it stays until what follows from it is written
  }
  CAF_CHECK_GREATER(last, 5);
}

CAF_TEST(a damaged log is copied and ends when that is settled) {
  write(32 + 12 * frame, "sixteen bad byte");
  const auto bytes = size();
  std::int64_t left = 0;
  {
    database opened{path, 1, 1};
    CAF_CHECK(opened.log_cut());
    opened.settle();
    left = rows_of(opened);
  }
  CAF_CHECK_GREATER(left, 0);
  CAF_CHECK_LESS(left, 20);
  CAF_REQUIRE_EQUAL(xprober::test::count_files(folder.path(), "copy.db-wal.damaged-"), 1u);
  for (const auto& entry : fs::directory_iterator{folder.path()}) {
    if (entry.path().string().find(".damaged-") != std::string::npos) {
      CAF_CHECK_EQUAL(entry.file_size(), bytes);
    }
  }
  database again{path, 1, 1};
  CAF_CHECK(!again.log_cut());
  CAF_CHECK_EQUAL(rows_of(again), left);
}

CAF_TEST(what was rolled back stands behind the end and is no problem) {
  CAF_MESSAGE("more than the cache holds is in the log before the rollback");
  live->run("BEGIN");
  for (int i = 0; i < 60; ++i) {
    insert(100'000);
  }
  live->run("ROLLBACK");
  insert(100);
  copy();
  CAF_REQUIRE_GREATER(size(), 32 + 300 * frame);
  CAF_CHECK_EQUAL(log_problem(path), "");
  CAF_CHECK_EQUAL(rows(), 21);
}

CAF_TEST(a log without its file is a problem) {
  fs::resize_file(path, 0);
  bool damaged = false;
  try {
    rows();
  } catch (const database_error& error) {
    damaged = error.damaged();
  }
  CAF_CHECK(damaged);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace log_problem_suite
