#define CAF_SUITE journal

#include "xprober/storage/journal.hpp"

#include <filesystem>
#include <fstream>
#include <optional>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"
#include "xprober/base/log.hpp"
#include "xprober/storage/set_aside.hpp"

#include "caf/test/dsl.hpp"

namespace journal_suite {

using namespace xprober;
using namespace xprober::storage;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    open();
  }

  test::folder folder;
  std::optional<journal> subject;

  void open() {
    subject.reset();
    subject.emplace(folder.path());
  }

  static batch_header header(std::uint8_t agent, std::uint64_t sequence) {
    batch_header h;
    h.instance[0] = agent;
    h.sequence = sequence;
    h.rows = 10;
    return h;
  }

  std::vector<std::string> replay(wall_time since) {
    std::vector<std::string> all;
    std::uint64_t after = 0;
    for (auto step = subject->read(after, since, 2); !step.empty();
         step = subject->read(after, since, 2)) {
      for (auto& batch : step) {
        CAF_CHECK(batch.id > after);
        after = batch.id;
        all.push_back(std::move(batch.bytes));
      }
    }
    return all;
  }
};

template <class F>
bool found_damaged(F action) {
  try {
    action();
  } catch (const database_error& error) {
    return error.damaged();
  }
  return false;
}

using texts = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_tests, fixture)

CAF_TEST(a batch that came before is known and has its answer) {
  CAF_CHECK(!subject->find(header(1, 1)));
  CAF_CHECK(subject->add(header(1, 1), "one", {8, 2}, noon).first);
  CAF_CHECK((subject->find(header(1, 1)) == storage::verdict{8, 2}));
  CAF_CHECK(!subject->find(header(1, 2)));
  CAF_CHECK(!subject->find(header(2, 1)));
  const auto second = subject->add(header(1, 2), "two", {9, 1}, noon);
  CAF_CHECK(!second.first);
  CAF_CHECK_EQUAL(second.missing, 0U);
  CAF_CHECK((subject->find(header(1, 2)) == storage::verdict{9, 1}));
  CAF_CHECK((subject->find(header(1, 1)) == storage::verdict{10, 0}));
}

CAF_TEST(gaps are counted but not before the first batch of an instance) {
  CAF_CHECK_EQUAL(subject->add(header(1, 500), "a", {1, 0}, noon).missing, 0U);
  CAF_CHECK_EQUAL(subject->add(header(1, 504), "b", {1, 0}, noon).missing, 3U);
  const auto totals = subject->totals();
  CAF_CHECK_EQUAL(totals.missing, 3U);
  CAF_CHECK_EQUAL(totals.batches, 2U);
  CAF_CHECK_EQUAL(totals.results, 2U);
  CAF_CHECK_EQUAL(totals.agents, 1U);
}

CAF_TEST(everything is there after a restart) {
  subject->add(header(1, 1), "one", {8, 2}, noon);
  subject->add(header(2, 1), "other", {1, 0}, noon + 1s);
  subject->add(header(1, 2), "", {0, 10}, noon + 2s);
  open();
  CAF_CHECK((replay(noon) == texts{"one", "other"}));
  CAF_CHECK((replay(noon + 1ms) == texts{"other"}));
  CAF_CHECK((subject->find(header(1, 2)) == storage::verdict{0, 10}));
  CAF_CHECK_EQUAL(subject->totals().results, 9U);
}

CAF_TEST(what is too old goes and the numbers stay) {
  for (std::uint64_t i = 1; i <= 10; ++i) {
    subject->add(header(1, i), std::to_string(i), {1, 0}, noon + i * 1s);
  }
  subject->remove({1, 2, 3, 4, 5});
  CAF_CHECK((replay(noon) == texts{"6", "7", "8", "9", "10"}));
  CAF_CHECK(subject->find(header(1, 10)));
  CAF_CHECK_EQUAL(subject->totals().results, 10U);
}

CAF_TEST(a record has the skew of its agent and the file a name of its own) {
  subject->add(header(1, 1), "one", {1, 0}, noon, 3, -4000);
  const auto name = subject->name();
  CAF_CHECK_EQUAL(name.size(), 16U);
  open();
  CAF_CHECK_EQUAL(subject->name(), name);
  CAF_CHECK(storage::journal{""}.name() != name);
  const auto first = subject->record(1);
  CAF_REQUIRE(first);
  CAF_CHECK_EQUAL(first->skew_ms, -4000);
  CAF_CHECK(first->received == noon);
  CAF_CHECK(subject->read(0, noon, 10).at(0).skew_ms == -4000);
}

CAF_TEST(ids never come again) {
  subject->add(header(1, 1), "one", {1, 0}, noon, 3);
  CAF_CHECK_EQUAL(subject->add(record_kind::values, "two", noon, 5), 2U);
  const auto known = subject->records();
  CAF_REQUIRE_EQUAL(known.size(), 2U);
  CAF_CHECK_EQUAL(known[0].values, 3U);
  CAF_CHECK_EQUAL(known[1].bytes, 3U);
  subject->keep({"a", 2, 0, 0, 0, 0, 8, 0, 0});
  subject->remove({1, 2});
  open();
  CAF_CHECK_EQUAL(subject->add(record_kind::ended, "three", noon, 0), 3U);
  const auto third = subject->record(3);
  CAF_REQUIRE(third);
  CAF_CHECK((third->kind == record_kind::ended));
  CAF_CHECK_EQUAL(third->bytes, "three");
  CAF_CHECK(!subject->record(2));
  const auto readers = subject->readers();
  CAF_REQUIRE_EQUAL(readers.size(), 1U);
  CAF_CHECK_EQUAL(readers[0].name, "a");
  CAF_CHECK_EQUAL(readers[0].sent, 8U);
  subject->forget_reader("a");
  CAF_CHECK(subject->readers().empty());
}

