#define CAF_SUITE journal_shelf

#include "xprober/actors/server/journal_shelf.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <sqlite3.h>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace journal_shelf_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    open();
  }

  test::folder folder;
  std::optional<journal_shelf> subject;
  monotonic_time now{1000s};

  void open() {
    subject.reset();
    subject.emplace(folder.path(), [] {});
  }

  static batch_header header(std::uint64_t sequence) {
    batch_header h;
    h.instance[0] = 1;
    h.sequence = sequence;
    h.rows = 10;
    return h;
  }

  void take(std::uint64_t sequence) {
    subject->to_write().file.add(header(sequence), "batch", {10, 0}, noon);
  }
  bool knows(std::uint64_t sequence) {
    auto* open = subject->get();
    return open != nullptr && open->file.find(header(sequence));
  }

  void meet(int code) { subject->met(storage::database_error{"an error", code}, now); }

  static journal_readers readers(const std::vector<std::string>& names) {
    journal_readers all;
    for (const auto& name : names) {
      all.readers.push_back({name, 1U << 20U});
    }
    return all;
  }

  /// A record that readers get; its id.
  std::uint64_t add_record() {
    return subject->to_write().file.add(record_kind::values, "x", noon, 1);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_shelf_tests, fixture)

CAF_TEST(what a damaged file knew of agents outlasts a disk that takes no new one) {
  take(5);
  meet(SQLITE_NOTADB);
  CAF_CHECK(subject->get() == nullptr);
  {
    const test::full_disk full{1};
    CAF_CHECK(!subject->retry(now));
    CAF_CHECK_EQUAL(subject->set_aside(), 1U);
    CAF_CHECK(!subject->retry(now + 1s));
    CAF_CHECK(subject->get() == nullptr);
  }
  CAF_CHECK(subject->retry(now + 2s));
  CAF_CHECK_EQUAL(subject->problem(), "");
  CAF_CHECK(knows(5));
  CAF_CHECK(!knows(6));
  CAF_CHECK_EQUAL(subject->set_aside(), 1U);
}

CAF_TEST(what a file knew that was removed is in the next one) {
  take(5);
  std::filesystem::remove(folder.file("journal.db"));
  std::filesystem::remove(folder.file("journal.db-wal"));
  try {
    take(6);
  } catch (const storage::database_error& error) {
    CAF_CHECK(error.gone());
    subject->met(error, now);
  }
  CAF_CHECK(subject->retry(now));
  CAF_CHECK(knows(5));
  CAF_CHECK(!knows(6));
  CAF_CHECK_EQUAL(subject->set_aside(), 0U);
}

CAF_TEST(what a file knew that is damaged at the start is in the next one) {
  take(5);
  subject.reset();
  {
    storage::database file{folder.file("journal.db"), 0x7870'6a6e, 3};
    file.run("DROP TABLE totals; CREATE TABLE totals(id INTEGER)");
  }
  open();
  CAF_CHECK_EQUAL(subject->problem(), "");
  CAF_CHECK_EQUAL(subject->set_aside(), 1U);
  CAF_CHECK(knows(5));
}

CAF_TEST(a file that can be read in a second attempt is used on) {
  take(5);
  const auto name = subject->get()->file.name();
  meet(SQLITE_CORRUPT);
  CAF_CHECK(subject->retry(now));
  CAF_CHECK_EQUAL(subject->set_aside(), 0U);
  CAF_CHECK(subject->get()->file.name() == name);
  CAF_CHECK(knows(5));
  CAF_MESSAGE("once in a while");
  now += 30s;
  meet(SQLITE_CORRUPT);
  CAF_CHECK(subject->retry(now));
  CAF_CHECK_EQUAL(subject->set_aside(), 1U);
  CAF_CHECK(subject->get()->file.name() != name);
  CAF_CHECK(knows(5));
}

CAF_TEST(a log of which a part is lost is counted) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    take(i);
  }
  const test::folder other;
  std::filesystem::copy(folder.path(), other.path());
  test::lose_page_of_log(other.file("journal.db"));
  journal_shelf cut{other.path(), [] {}};
  CAF_CHECK_EQUAL(cut.set_aside(), 1U);
  CAF_CHECK_EQUAL(cut.problem(), "");
  CAF_REQUIRE(cut.get() != nullptr);
  CAF_CHECK(cut.get()->file.find(header(1)));
  CAF_CHECK(!cut.get()->file.find(header(20)));
}

CAF_TEST(a disk on which small batches have room stays a problem for a second after each refusal) {
  meet(SQLITE_FULL);
  subject->worked(now);
  subject->worked(now + 999ms);
  CAF_CHECK(!subject->problem().empty());
  now += 900ms;
  meet(SQLITE_FULL);
  subject->worked(now + 500ms);
  CAF_CHECK(!subject->problem().empty());
  subject->worked(now + 1s);
  CAF_CHECK_EQUAL(subject->problem(), "");
}

CAF_TEST(a reader that is added while there is no file begins with the next write) {
  subject->prepare(readers({"a"}));
  subject->commit();
  CAF_CHECK(subject->get()->desk.knows("a"));
  meet(SQLITE_NOTADB);
  subject->prepare(readers({"a", "b"}));
  CAF_CHECK(subject->retry(now));
  subject->commit();
  const auto id = add_record();
  CAF_REQUIRE(subject->get()->desk.knows("b"));
  CAF_CHECK(subject->get()->desk.begin({"b", false}).place.done < id);
  CAF_CHECK(subject->get()->desk.begin({"a", false}).place.done < id);
}

CAF_TEST(readers that were prepared in a file that has gone begin in the next one) {
  subject->prepare(readers({"a"}));
  meet(SQLITE_NOTADB);
  CAF_CHECK(subject->retry(now));
  subject->commit();
  add_record();
  CAF_CHECK(subject->get()->desk.knows("a"));
}

CAF_TEST(a reader that is dropped while there is no file is dropped) {
  subject->prepare(readers({"a", "b"}));
  subject->commit();
  meet(SQLITE_CORRUPT); // the same file is there again
  subject->prepare(readers({"b"}));
  CAF_CHECK(subject->retry(now));
  subject->commit();
  add_record();
  CAF_CHECK(!subject->get()->desk.knows("a"));
  CAF_CHECK(subject->get()->desk.knows("b"));
}

CAF_TEST(the first record after a disk was full at the start reaches its readers) {
  {
    const test::full_disk full{1};
    open();
    CAF_REQUIRE(subject->get() != nullptr);
    bool refused = false;
    try {
      subject->prepare(readers({"a"}));
    } catch (const storage::database_error& error) {
      refused = true;
      subject->met(error, now);
    }
    CAF_CHECK(refused);
    subject->commit();
    CAF_CHECK(!subject->get()->desk.knows("a"));
  }
  const auto id = add_record();
  CAF_REQUIRE(subject->get()->desk.knows("a"));
  CAF_CHECK(subject->get()->desk.begin({"a", false}).place.done < id);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_shelf_suite
