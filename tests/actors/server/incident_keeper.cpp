#define CAF_SUITE incident_keeper

#include "xprober/actors/server/incident_keeper.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "storage/incident_samples.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace incident_keeper_suite {

using namespace xprober;
using namespace std::chrono_literals;
using test::opening;

namespace {

struct fixture {
  fixture() { log::set_level(log::level::off); }

  test::folder place;
  incident_book book{{}};
  std::optional<incident_keeper> subject{std::in_place, book};
  monotonic_time now = monotonic_clock::now();
  std::vector<std::uint64_t> written;

  void open(const std::string& folder) {
    subject->open(folder, now);
    subject->set_receivers({"a"});
  }
  /// Ids as they were written.
  bool write(std::uint64_t id) {
    subject->add(opening(id));
    return subject->write([this](incident_change&& change) { written.push_back(change.now.id); });
  }
  std::size_t due() { return subject->file().due("a", 10).size(); }
  std::string file() const { return place.file("incidents.db"); }
  /// A path that nobody can open as a file.
  void block() { std::filesystem::create_directory(file()); }
  void unblock() { std::filesystem::remove(file()); }
};

using ids = std::vector<std::uint64_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(incident_keeper_tests, fixture)

CAF_TEST(without a folder nothing is missing) {
  open("");
  CAF_CHECK(write(1));
  CAF_CHECK((written == ids{1}));
  CAF_CHECK_EQUAL(due(), 1U);
  CAF_CHECK_EQUAL(subject->problem(), "");
  subject->return_to_disk(now + 1h);
  CAF_CHECK_EQUAL(due(), 1U);
}

CAF_TEST(in place of a file that cannot be opened there is one in memory until it can be) {
  block();
  open(place.path());
  const auto id = subject->file().last_id() + 1;
  CAF_CHECK(write(id));
  CAF_CHECK((written == ids{id})); // people are told all the same
  CAF_CHECK_EQUAL(due(), 1U);
  subject->return_to_disk(now + 6s);
  CAF_CHECK(!subject->problem().empty());
  CAF_CHECK(!subject->has_unwritten(id));

  unblock();
  subject->return_to_disk(now + 7s); // not before it is due
  CAF_CHECK(!subject->problem().empty());
  subject->return_to_disk(now + 12s);
  CAF_CHECK_EQUAL(subject->problem(), "");
  CAF_CHECK_EQUAL(due(), 1U);
  subject.reset();
  storage::incident_file again{place.path(), wall_clock::now()};
  CAF_CHECK(again.find(id).has_value());
}

CAF_TEST(what was open before the disk failed is open again) {
  open(place.path());
  CAF_CHECK(write(1));
  subject.emplace(book);
  const auto kept = place.file("kept.db");
  std::filesystem::rename(file(), kept);
  block();
  open(place.path());
  CAF_CHECK(book.open().empty());
  unblock();
  std::filesystem::rename(kept, file());
  subject->return_to_disk(now + 6s);
  const auto open_now = book.open();
  CAF_REQUIRE_EQUAL(open_now.size(), 1U);
  CAF_CHECK_EQUAL(open_now[0].id, 1U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace incident_keeper_suite
