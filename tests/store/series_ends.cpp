#define CAF_SUITE series_ends

#include "xprober/store/series_ends.hpp"

#include <memory>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/dsl.hpp"

namespace series_ends_suite {

using namespace xprober;

namespace {

const wire_value series{"10.9.0.1", {}, "10.0.0.1", "us", "eu", "slow", 0, 0};

struct fixture {
  series_ends ends;
  store_names names;
  series_row row;
  kind_ptr kind = std::make_shared<const probe_kind>(kinds::icmp());

  fixture() {
    const auto of = names.add_row(series, no_slot);
    row.agent = of.agent;
    row.target = of.target;
    row.latest.unix_seconds = 1000;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(series_ends_tests, fixture)

CAF_TEST(nothing is noted until somebody watches and after it) {
  ends.note(names, row, kind);
  ends.note(series, row.latest, kind);
  CAF_CHECK(ends.take().empty());
  ends.watch(true);
  ends.note(names, row, kind);
  ends.watch(false);
  CAF_CHECK(ends.take().empty());
}

CAF_TEST(a row and a straggler end in the same words) {
  ends.watch(true);
  ends.note(names, row, kind);
  ends.note(series, row.latest, kind);
  const auto all = ends.take();
  CAF_REQUIRE_EQUAL(all.size(), 2U);
  for (const auto& one : all) {
    CAF_CHECK_EQUAL(one.source_region, "us");
    CAF_CHECK_EQUAL(one.agent, "10.9.0.1");
    CAF_CHECK_EQUAL(one.target_region, "eu");
    CAF_CHECK_EQUAL(one.target, "10.0.0.1");
    CAF_CHECK_EQUAL(one.probe_type, "slow");
    CAF_CHECK(one.kind == kind);
    CAF_CHECK_EQUAL(one.unix_ms, 1'001'000); // after all values of that second
  }
  CAF_CHECK(ends.take().empty());
}

CAF_TEST(without a stamp a series ends when it is noted) {
  const auto now = to_unix_seconds(wall_clock::now());
  row.latest.unix_seconds = 0;
  ends.watch(true);
  ends.note(names, row, kind);
  CAF_CHECK(ends.take().at(0).unix_ms > now * 1000);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace series_ends_suite
