#define CAF_SUITE reader_ledger

#include "xprober/storage/reader_ledger.hpp"

#include "caf/test/dsl.hpp"

namespace reader_ledger_suite {

using namespace xprober::storage;

namespace {

struct ledger_fixture {
  reader_ledger subject;

  /// Records 1 to `count`, 100 bytes and 10 values each, a second apart.
  void fill(std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) {
      subject.add({subject.last_id() + 1, static_cast<std::int64_t>(i) * 1000, 100, 10});
    }
  }
  reader_ledger::reader& open(const char* name, std::uint64_t done, std::uint64_t max_bytes) {
    reader_position at;
    at.name = name;
    at.done = done;
    return subject.open(at, max_bytes);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reader_ledger_tests, ledger_fixture)

CAF_TEST(a reader gets what comes behind its position in order) {
  fill(3);
  auto& a = open("a", 1, 1000);
  CAF_CHECK_EQUAL(a.pending_values, 20U);
  CAF_CHECK(subject.next(a, 0)->id == 2U);
  CAF_CHECK(subject.next(a, 2)->id == 3U);
  CAF_CHECK(!subject.next(a, 3));
  subject.advance(a, 2, 4, 7);
  CAF_CHECK_EQUAL(a.pending_values, 3U);
  CAF_CHECK_EQUAL(a.pending_bytes, 100U);
  subject.advance(a, 3, 0, 0);
  CAF_CHECK_EQUAL(a.pending_values, 0U);
  CAF_CHECK_EQUAL(a.pending_bytes, 0U);
}

CAF_TEST(above the limit the oldest that are not being read are dropped and counted) {
  auto& a = open("a", 0, 350);
  auto& b = open("b", 0, 10'000);
  fill(3);
  CAF_CHECK_EQUAL(subject.enforce(a), 0U);
  a.lent = 1;
  fill(3);
  CAF_CHECK_EQUAL(subject.enforce(a), 30U);
  CAF_CHECK_EQUAL(a.at.dropped, 30U);
  CAF_CHECK_EQUAL(a.pending_values, 30U);
  CAF_CHECK(subject.next(a, 0)->id == 1U);
  CAF_CHECK(subject.next(a, 1)->id == 5U);
  fill(1);
  CAF_CHECK_EQUAL(subject.enforce(a), 10U);
  CAF_CHECK(subject.next(a, 1)->id == 6U);
  CAF_CHECK_EQUAL(subject.enforce(b), 0U);
  subject.advance(a, 1, 0, 0);
  subject.advance(a, 7, 0, 0);
  CAF_CHECK_EQUAL(a.pending_values, 0U);
  fill(5);
  CAF_CHECK_EQUAL(subject.enforce(a), 20U);
  CAF_CHECK(subject.next(a, 0)->id == 10U);
}

CAF_TEST(what is being read behind a gap is not dropped) {
  auto& a = open("a", 0, 350);
  a.lent = 0;
  fill(1);
  a.lent = 1;
  fill(5);
  CAF_CHECK_EQUAL(subject.enforce(a), 30U); // 2, 3 and 4
  a.lent = 6;                               // 5 and 6 were handed out, 1 is not confirmed
  fill(3);
  CAF_CHECK_EQUAL(subject.enforce(a), 0U);
  CAF_CHECK_EQUAL(a.at.skip_through, 4U);
  CAF_CHECK_EQUAL(a.pending_values, 60U);
  subject.advance(a, 6, 0, 0);
  CAF_CHECK_EQUAL(a.pending_values, 30U);
  fill(2);
  CAF_CHECK_EQUAL(subject.enforce(a), 20U);
  CAF_CHECK(subject.next(a, 6)->id == 9U);
}

CAF_TEST(what was dropped goes although what is before it is needed) {
  auto& a = open("a", 0, 250);
  fill(1);
  a.lent = 1;
  fill(5);
  CAF_CHECK_EQUAL(subject.enforce(a), 40U); // 2 to 5
  CAF_CHECK((subject.take_unneeded(10'000, 2) == std::vector<std::uint64_t>{2, 3}));
  CAF_CHECK((subject.take_unneeded(10'000, 9) == std::vector<std::uint64_t>{4, 5}));
}

CAF_TEST(a record stays until it is old and no reader needs it) {
  auto& a = open("a", 0, 10'000);
  auto& b = open("b", 0, 10'000);
  fill(4);
  CAF_CHECK(subject.take_unneeded(10'000, 10).empty());
  subject.advance(a, 3, 0, 0);
  subject.advance(b, 2, 0, 0);
  CAF_CHECK((subject.take_unneeded(2'000, 10) == std::vector<std::uint64_t>{1}));
  CAF_CHECK((subject.take_unneeded(10'000, 10) == std::vector<std::uint64_t>{2}));
  subject.close("b");
  CAF_CHECK((subject.take_unneeded(10'000, 10) == std::vector<std::uint64_t>{3}));
}

CAF_TEST(a record from the future keeps none) {
  subject.add({1, 90'000'000, 10, 1});
  subject.add({2, 2000, 10, 1});
  CAF_CHECK(subject.take_unneeded(10'000, 10).empty());
  CAF_CHECK((subject.take_unneeded(10'000, 10, 4'000'000) == std::vector<std::uint64_t>{1, 2}));
}

CAF_TEST(a position with dropped records comes back after a restart) {
  fill(6);
  reader_position at;
  at.name = "a";
  at.rows = 2;
  at.values = 4;
  at.skip_after = 1;
  at.skip_through = 4;
  auto& a = subject.open(at, 1000);
  CAF_CHECK_EQUAL(a.pending_values, 26U);
  CAF_CHECK_EQUAL(a.lent, 1U);
  CAF_CHECK(subject.next(a, 0)->id == 1U);
  CAF_CHECK(subject.next(a, 1)->id == 5U);
  CAF_CHECK((subject.take_unneeded(10'000, 10) == std::vector<std::uint64_t>{2, 3, 4}));
}

CAF_TEST(no reader keeps more than the ledger may and all records are counted) {
  auto& a = open("a", 0, 10'000);
  fill(5);
  CAF_CHECK_EQUAL(subject.bytes(), 500U);
  CAF_CHECK_EQUAL(subject.enforce(a, 200), 30U);
  CAF_CHECK(subject.next(a, 0)->id == 4U);
  CAF_CHECK((subject.take_unneeded(10'000, 10) == std::vector<std::uint64_t>{1, 2, 3}));
  CAF_CHECK_EQUAL(subject.bytes(), 200U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace reader_ledger_suite
