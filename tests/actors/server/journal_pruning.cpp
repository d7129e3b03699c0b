#define CAF_SUITE journal_pruning

#include "xprober/actors/server/journal_pruning.hpp"

#include <optional>
#include <string>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace journal_pruning_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = wall_time{1'767'268'800s};
constexpr monotonic_time start{1h};

struct fixture {
  test::folder folder;
  storage::journal file{folder.path()};
  reader_desk desk{file};
  journal_pruning subject{file, desk};

  fixture() { log::set_level(log::level::off); }
  ~fixture() { log::set_level(log::level::info); }

  void add(wall_time received) {
    const std::string bytes(10, 'x');
    const auto id = file.add(record_kind::values, bytes, received, 2);
    desk.add(id, received, bytes.size(), 2);
  }

  std::size_t records() { return file.records().size(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_pruning_tests, fixture)

CAF_TEST(what is too old goes and the rest stays) {
  add(noon - 301s);
  add(noon - 299s);
  CAF_CHECK(!subject.step(noon, start, 300s).more);
  CAF_CHECK_EQUAL(records(), 1u);
  CAF_CHECK(!subject.step(noon + 2s, start, 300s).more);
  CAF_CHECK_EQUAL(records(), 0u);
}

CAF_TEST(what a reader needs stays until it has dealt with it) {
  desk.prepare({{{"a", 1 << 20}}});
  desk.commit();
  add(noon - 301s);
  subject.step(noon, start, 300s);
  CAF_CHECK_EQUAL(records(), 1u);
  desk.advance({"a", {1, 0, 0}, 2, 0, 0, 1});
  subject.step(noon, start, 300s);
  CAF_CHECK_EQUAL(records(), 0u);
}

CAF_TEST(many records go in steps) {
  for (int i = 0; i < 450; ++i) {
    add(noon - 301s);
  }
  CAF_CHECK(subject.step(noon, start, 300s).more);
  CAF_CHECK_EQUAL(records(), 250u);
  CAF_CHECK(subject.step(noon, start, 300s).more);
  CAF_CHECK(!subject.step(noon, start, 300s).more);
  CAF_CHECK_EQUAL(records(), 0u);
}

CAF_TEST(what could not be dropped is tried again) {
  add(noon - 301s);
  {
    const test::full_disk full{1};
    bool thrown = false;
    try {
      subject.step(noon, start, 300s);
    } catch (const storage::database_error&) {
      thrown = true;
    }
    CAF_CHECK(thrown);
  }
  CAF_CHECK_EQUAL(records(), 1u);
  subject.step(noon, start, 300s);
  CAF_CHECK_EQUAL(records(), 0u);
}

CAF_TEST(agents that are silent for long are forgotten once in an hour) {
  batch_header header;
  header.sequence = 1;
  const auto heard = [&](std::uint8_t agent, wall_time when) {
    header.instance[0] = agent;
    file.add(header, {}, {}, when);
  };
  heard(1, noon - 24h * 91);
  heard(2, noon);
  CAF_CHECK(subject.step(noon, start, 300s).agents_forgotten);
  CAF_CHECK_EQUAL(file.totals().agents, 1u);
  heard(3, noon - 24h * 91);
  CAF_CHECK(!subject.step(noon, start + 59min, 300s).agents_forgotten);
  CAF_CHECK_EQUAL(file.totals().agents, 2u);
  CAF_CHECK(subject.step(noon, start + 60min, 300s).agents_forgotten);
  CAF_CHECK_EQUAL(file.totals().agents, 1u);
}

CAF_TEST(of too many agents those go that were silent for longest) {
  journal_pruning few{file, desk, 8};
  few.step(noon, start, 300s);
  batch_header header;
  header.sequence = 1;
  for (std::uint8_t agent = 1; agent <= 10; ++agent) {
    header.instance[0] = agent;
    file.add(header, {}, {}, noon + std::chrono::seconds{agent});
  }
  CAF_CHECK(!few.step(noon, start + 1s, 300s, 9).agents_forgotten);
  CAF_CHECK(few.step(noon, start + 1s, 300s, 10).agents_forgotten);
  CAF_CHECK_EQUAL(file.totals().agents, 8u);
  header.instance[0] = 3;
  CAF_CHECK(file.last_sequence(header.instance).has_value());
  header.instance[0] = 2;
  CAF_CHECK(!file.last_sequence(header.instance));
}

CAF_TEST(a short life is looked at more often) {
  CAF_CHECK(journal_pruning::interval(300s) == 5s);
  CAF_CHECK(journal_pruning::interval(10s) == 1s);
  CAF_CHECK(journal_pruning::interval(0s) == 50ms);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_pruning_suite
