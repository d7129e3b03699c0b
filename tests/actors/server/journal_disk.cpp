#define CAF_SUITE journal_disk

#include "xprober/actors/server/journal_disk.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace journal_disk_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct fixture {
  test::folder folder;
  journal_clocks clocks;
  monotonic_time now{1h};
  int opened = 0;
  int changed = 0;
  std::vector<nanoseconds> retries;
  journal_disk subject{folder.path(),
                       clocks,
                       {[this] { return now; }, [this] { ++opened; }, [this] { ++changed; },
                        [this](nanoseconds later) { retries.push_back(later); }}};

  fixture() {
    log::set_level(log::level::off);
    subject.begin();
  }
  ~fixture() { log::set_level(log::level::info); }

  journal_stats stats() {
    journal_stats counts;
    subject.describe(counts);
    return counts;
  }
  bool keep(std::size_t bytes = 100) {
    return subject.keep(record_kind::values, std::string(bytes, 'x'), 2);
  }
  std::size_t records() { return subject.get()->file.records().size(); }
  void prove_clock() {
    clocks.read(now);
    now += server_clock::probation;
    clocks.read(now);
  }
  void read_by(const std::string& name) {
    subject.shelf().prepare({{{name, 1U << 20U}}});
    subject.shelf().commit();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_disk_tests, fixture)

CAF_TEST(what is kept lies in the file and is counted) {
  CAF_CHECK_EQUAL(opened, 1);
  CAF_CHECK_EQUAL(changed, 1);
  CAF_CHECK(keep());
  CAF_CHECK_EQUAL(records(), 1U);
  CAF_CHECK_EQUAL(stats().bytes, 100U);
  CAF_CHECK(stats().on_disk);
  batch_header header;
  header.sequence = 3;
  const auto added = subject.keep(header, "batch", {5, 2}, wall_clock::now(), 5, 0);
  CAF_CHECK(added.first);
  subject.note(added.id, 5, 5);
  CAF_CHECK_EQUAL(stats().bytes, 105U);
  CAF_CHECK(subject.get()->file.find(header) == (storage::verdict{5, 2}));
}

CAF_TEST(at its limit it takes nothing as long as all is fresh) {
  subject.set_most(210);
  subject.set_ttl(300s);
  prove_clock();
  CAF_CHECK(keep() && keep());
  CAF_CHECK(!keep());
  CAF_CHECK(subject.problem().find("limits.journal_bytes") != std::string::npos);
  CAF_CHECK_EQUAL(subject.problem(), subject.lack_of_room());
  CAF_CHECK_EQUAL(records(), 2U);
  subject.look_for_room();
  CAF_CHECK(!subject.problem().empty()); // nothing was dropped
  subject.set_most(1000);
  const auto before = changed;
  subject.look_for_room();
  CAF_CHECK_EQUAL(subject.problem(), "");
  CAF_CHECK_EQUAL(changed, before + 1);
}

CAF_TEST(what is not fresh makes room once the clock is proven) {
  subject.set_most(250);
  subject.set_ttl(-1s); // nothing is fresh
  CAF_CHECK(keep() && keep());
  CAF_CHECK(!keep());
  prove_clock();
  CAF_CHECK(keep());
  CAF_CHECK_EQUAL(records(), 1U);
  CAF_CHECK_EQUAL(subject.problem(), "");
}

CAF_TEST(trouble with the disk is tried again once at a time) {
  subject.met(storage::database_error{"no room on the disk", SQLITE_FULL});
  CAF_CHECK(subject.problem().find("no room on the disk") != std::string::npos);
  CAF_CHECK_EQUAL(stats().problem, subject.problem());
  subject.met(storage::database_error{"no room on the disk", SQLITE_FULL});
  CAF_REQUIRE_EQUAL(retries.size(), 1U);
  CAF_CHECK(retries[0] == journal_shelf::retry_interval);
  now += 10s;
  subject.retry();
  CAF_CHECK_EQUAL(subject.problem(), ""); // it works
  CAF_CHECK_EQUAL(retries.size(), 1U);
}

CAF_TEST(a file that is removed is followed by another one that is opened) {
  subject.met(storage::database_error{"it was removed", SQLITE_READONLY_DBMOVED});
  CAF_CHECK(subject.get() == nullptr);
  CAF_CHECK(!keep());
  now += 10s;
  subject.retry();
  CAF_CHECK(subject.get() != nullptr);
  CAF_CHECK_EQUAL(opened, 2);
  CAF_CHECK(keep());
}

CAF_TEST(memory that is short comes before want of room) {
  subject.set_most(50);
  CAF_CHECK(!keep());
  subject.set_strain(memory_strain{true});
  CAF_CHECK(subject.problem().find("limits.memory") != std::string::npos);
  CAF_CHECK_EQUAL(subject.problem(), subject.strain());
  subject.set_strain(memory_strain{false});
  CAF_CHECK(subject.problem().find("limits.journal_bytes") != std::string::npos);
}

CAF_TEST(readers are told of values that were lost once they are there) {
  subject.lose(7);
  CAF_CHECK(stats().readers.empty());
  read_by("r");
  CAF_REQUIRE_EQUAL(stats().readers.size(), 1U);
  CAF_CHECK_EQUAL(stats().readers[0].dropped, 7U);
  CAF_CHECK_EQUAL(stats().readers[0].dropped, 7U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_disk_suite
