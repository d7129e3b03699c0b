#define CAF_SUITE series_memory

#include "xprober/store/series_memory.hpp"

#include "caf/test/dsl.hpp"

namespace series_memory_suite {

using namespace xprober;

namespace {

series_result good(std::uint32_t at, float ms = 10, float loss = 0) {
  return {probe_state::ok, loss, ms, at};
}
series_result bad(std::uint32_t at) { return {probe_state::failed, 0, {}, at}; }
series_result fault(std::uint32_t at) { return {probe_state::own_fault, 0, {}, at}; }

} // namespace

CAF_TEST(a state begins with its first result and counts those that follow) {
  series_memory m;
  CAF_CHECK(m.state == series_state::never);
  m.note(good(100));
  m.note(good(115));
  CAF_CHECK(m.state == series_state::ok);
  CAF_CHECK_EQUAL(m.since_unix, 100U);
  CAF_CHECK_EQUAL(m.streak, 2U);
  m.note(bad(130));
  CAF_CHECK(m.state == series_state::failing);
  CAF_CHECK_EQUAL(m.since_unix, 130U);
  CAF_CHECK_EQUAL(m.streak, 1U);
  CAF_CHECK_EQUAL(m.failed_unix, 130U);
  m.note(bad(145));
  CAF_CHECK_EQUAL(m.since_unix, 130U);
  CAF_CHECK_EQUAL(m.streak, 2U);
  CAF_CHECK_EQUAL(m.failed_unix, 145U);
}

CAF_TEST(an own fault is no failure of the target) {
  series_memory m;
  m.note(bad(100));
  m.note(fault(115));
  CAF_CHECK(m.state == series_state::prober_fault);
  CAF_CHECK_EQUAL(m.since_unix, 115U);
  CAF_CHECK(m.sight() == (series_sight{series_state::prober_fault, 0}));
}

CAF_TEST(a lost echo degrades) {
  series_memory m;
  m.note(good(100, 10, 2));
  CAF_CHECK(m.state == series_state::degraded);
}

CAF_TEST(what is slower than usual by far is degraded) {
  series_memory m;
  for (std::uint32_t i = 0; i < 100; ++i) {
    m.note(good(i, i % 2 == 0 ? 9.0F : 11.0F));
    CAF_REQUIRE(m.state == series_state::ok);
  }
  CAF_CHECK(m.usual_ms > 9.5F && m.usual_ms < 10.5F);
  m.note(good(200, 34)); // less than 25 ms above
  CAF_CHECK(m.state == series_state::ok);
  m.note(good(215, 60));
  CAF_CHECK(m.state == series_state::degraded);
}

CAF_TEST(times that vary are not slow) {
  series_memory m;
  for (std::uint32_t i = 0; i < 200; ++i) {
    m.note(good(i, i % 4 == 0 ? 100.0F : 10.0F));
  }
  CAF_CHECK(m.state == series_state::ok);
}

CAF_TEST(what stays slow becomes usual) {
  series_memory m;
  for (std::uint32_t i = 0; i < 100; ++i) {
    m.note(good(i, 10));
  }
  std::uint32_t slow = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    m.note(good(1000 + i, 100));
    slow += m.state == series_state::degraded ? 1 : 0;
  }
  CAF_CHECK(m.state == series_state::ok);
  CAF_CHECK(slow > 20 && slow < 256);
}

CAF_TEST(what loses echoes and fails in turn has been degraded all the time) {
  series_memory m;
  for (std::uint32_t i = 0; i < 10; ++i) {
    m.note(i % 2 == 0 ? good(100 + i, 10, 50) : bad(100 + i));
    const bool fails = i % 2 != 0;
    CAF_CHECK(m.sight() ==
              (fails ? series_sight{series_state::failing, 1}
                     : series_sight{series_state::degraded, static_cast<std::uint8_t>(i + 1)}));
  }
  m.note(good(200, 10));
  m.note(good(201, 10, 50));
  CAF_CHECK(m.sight() == (series_sight{series_state::degraded, 1}));
}

CAF_TEST(what was kept goes on) {
  series_memory m;
  m.restore(series_state::failing, 70'000);
  CAF_CHECK_EQUAL(m.streak, 65'535U);
  CAF_CHECK(m.sight() == (series_sight{series_state::failing, 20}));
  m.restore(series_state::degraded, 2);
  m.note(bad(100));
  m.note(good(115, 10, 50));
  CAF_CHECK(m.sight() == (series_sight{series_state::degraded, 4}));
}

CAF_TEST(runs are told up to the longest that matters) {
  series_memory m;
  for (std::uint32_t i = 0; i < 50; ++i) {
    m.note(bad(i));
  }
  CAF_CHECK(m.sight() == (series_sight{series_state::failing, 20}));
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    m.note(bad(50 + i));
  }
  CAF_CHECK_EQUAL(m.streak, 65'535U);
}

CAF_TEST(silence is a state) {
  series_memory m;
  m.note(good(100));
  m.note_silence(100);
  CAF_CHECK(m.state == series_state::stale);
  CAF_CHECK_EQUAL(m.since_unix, 100U);
}

} // namespace series_memory_suite
