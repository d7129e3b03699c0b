#define CAF_SUITE history_damage

// What becomes of a history whose file is removed, replaced or damaged while it is in use.

#include <filesystem>

#include "actors/server/history_fixture.hpp"
#include "storage/damaged_file.hpp"

namespace history_damage_suite {

using namespace history_test;

namespace {

struct fixture : history_fixture {
  /// A history with a result in each of the last 400 buckets, of which a page is damaged that
  /// is not read when it is opened. Its series has the number 1.
  void fill_and_damage() {
    for (std::uint64_t i = 0; i < 400; ++i) { // more than the first page of a table holds
      push(batch(1 + i, {10}, std::chrono::seconds{15 * i}));
    }
    flush();
    end(subject);
    const auto file = folder.file("history.db");
    const auto whole = folder.file("whole");
    std::filesystem::copy_file(file, whole);
    bool damaged = false;
    for (std::uintmax_t at = 4096; !damaged && at < std::filesystem::file_size(whole); at += 4096) {
      std::filesystem::copy_file(whole, file, std::filesystem::copy_options::overwrite_existing);
      xprober::test::overwrite(file, at + 2000, "damage");
      damaged = has_damage_inside();
    }
    CAF_REQUIRE(damaged);
    subject = open_history();
    CAF_CHECK_EQUAL(counts().set_aside, 0u);
  }

  bool has_damage_inside() {
    const auto now = to_unix_seconds(wall_clock::now());
    try {
      storage::history opened{folder.path()};
      if (!opened.has_replaced()) {
        opened.read(0, 1, now - 7000, now + 60);
      }
      return false;
    } catch (const storage::database_error&) {
      return true;
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(history_damage_tests, fixture)

CAF_TEST(where a history was removed a new one reads what the journal still has) {
  push(batch(1, {10}));
  flush();
  std::filesystem::remove(folder.file("history.db"));
  push(batch(2, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK(std::filesystem::exists(folder.file("history.db")));
  push(batch(3, {10}));
  CAF_CHECK_EQUAL(all().probes, 3u);
  crash();
  CAF_CHECK_EQUAL(all().probes, 3u);
  flush();
  crash();
  CAF_CHECK_EQUAL(all().probes, 3u);
}

CAF_TEST(a history that is put in the place of the one in use is read on) {
  push(batch(1, {10}));
  flush();
  end(subject);
  std::filesystem::copy_file(folder.file("history.db"), folder.file("kept"));
  subject = open_history();
  push(batch_of(1, samples::toy(), {samples::toy_success(2, 4, 7)})); // takes the next number
  std::filesystem::rename(folder.file("kept"), folder.file("history.db"));
  std::filesystem::remove(folder.file("history.db-wal"));
  flush();
  reaper.pass(31s); // the journal has no other news
  CAF_CHECK_EQUAL(all().probes, 1u);
  CAF_CHECK_EQUAL(all(toy_series).probes, 1u);
  CAF_CHECK_EQUAL(counts().set_aside, 0u);
}

CAF_TEST(a damaged history that a question meets gives way to a new one) {
  fill_and_damage();
  CAF_CHECK(!ask().unavailable.empty());
  push(batch(401, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().set_aside, 1u);
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK(ask().unavailable.empty());
  push(batch(402, {10}));
  CAF_CHECK_EQUAL(all().probes, 2u); // the others went with the file
  crash();
  CAF_CHECK_EQUAL(all().probes, 2u);
}

CAF_TEST(a damaged history that a write meets gives way to a new one) {
  fill_and_damage();
  for (std::uint64_t i = 0; i < 400; ++i) {
    push(batch(401 + i, {10}, std::chrono::seconds{15 * i}));
  }
  flush();
  CAF_CHECK_EQUAL(counts().set_aside, 1u);
  CAF_CHECK_EQUAL(counts().failed, 1u);
  CAF_CHECK_EQUAL(counts().last_error, "");
  rollup sum;
  for (const auto& [start, point] :
       ask({.from = to_unix_seconds(wall_clock::now()) - 7000}).points) {
    sum.merge(point);
  }
  CAF_CHECK_EQUAL(sum.probes, 400u);
}

CAF_TEST(a damaged history waits for a disk that takes a new one) {
  fill_and_damage();
  CAF_CHECK(!ask().unavailable.empty());
  push(batch(401, {10}));
  {
    const xprober::test::full_disk full{1};
    flush();
    CAF_CHECK(!counts().last_error.empty());
    CAF_CHECK(!ask().unavailable.empty());
  }
  push(batch(402, {10}));
  flush();
  CAF_CHECK_EQUAL(counts().last_error, "");
  CAF_CHECK_EQUAL(all().probes, 2u);
  flush();
  crash();
  CAF_CHECK_EQUAL(all().probes, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace history_damage_suite
