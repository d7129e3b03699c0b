#define CAF_SUITE reader_desk

#include "xprober/actors/server/reader_desk.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace reader_desk_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};
constexpr std::uint64_t plenty = 1 << 20;

using ids = std::vector<std::uint64_t>;

ids ids_of(const std::optional<journal_page>& page) {
  ids all;
  if (page) {
    for (const auto& record : page->records) {
      all.push_back(record.id);
    }
  }
  return all;
}

struct fixture {
  test::folder folder;
  std::optional<storage::journal> file;
  std::optional<reader_desk> desk;

  fixture() {
    log::set_level(log::level::off);
    open();
  }
  ~fixture() { log::set_level(log::level::info); }

  void open() {
    desk.reset();
    file.reset();
    file.emplace(folder.path());
    desk.emplace(*file);
  }

  /// A record of ten bytes and two values.
  std::uint64_t add(wall_time received = noon) {
    const std::string bytes(10, 'x');
    const auto id = file->add(record_kind::values, bytes, received, 2);
    desk->add(id, received, bytes.size(), 2);
    return id;
  }

  void set(std::vector<journal_reader> readers) {
    desk->prepare({std::move(readers)});
    desk->commit();
  }

  journal_stats::reader line(std::size_t number = 0) { return desk->stats().at(number); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reader_desk_tests, fixture)

CAF_TEST(a new reader begins with what comes from then on) {
  add();
  CAF_CHECK(!desk->has_readers());
  set({{"a", plenty}});
  CAF_CHECK(desk->has_readers());
  CAF_CHECK(desk->knows("a"));
  CAF_CHECK(!desk->knows("b"));
  CAF_CHECK_EQUAL(desk->begin({"a"}).place.done, 1u);
  CAF_CHECK(!desk->read({"a", 1}));
  add();
  CAF_CHECK((ids_of(desk->read({"a", 1})) == ids{2}));
}

CAF_TEST(a place outlives a restart) {
  set({{"a", plenty}, {"b", plenty}});
  add();
  add(noon + 5s);
  desk->advance({"a", {1, 0, 0}, 2, 0, 0, 1});
  open();
  CAF_CHECK(desk->newest_at_start() == noon + 5s);
  CAF_CHECK(desk->knows("a")); // before anybody has named it
  set({{"a", plenty}, {"b", plenty}});
  CAF_CHECK_EQUAL(line(0).name, "a");
  CAF_CHECK_EQUAL(line(0).sent, 2u);
  CAF_CHECK_EQUAL(line(0).pending, 2u);
  CAF_CHECK_EQUAL(line(1).pending, 4u);
  CAF_CHECK((ids_of(desk->read({"a", 0})) == ids{2}));
  CAF_CHECK((ids_of(desk->read({"b", 0})) == ids{1, 2}));
}

CAF_TEST(a reader that is not named any more is forgotten) {
  set({{"a", plenty}, {"b", plenty}});
  add();
  CAF_CHECK(!desk->read({"a", 1}));
  set({{"b", plenty}});
  CAF_CHECK(!desk->knows("a"));
  int served = 0;
  add();
  desk->serve([&](const std::string&, const journal_page&) { ++served; });
  CAF_CHECK_EQUAL(served, 0);
  CAF_CHECK_EQUAL(file->readers().size(), 1u);
}

CAF_TEST(what is prepared changes nothing until it is committed) {
  set({{"a", plenty}});
  add();
  desk->prepare({{{"b", plenty}}});
  CAF_CHECK(desk->knows("a"));
  CAF_CHECK(!desk->knows("b"));
  add();
  CAF_CHECK_EQUAL(line().pending, 4u);
  desk->commit();
  CAF_CHECK(!desk->knows("a"));
  CAF_CHECK((ids_of(desk->read({"b", 0})) == ids{2})); // it begins where it was prepared
  desk->commit();
  CAF_CHECK(desk->knows("b"));
}

CAF_TEST(what is abandoned was never there) {
  set({{"a", plenty}});
  desk->prepare({{{"b", plenty}}});
  CAF_CHECK_EQUAL(file->readers().size(), 2u);
  desk->abandon();
  desk->commit();
  CAF_CHECK(desk->knows("a"));
  CAF_CHECK(!desk->knows("b"));
  CAF_CHECK_EQUAL(file->readers().size(), 1u);
  desk->prepare({{{"b", plenty}}});
  desk->prepare({{{"c", plenty}}}); // in place of it
  CAF_CHECK_EQUAL(file->readers().size(), 2u);
}

CAF_TEST(a disk that is full refuses new readers and leaves those that there are) {
  set({{"a", plenty}});
  {
    const test::full_disk full{1};
    bool thrown = false;
    try {
      desk->prepare({{{"b", plenty}}});
    } catch (const storage::database_error&) {
      thrown = true;
    }
    CAF_CHECK(thrown);
    desk->commit();
  }
  CAF_CHECK(desk->knows("a"));
  CAF_CHECK(!desk->knows("b"));
}

CAF_TEST(who waits is served once when something comes) {
  set({{"a", plenty}, {"b", plenty}});
  CAF_CHECK(!desk->read({"a", 0}));
  std::vector<std::pair<std::string, ids>> served;
  const auto serve = [&] {
    desk->serve([&](const std::string& reader, journal_page page) {
      served.emplace_back(reader, ids_of(std::optional{std::move(page)}));
    });
  };
  serve();
  CAF_CHECK(served.empty());
  add();
  serve();
  serve();
  CAF_REQUIRE_EQUAL(served.size(), 1u);
  CAF_CHECK_EQUAL(served[0].first, "a");
  CAF_CHECK((served[0].second == ids{1}));
}

CAF_TEST(a page has a bounded number of records) {
  set({{"a", plenty}});
  for (int i = 0; i < 100; ++i) {
    add();
  }
  const auto first = ids_of(desk->read({"a", 0}));
  CAF_CHECK_EQUAL(first.size(), 64u);
  CAF_CHECK_EQUAL(ids_of(desk->read({"a", first.back()})).size(), 36u);
}

CAF_TEST(progress with the same number counts once) {
  set({{"a", plenty}});
  add();
  const reader_progress progress{"a", {1, 0, 0}, 2, 1, 1, 7};
  desk->advance(progress);
  desk->advance(progress);
  CAF_CHECK_EQUAL(line().sent, 2u);
  CAF_CHECK_EQUAL(line().failed, 1u);
  CAF_CHECK_EQUAL(line().dropped, 1u);
  CAF_CHECK_EQUAL(line().pending, 0u);
  desk->begin({"a"}); // numbers begin again
  desk->advance(progress);
  CAF_CHECK_EQUAL(line().sent, 4u);
}

CAF_TEST(a reader that lost everything begins with the oldest record and keeps its counts) {
  set({{"a", plenty}});
  add();
  add();
  desk->advance({"a", {2, 0, 0}, 4, 0, 0, 1});
  const auto start = desk->begin({"a", true});
  CAF_CHECK_EQUAL(start.place.done, 0u);
  CAF_CHECK_EQUAL(start.last_id, 2u);
  CAF_CHECK_EQUAL(line().sent, 4u);
  CAF_CHECK_EQUAL(line().pending, 4u);
  CAF_CHECK((ids_of(desk->read({"a", 0})) == ids{1, 2}));
}

CAF_TEST(above a limit the oldest values are dropped for that reader alone) {
  set({{"a", 25}, {"b", plenty}});
  for (int i = 0; i < 5; ++i) {
    add();
    desk->enforce_limits();
  }
  CAF_CHECK_EQUAL(line(0).dropped, 6u);
  CAF_CHECK_EQUAL(line(0).pending, 4u);
  CAF_CHECK_EQUAL(line(1).dropped, 0u);
  CAF_CHECK_EQUAL(line(1).pending, 10u);
  CAF_CHECK((ids_of(desk->read({"a", 0})) == ids{4, 5}));
  open();
  CAF_CHECK_EQUAL(line(0).dropped, 6u); // it is on disk
}

CAF_TEST(values that could not be kept are lost for all) {
  set({{"a", plenty}, {"b", plenty}});
  desk->lose(3);
  CAF_CHECK_EQUAL(line(0).dropped, 3u);
  CAF_CHECK_EQUAL(line(1).dropped, 3u);
}

CAF_TEST(a disk that is full leaves a place as it was) {
  set({{"a", plenty}});
  add();
  {
    const test::full_disk full{1};
    bool thrown = false;
    try {
      desk->advance({"a", {1, 0, 0}, 2, 0, 0, 1});
    } catch (const storage::database_error&) {
      thrown = true;
    }
    CAF_CHECK(thrown);
  }
  CAF_CHECK_EQUAL(line().sent, 0u);
  CAF_CHECK_EQUAL(line().pending, 2u);
  desk->advance({"a", {1, 0, 0}, 2, 0, 0, 1});
  CAF_CHECK_EQUAL(line().sent, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace reader_desk_suite