CAF_TEST(silent instances are forgotten and their number is bounded) {
  for (std::uint8_t i = 0; i < 10; ++i) {
    subject->add(header(i, 1), "x", {1, 0}, noon + i * 1s);
  }
  subject->forget_agents(noon + 4s, 100);
  CAF_CHECK_EQUAL(subject->totals().agents, 6U);
  CAF_CHECK(!subject->find(header(3, 1)));
  CAF_CHECK(subject->find(header(4, 1)));
  subject->forget_agents(noon, 2);
  CAF_CHECK_EQUAL(subject->totals().agents, 2U);
  CAF_CHECK(subject->find(header(9, 1)) && subject->find(header(8, 1)));
}

CAF_TEST(a full disk refuses a batch whole) {
  subject->add(header(1, 1), "one", {8, 2}, noon);
  {
    const test::full_disk full{1};
    CAF_CHECK(test::refused(
        [&] { subject->add(header(1, 2), std::string(100'000, 'x'), {1, 0}, noon); }));
    CAF_CHECK(!subject->find(header(1, 2)));
  }
  subject->add(header(1, 2), "two", {1, 0}, noon);
  CAF_CHECK((replay(noon) == texts{"one", "two"}));
}

CAF_TEST(a damaged journal is refused and another can be begun) {
  subject->add(header(1, 1), std::string(50'000, 'x'), {8, 2}, noon);
  subject.reset();
  test::overwrite(folder.file("journal.db"), 0, std::string(200, 'x'));
  CAF_CHECK(found_damaged([&] { open(); }));
  CAF_CHECK(!journal::is_whole(folder.file("journal.db")));
  set_aside(folder.file("journal.db"));
  open();
  CAF_CHECK_EQUAL(subject->totals().batches, 0U);
  subject->add(header(1, 2), "two", {1, 0}, noon);
  CAF_CHECK((replay(noon) == texts{"two"}));
}

CAF_TEST(a hole in the log loses the last records alone and no id comes again) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    subject->add(header(1, i), "x", {1, 0}, noon);
  }
  const test::folder other;
  std::filesystem::copy(folder.path(), other.path());
  test::lose_page_of_log(other.file("journal.db"));
  CAF_CHECK(!journal::instances_in(other.file("journal.db")).empty());
  std::uint64_t kept = 0;
  {
    journal cut{other.path()};
    CAF_CHECK(cut.log_cut());
    kept = cut.records().size();
    CAF_CHECK_GREATER(kept, 0U);
    CAF_CHECK_LESS(kept, 20U);
    CAF_CHECK_EQUAL(cut.totals().batches, kept);
    CAF_CHECK(cut.find(header(1, kept)));
    CAF_CHECK(!cut.find(header(1, kept + 1)));
  }
  CAF_CHECK_EQUAL(test::count_files(other.path(), "journal.db-wal.damaged-"), 1U);
  CAF_CHECK_EQUAL(test::count_files(other.path(), "journal.db.damaged-"), 0U);
  journal again{other.path()};
  CAF_CHECK(!again.log_cut());
  CAF_CHECK_GREATER(again.add(record_kind::values, "y", noon, 1), 20U);
  CAF_CHECK_EQUAL(again.records().size(), kept + 1);
}

CAF_TEST(numbers that another file knew are taken over where they are higher) {
  subject->add(header(1, 5), "", {5, 0}, noon);
  subject->add(header(2, 5), "", {5, 0}, noon);
  const auto known = subject->instances();
  const test::folder other;
  journal next{other.path()};
  next.add(header(1, 9), "", {9, 0}, noon);
  next.add(known);
  CAF_CHECK((next.find(header(1, 9)) == storage::verdict{9, 0}));
  CAF_CHECK((next.find(header(2, 5)) == storage::verdict{5, 0}));
  CAF_CHECK_EQUAL(next.instances().size(), 2U);
  CAF_CHECK(journal::instances_in(other.file("none.db")).empty());
  CAF_CHECK(!std::filesystem::exists(other.file("none.db")));
}

CAF_TEST(a journal of another version is refused as damaged) {
  subject.reset();
  std::filesystem::remove(folder.file("journal.db"));
  {
    database old{folder.file("journal.db"), 0x7870'6a6e, 2};
    old.run("CREATE TABLE batches(id INTEGER PRIMARY KEY, received_ms INTEGER NOT NULL,"
            " instance BLOB NOT NULL, sequence INTEGER NOT NULL, batch BLOB NOT NULL)");
  }
  CAF_CHECK(found_damaged([&] { open(); }));
  set_aside(folder.file("journal.db"));
  open();
  subject->add(header(1, 1), "one", {8, 2}, noon, 5, -7);
  CAF_CHECK((replay(noon) == texts{"one"}));
  CAF_CHECK(subject->records().at(0).values == 5U);
}

CAF_TEST(without a directory it is in memory) {
  journal volatile_one{""};
  volatile_one.add(header(1, 1), "one", {8, 2}, noon);
  CAF_CHECK(volatile_one.find(header(1, 1)));
  CAF_MESSAGE("a directory that cannot be made is an error");
  std::ofstream{folder.file("file")} << "x";
  CAF_CHECK(test::refused([&] { journal{folder.file("file") + "/state"}; }));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_suite
