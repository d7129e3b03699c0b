#define CAF_SUITE unreadable_place

#include "xprober/storage/unreadable_place.hpp"

#include <string>

#include <sqlite3.h>

#include "storage/folder.hpp"
#include "xprober/storage/database.hpp"

#include "caf/test/dsl.hpp"

namespace unreadable_place_suite {

using namespace xprober;
using namespace xprober::storage;
using namespace std::chrono_literals;

namespace {

/// While it lives, database files are opened in a way that lets their reading fail as it does on a
/// broken device.
class broken_device {
public:
  broken_device() {
    system_ = sqlite3_vfs_find("unix");
    broken_ = *system_;
    broken_.xOpen = open;
    sqlite3_vfs_register(&broken_, 1); // is found before the other of its name
  }
  ~broken_device() {
    fails = false;
    sqlite3_vfs_unregister(&broken_);
  }
  broken_device(const broken_device&) = delete;
  broken_device& operator=(const broken_device&) = delete;

  static inline bool fails = false;

private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = system_->xOpen(system_, name, file, flags, out);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0) {
      real_ = file->pMethods;
      methods_ = *real_;
      methods_.xRead = read;
      file->pMethods = &methods_;
    }
    return code;
  }
  static int read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    return fails ? SQLITE_IOERR_CORRUPTFS : real_->xRead(file, to, amount, offset);
  }

  static inline sqlite3_vfs* system_ = nullptr;
  static inline sqlite3_vfs broken_{};
  static inline const sqlite3_io_methods* real_ = nullptr;
  static inline sqlite3_io_methods methods_{};
};

} // namespace

CAF_TEST(a place counts as damaged when it could not be read for long) {
  unreadable_place subject;
  const monotonic_time start{1000s};
  CAF_CHECK(!subject.failed(4096, start));
  CAF_CHECK(!subject.failed(4096, start + 29s));
  CAF_CHECK(!subject.failed(8192, start + 31s));
  CAF_CHECK(subject.failed(4096, start + 30s));
  subject.was_read(8192);
  CAF_CHECK(subject.failed(4096, start + 40s));
  subject.was_read(4096);
  CAF_CHECK(!subject.failed(4096, start + 50s));
  CAF_CHECK(!subject.failed(4096, start + 79s));
  CAF_CHECK(subject.failed(4096, start + 80s));
}

CAF_TEST(an error of the device is no damage of the file) {
  const test::folder folder;
  const auto path = folder.file("x.db");
  {
    database made{path, 1, 1};
    made.run("CREATE TABLE t(x); INSERT INTO t VALUES(7)");
  }
  const broken_device device;
  database opened{path, 1, 1};
  const auto read = [&] {
    auto query = opened.prepare("SELECT x FROM t");
    return query.step() ? query.number(0) : 0;
  };
  broken_device::fails = true;
  bool thrown = false;
  try {
    read();
  } catch (const database_error& error) {
    thrown = true;
    CAF_CHECK(!error.damaged());
    CAF_CHECK(!error.gone());
  }
  CAF_CHECK(thrown);
  broken_device::fails = false;
  CAF_CHECK_EQUAL(read(), 7);
}

} // namespace unreadable_place_suite
