#define CAF_SUITE series_past

#include "xprober/store/series_past.hpp"

#include <array>
#include <cstdint>
#include <memory>

#include "support/toy_kinds.hpp"

#include "caf/test/dsl.hpp"

namespace series_past_suite {

using namespace xprober;

namespace {

constexpr slot row = 4;

/// A series of a kind with a loss and a duration, that is told a result every 15 s.
struct fixture {
  store_kinds kinds;
  kind_number number = kinds.acquire(std::make_shared<const probe_kind>(samples::toy_mesh()));
  series_past past;
  series_memory memory;
  probe_values latest;
  std::uint32_t now = 1000;

  void tell(const stored_probe& probe) { past.note(row, memory, latest, kinds[number], probe); }
  void probe(float success, float lost, float ms, const store_failures::texts& failure = {}) {
    now += 15;
    latest = {};
    latest.kind = number;
    latest.unix_seconds = now;
    latest.set(0, success);
    latest.set(1, lost);
    latest.set(2, ms);
    tell({latest, success > 0 ? probe_state::ok : probe_state::failed, failure});
  }
  void fails(const char* reason, const char* detail = "") {
    probe(0, 100, -1, {reason, "", detail});
  }
  std::vector<past_result> results() const {
    return past.results(row, memory, latest, kinds[number]);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(series_past_tests, fixture)

CAF_TEST(the last failure is remembered beside the state) {
  probe(1, 0, 5);
  fails("refused", "nobody listens");
  auto status = past.status(memory);
  CAF_CHECK(status.state == series_state::failing);
  CAF_CHECK_EQUAL(status.reason, "refused");
  CAF_CHECK_EQUAL(status.failed_unix, now);
  CAF_CHECK_EQUAL(status.usual_ms, 5.0F);
  probe(1, 0, 5);
  status = past.status(memory);
  CAF_CHECK(status.state == series_state::ok);
  CAF_CHECK_EQUAL(status.detail, "nobody listens");
}

CAF_TEST(a failure without a sentence keeps that of the same before) {
  fails("refused", "nobody listens");
  fails("refused");
  CAF_CHECK_EQUAL(past.status(memory).detail, "nobody listens");
  fails("reset");
  CAF_CHECK_EQUAL(past.status(memory).detail, "");
  CAF_CHECK_EQUAL(past.failures(row).size(), 2U);
}

CAF_TEST(loss degrades and times alone say nothing) {
  probe(1, 10, 5);
  CAF_CHECK(memory.state == series_state::degraded);
  latest = {};
  latest.kind = number;
  latest.unix_seconds = ++now;
  latest.set(2, 5);
  tell({latest, probe_state::ok, {}});
  CAF_CHECK_EQUAL(memory.streak, 1U);
}

CAF_TEST(an own fault says nothing of what stands in the row) {
  probe(1, 0, 5);
  probe_values none;
  none.kind = number;
  none.unix_seconds = ++now;
  tell({none, probe_state::own_fault, {"local_send", "", ""}});
  CAF_CHECK(memory.state == series_state::prober_fault);
  CAF_CHECK_EQUAL(past.status(memory).reason, "local_send");
  CAF_CHECK_EQUAL(memory.usual_ms, 5.0F);
}

CAF_TEST(the last results are there once somebody has asked) {
  probe(1, 0, 5);
  probe(1, 0, 6);
  auto all = results();
  CAF_REQUIRE_EQUAL(all.size(), 1U); // what stands in the row
  CAF_CHECK(all[0].time_ms == 6.0F);
  fails("refused");
  all = results();
  CAF_REQUIRE_EQUAL(all.size(), 2U);
  CAF_CHECK_EQUAL(all[1].reason, "refused");
  CAF_CHECK(!all[1].time_ms);
  CAF_CHECK_EQUAL(all[1].loss_percent, 100.0F);
}

CAF_TEST(results up to a restart are no new ones) {
  fails("refused", "nobody listens");
  fails("refused", "nobody listens");
  const auto before = past.status(memory);
  fixture next;
  next.past.restore(row, next.memory, before, 2.5F, now);
  CAF_CHECK(next.past.status(next.memory) == before);
  CAF_CHECK_EQUAL(next.memory.deviation_ms, 2.5F);
  next.fails("refused");
  next.fails("refused");
  CAF_CHECK_EQUAL(next.memory.streak, 2U);
  next.fails("refused");
  CAF_CHECK_EQUAL(next.memory.streak, 3U);
}

CAF_TEST(a row that goes leaves no text behind) {
  fails("refused", "nobody listens");
  fails("reset", "it hung up");
  results();
  CAF_CHECK_EQUAL(past.texts().size(), 2U);
  past.erase(row, memory);
  CAF_CHECK_EQUAL(past.texts().size(), 0U);
  CAF_CHECK(past.failures(row).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace series_past_suite
