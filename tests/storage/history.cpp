#define CAF_SUITE history

#include "xprober/storage/history.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"
#include "xprober/base/log.hpp"
#include "xprober/storage/database.hpp"

#include "caf/test/unit_test.hpp"

namespace history_suite {

using namespace xprober;

namespace {

constexpr std::int64_t noon = 1'700'000'400; // a multiple of 600
constexpr history_retention kept{3600, 7200, 86'400};

struct fixture {
  fixture() { log::set_level(log::level::off); }

  test::folder folder;
  std::unique_ptr<storage::history> subject = open();

  std::unique_ptr<storage::history> open() {
    return std::make_unique<storage::history>(folder.path());
  }

  void reopen() {
    subject.reset();
    subject = open();
  }

  static history_key key(result_group group, const std::string& other,
                         const std::string& kind = "icmp", const std::string& phases = "") {
    return {{kind, group, "us", other}, phases};
  }

  std::uint32_t pair(const std::string& target) {
    return subject->number(key(result_group::pair, target), "10.0.0.1", 1000).value();
  }

  /// The numbers of a subject's series, the newest first.
  std::vector<std::uint32_t> find(const history_key& of) {
    std::vector<std::uint32_t> numbers;
    for (const auto& found : subject->known().find(of.subject)) {
      numbers.push_back(found.number);
    }
    return numbers;
  }

  static void add(rollup_buffer& buffer, std::uint32_t number, std::int64_t at, float ms) {
    measured_probe probe;
    probe.success = true;
    probe.value_ms = ms;
    buffer.bucket(at)[number].add(probe);
  }

  /// Files of a history that was set aside.
  std::size_t set_aside() const { return test::count_files(folder.path(), "history.db.damaged-"); }

  /// Damages the first page of roll-ups, which must be in the file.
  void damage() { test::overwrite(folder.file("history.db"), 4096 + 2000, "damage"); }

  std::uint64_t probes(std::size_t level, std::uint32_t number) {
    std::uint64_t total = 0;
    for (const auto& [start, values] : subject->read(level, number, noon - 86'400, noon + 86'400)) {
      total += values.probes;
    }
    return total;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(history_tests, fixture)

CAF_TEST(roll - ups are merged into those on disk at every level) {
  const auto eu = pair("eu");
  rollup_buffer first;
  add(first, eu, noon, 10);
  add(first, eu, noon + 20, 20);
  subject->write(first, kept, noon, {"j", 3});
  rollup_buffer second;
  add(second, eu, noon + 1, 30); // late
  add(second, eu, noon + 60, 40);
  subject->write(second, kept, noon, {"j", 4});
  reopen();
  const auto fine = subject->read(0, eu, noon, noon + 120);
  CAF_REQUIRE_EQUAL(fine.size(), 3u);
  CAF_CHECK_EQUAL(fine.at(noon).probes, 2u);
  CAF_CHECK(fine.at(noon).value_ms.mean().value() == 20.0);
  CAF_CHECK(subject->read(1, eu, noon, noon + 60).at(noon).probes == 3u);
  CAF_CHECK(subject->read(2, eu, noon, noon + 600).at(noon).max_ms() == 40.0);
  CAF_CHECK(subject->rows()[0] == 3u);
  CAF_CHECK(subject->rows()[1] == 2u);
  CAF_CHECK(subject->rows()[2] == 1u);
  CAF_CHECK_EQUAL(subject->position().through, 4u);
  CAF_CHECK_EQUAL(subject->position().journal, "j");
  CAF_CHECK_GREATER(subject->bytes(), 0u);
}

CAF_TEST(series keep their numbers) {
  const auto eu = pair("eu");
  const auto asia = pair("asia");
  const auto url =
      subject->number(key(result_group::address, "eu", "http"), "10.0.0.1", 1000).value();
  CAF_CHECK(eu != asia && asia != url && eu != url);
  CAF_CHECK(!subject->number(key(result_group::pair, "mars"), "10.0.0.1", 3));
  rollup_buffer buffer;
  add(buffer, asia, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  reopen();
  CAF_CHECK_EQUAL(subject->series(), 3u);
  CAF_CHECK_EQUAL(pair("asia"), asia);
  CAF_CHECK(find(key(result_group::address, "eu", "http")) == std::vector{url});
  CAF_CHECK(find(key(result_group::pair, "mars")).empty());
  CAF_CHECK_GREATER(pair("mars"), std::max({eu, asia, url}));
}

CAF_TEST(every kind has series of its own and keeps them) {
  const auto toy = key(result_group::address, "a:1", "toy", "wind,spin");
  const auto as_pair = key(result_group::pair, "a:1", "toy", "wind,spin");
  const auto other = key(result_group::address, "a:1", "toy", "gust,spin");
  const auto first = subject->number(toy, "10.0.0.1", 1000).value();
  const auto second = subject->number(as_pair, "10.0.0.1", 1000).value();
  const auto third = subject->number(other, "10.0.0.1", 1000).value();
  CAF_CHECK(subject->number(toy, "10.0.0.1", 1000) == first);
  rollup_buffer buffer;
  add(buffer, first, noon, 1);
  add(buffer, second, noon, 2);
  add(buffer, third, noon, 3);
  subject->write(buffer, kept, noon, {"j", 1});
  reopen();
  CAF_CHECK((find(toy) == std::vector{third, first})); // whatever the phases are called
  CAF_CHECK((find(as_pair) == std::vector{second}));
  const auto found = subject->known().find(toy.subject);
  CAF_CHECK_EQUAL(found[0].phases, "gust,spin");
  CAF_CHECK_EQUAL(found[1].phases, "wind,spin");
  CAF_CHECK_EQUAL(subject->read(0, first, noon, noon + 15).at(noon).max_ms(), 1.0);
}

CAF_TEST(of very many names for phases the newest are found) {
  for (std::size_t i = 0; i < storage::history_register::most_variants + 5; ++i) {
    subject->number(key(result_group::address, "a:1", "toy", "p" + std::to_string(i)), "10.0.0.1",
                    1000);
  }
  const auto found = subject->known().find({"toy", result_group::address, "us", "a:1"});
  CAF_CHECK_EQUAL(found.size(), storage::history_register::most_variants);
  CAF_CHECK_EQUAL(found[0].phases, "p20");
}

CAF_TEST(a file of the first version is set aside) {
  subject.reset();
  std::filesystem::remove(folder.file("history.db"));
  {
    storage::database old{folder.file("history.db"), 0x7870'6873, 1};
    old.run("CREATE TABLE rollup_15s(start INTEGER NOT NULL, series INTEGER NOT "
            "NULL,"
            " data BLOB NOT NULL, PRIMARY KEY(start, series)) WITHOUT ROWID;"
            "INSERT INTO rollup_15s VALUES(1, 1, x'00');"
            "CREATE TABLE series(number INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
            " source_region BLOB NOT NULL, other BLOB NOT NULL, last INTEGER NOT "
            "NULL);"
            "INSERT INTO series VALUES(1, 0, 'us', 'eu', 5);"
            "CREATE TABLE position(id INTEGER PRIMARY KEY, journal BLOB, through "
            "INTEGER);"
            "INSERT INTO position VALUES(1, 'j', 7);");
  }
  subject = open();
  CAF_CHECK_GREATER(set_aside(), 0u);
  CAF_CHECK_EQUAL(subject->series(), 0u);
  CAF_CHECK_EQUAL(subject->position().through, 0u); // the journal is read again
  const auto eu = pair("eu");
  CAF_CHECK_EQUAL(probes(0, eu), 0u);
  rollup_buffer buffer;
  add(buffer, eu, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  reopen();
  CAF_CHECK_EQUAL(probes(0, eu), 1u);
}

CAF_TEST(each level drops what is older than its retention) {
  const auto eu = pair("eu");
  rollup_buffer buffer;
  add(buffer, eu, noon - 5000, 1);
  add(buffer, eu, noon, 1);
  subject->write(buffer, history_retention{86'400, 86'400, 86'400}, noon, {"j", 1});
  CAF_CHECK(!subject->prune(kept, noon, 100));
  CAF_CHECK_EQUAL(probes(0, eu), 1u);
  CAF_CHECK_EQUAL(probes(1, eu), 2u);
  CAF_CHECK(subject->rows()[0] == 1u);
  CAF_CHECK(!subject->prune(kept, noon + 7300, 100));
  CAF_CHECK_EQUAL(probes(1, eu), 0u);
  CAF_CHECK_EQUAL(probes(2, eu), 2u);
  CAF_CHECK_EQUAL(subject->series(), 1u);
  CAF_CHECK(!subject->prune(kept, noon + 90'000, 100));
  CAF_CHECK(subject->rows()[2] == 0u);
  CAF_CHECK_EQUAL(subject->series(), 0u);
  reopen();
  CAF_CHECK_EQUAL(subject->series(), 0u);
}

CAF_TEST(dropping goes in steps) {
  const auto eu = pair("eu");
  rollup_buffer buffer;
  for (int i = 0; i < 10; ++i) {
    add(buffer, eu, noon + 15 * i, 1);
  }
  subject->write(buffer, kept, noon, {"j", 1});
  CAF_CHECK(subject->prune(kept, noon + 100'000, 4));
  CAF_CHECK(subject->rows()[0] == 6u);
  CAF_CHECK(subject->prune(kept, noon + 100'000, 4));
  CAF_CHECK(!subject->prune(kept, noon + 100'000, 4));
  CAF_CHECK(subject->rows()[0] == 0u);
}

CAF_TEST(what is too old for a level enters only the coarser ones) {
  const auto eu = pair("eu");
  rollup_buffer buffer;
  add(buffer, eu, noon - 5000, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  CAF_CHECK_EQUAL(probes(0, eu), 0u);
  CAF_CHECK_EQUAL(probes(1, eu), 1u);
}

CAF_TEST(a write that fails has done nothing and can be repeated) {
  const auto eu = pair("eu");
  rollup_buffer first;
  add(first, eu, noon, 1);
  subject->write(first, kept, noon, {"j", 1});
  rollup_buffer second;
  for (int i = 0; i < 3000; ++i) {
    add(second, eu, noon + 15 * i, static_cast<float>(i) + 0.5F);
  }
  const auto asia = pair("asia");
  add(second, asia, noon, 1);
  {
    const test::full_disk full{1};
    bool thrown = false;
    try {
      subject->write(second, kept, noon, {"j", 2});
    } catch (const storage::database_error&) {
      thrown = true;
    }
    CAF_CHECK(thrown);
  }
  CAF_CHECK_EQUAL(subject->position().through, 1u);
  CAF_CHECK_EQUAL(probes(0, eu), 1u);
  subject->write(second, kept, noon, {"j", 2});
  CAF_CHECK_EQUAL(probes(0, eu), 3001u);
  reopen();
  CAF_CHECK_EQUAL(pair("asia"), asia);
  CAF_CHECK(subject->rows()[0] == 3001u);
}

CAF_TEST(a damaged file is set aside) {
  rollup_buffer buffer;
  add(buffer, pair("eu"), noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  subject.reset();
  std::filesystem::remove(folder.file("history.db-wal"));
  std::ofstream{folder.file("history.db")}
      << "this is no database, whatever its name may say of it";
  subject = open();
  CAF_CHECK_EQUAL(subject->series(), 0u);
  CAF_CHECK_EQUAL(subject->position().through, 0u);
  CAF_CHECK_EQUAL(set_aside(), 1u);
}

CAF_TEST(a new file begun in the midst knows the series of the old one) {
  const auto eu = pair("eu");
  rollup_buffer buffer;
  add(buffer, eu, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  reopen();
  damage();
  CAF_CHECK(subject->begin_again());
  CAF_CHECK_EQUAL(set_aside(), 1u);
  CAF_CHECK_EQUAL(probes(0, eu), 0u);
  subject->write(buffer, kept, noon, {"j", 2});
  reopen();
  CAF_CHECK_EQUAL(pair("eu"), eu);
  CAF_CHECK_EQUAL(probes(0, eu), 1u);
}

CAF_TEST(a file that can be read in a second attempt is used on with all that was known) {
  const auto eu = pair("eu");
  rollup_buffer buffer;
  add(buffer, eu, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  const auto fresh = pair("asia");
  CAF_CHECK(!subject->begin_again());
  CAF_CHECK_EQUAL(set_aside(), 0u);
  CAF_CHECK_EQUAL(probes(0, eu), 1u);
  CAF_CHECK_EQUAL(pair("asia"), fresh);
  CAF_MESSAGE("once: what is damaged again before it was written to is believed");
  CAF_CHECK(subject->begin_again());
  CAF_CHECK_EQUAL(set_aside(), 1u);
  CAF_CHECK_EQUAL(pair("asia"), fresh);
  add(buffer, fresh, noon, 2);
  subject->write(buffer, kept, noon, {"j", 2});
  CAF_CHECK(!subject->begin_again());
  CAF_CHECK_EQUAL(probes(0, fresh), 1u);
}

CAF_TEST(after the file was replaced what is there is opened) {
  const auto eu = pair("eu");
  rollup_buffer buffer;
  add(buffer, eu, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  const test::folder other;
  {
    storage::history replacement{other.path()};
    const auto asia = replacement.number(key(result_group::pair, "asia"), "10.0.0.1", 1000).value();
    rollup_buffer its;
    add(its, asia, noon, 5);
    replacement.write(its, kept, noon, {"k", 7});
  }
  std::filesystem::remove(folder.file("history.db-wal"));
  std::filesystem::rename(other.file("history.db"), folder.file("history.db"));
  bool gone = false;
  try {
    subject->write(buffer, kept, noon, {"j", 2});
  } catch (const storage::database_error& error) {
    gone = error.gone();
  }
  CAF_CHECK(gone);
  reopen();
  CAF_CHECK(!subject->has_replaced());
  CAF_CHECK_EQUAL(subject->position().journal, "k");
  CAF_CHECK_EQUAL(subject->position().through, 7u);
  CAF_CHECK(find(key(result_group::pair, "eu")).empty());
  CAF_CHECK_EQUAL(probes(0, pair("asia")), 1u);
  CAF_CHECK_EQUAL(set_aside(), 0u);
  CAF_MESSAGE("and where there is nothing a new one is begun");
  std::filesystem::remove(folder.file("history.db"));
  reopen();
  CAF_CHECK_EQUAL(subject->position().through, 0u);
  CAF_CHECK_EQUAL(subject->series(), 0u);
}

CAF_TEST(without a directory it works in memory) {
  subject = std::make_unique<storage::history>("");
  const auto eu = pair("eu");
  rollup_buffer buffer;
  add(buffer, eu, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  CAF_CHECK_EQUAL(probes(0, eu), 1u);
}

CAF_TEST(series of single targets are found by their uid and count apart) {
  const auto one = [](const std::string& source, const std::string& uid) {
    return history_key{{"icmp", result_group::pair, source, uid, true}, ""};
  };
  const auto eu = pair("eu");
  const auto first = subject->number(one("us", "01"), "10.0.0.1", 2);
  const auto second = subject->number(one("asia", "01"), "10.0.0.1", 2);
  CAF_REQUIRE(first);
  CAF_REQUIRE(second);
  CAF_CHECK(!subject->number(one("us", "02"), "10.0.0.1", 2));
  CAF_CHECK(!subject->number(key(result_group::pair, "mars"), "10.0.0.1", 1));
  CAF_CHECK_EQUAL(subject->series(), 1u);
  rollup_buffer buffer;
  add(buffer, eu, noon, 1);
  add(buffer, *first, noon, 2);
  add(buffer, *second, noon, 3);
  subject->write(buffer, kept, noon, {"j", 1});
  reopen();
  CAF_CHECK_EQUAL(subject->series(), 1u);
  const auto found = subject->known().find_target("01", "");
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK_EQUAL(found[0].subject.source_region, "asia");
  CAF_CHECK_EQUAL(found[1].series.number, *first);
  CAF_CHECK(found[1].subject.one_target);
  CAF_CHECK_EQUAL(subject->known().find_target("01", "us").size(), 1u);
  CAF_CHECK(subject->known().find_target("02", "").empty());
  CAF_CHECK(find(key(result_group::pair, "01")).empty());
  CAF_CHECK_EQUAL(probes(0, *second), 1u);
  // When nothing is left of them they go.
  while (subject->prune(kept, noon + 10 * 86'400, 100)) {
  }
  CAF_CHECK(subject->known().find_target("01", "").empty());
  CAF_CHECK(subject->number(one("us", "02"), "10.0.0.1", 1).has_value());
}

CAF_TEST(watched targets are there after a restart) {
  const std::vector<watched_target> all{{7, noon, noon + 5, 0}, {9, noon, 0, noon + 6}};
  subject->write_watched(all);
  CAF_CHECK(subject->watched() == all);
  reopen();
  CAF_CHECK(subject->watched() == all);
}

CAF_TEST(one agent leaves room for the others of its region and for other regions) {
  const auto number = [this](const std::string& source, const std::string& agent, int i) {
    const history_key of{{"icmp", result_group::pair, source, agent + std::to_string(i)}, {}};
    return subject->number(of, agent, 128);
  };
  const auto take_all = [&](const std::string& source, const std::string& agent) {
    int taken = 0;
    for (int i = 0; i < 200; ++i) {
      taken += number(source, agent, i) ? 1 : 0;
    }
    return taken;
  };
  CAF_CHECK_EQUAL(take_all("us", "liar"), 98);
  const auto first = number("us", "10.0.0.2", 0);
  CAF_REQUIRE(first);
  CAF_CHECK(number("eu", "10.0.0.2", 1));
  CAF_CHECK(number("us", "liar", 7));
  CAF_CHECK_EQUAL(subject->series(), 100u);
  CAF_MESSAGE("who has brought what is there after a restart, too");
  rollup_buffer buffer;
  add(buffer, *first, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  reopen();
  CAF_CHECK(!number("us", "liar", 300));
  CAF_CHECK(number("us", "10.0.0.3", 1));
  CAF_MESSAGE("and what has gone makes room");
  while (subject->prune(kept, noon + 10 * 86'400, 100)) {
  }
  CAF_CHECK(number("us", "liar", 300));
}

CAF_TEST(series of a file that does not say who brought them count for who measures them) {
  const auto take = [this](int first, int behind) {
    int taken = 0;
    for (int i = first; i < behind; ++i) {
      const auto of = key(result_group::pair, "r" + std::to_string(i));
      taken += subject->number(of, "10.0.0.1", 128) ? 1 : 0;
    }
    return taken;
  };
  CAF_CHECK_EQUAL(take(0, 64), 64);
  rollup_buffer buffer;
  add(buffer, 1, noon, 1);
  subject->write(buffer, kept, noon, {"j", 1});
  subject.reset();
  {
    storage::database old{folder.file("history.db"), 0x7870'6873, 2};
    old.run("DROP TABLE brought_by");
  }
  subject = open();
  CAF_CHECK_EQUAL(take(0, 64), 64);
  CAF_CHECK_EQUAL(take(64, 200), 34);
  CAF_CHECK_EQUAL(subject->series(), 98u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace history_suite
