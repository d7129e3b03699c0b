#define CAF_SUITE batch_probes

#include "xprober/store/batch_probes.hpp"

#include <string>
#include <vector>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/wire/batch.hpp"

#include "caf/test/dsl.hpp"

namespace batch_probes_suite {

using namespace xprober;

namespace {

struct fixture {
  store_kinds kinds;
  batch_encoder encoder{agent_identity{"cn-south", "10.1.1.1"}};
  ingest_report report;

  void add(const std::string& address, const probe_outcome& outcome = samples::success()) {
    encoder.add(*samples::result(samples::target(next++, address), outcome));
  }
  /// The addresses of what a part reads of all that was added.
  std::vector<std::string> read(store_part part = {}) {
    std::vector<std::string> all;
    batch_probes probes{body(), rows, kinds, part};
    stored_probe probe;
    while (probes.next(probe, report)) {
      all.push_back(probes.series().target_addr);
    }
    return all;
  }
  const std::string& body() {
    if (encoder.rows() > 0) {
      rows = encoder.rows();
      bytes = encoder.finish_body();
    }
    return bytes;
  }

  target_index next = 0;
  std::uint32_t rows = 0;
  std::string bytes;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(batch_probes_tests, fixture)

CAF_TEST(a row becomes a probe with names and values and what failed) {
  add("10.0.0.1");
  add("10.0.0.2", samples::failure(probe_error::refused, "nobody listens"));
  add("10.0.0.3", samples::failure(probe_error::local_send));
  batch_probes probes{body(), rows, kinds, {}};
  stored_probe probe;
  CAF_REQUIRE(probes.next(probe, report));
  CAF_CHECK(probe.state == probe_state::ok);
  CAF_CHECK_EQUAL(probes.series().worker_name, "10.1.1.1");
  CAF_CHECK_EQUAL(probes.series().source_region, "cn-south");
  CAF_CHECK_EQUAL(probes.series().target_region, "cn-north");
  CAF_CHECK_EQUAL(probes.series().probe_type, "icmp");
  CAF_CHECK(probe.values.get(0) == 1.0F);
  CAF_CHECK(probe.failure.reason.empty());
  CAF_REQUIRE(probes.next(probe, report));
  CAF_CHECK(probe.state == probe_state::failed);
  CAF_CHECK_EQUAL(probe.failure.reason, "refused");
  CAF_CHECK_EQUAL(probe.failure.detail, "nobody listens");
  CAF_REQUIRE(probes.next(probe, report));
  CAF_CHECK(probe.state == probe_state::own_fault);
  CAF_CHECK_EQUAL(probe.values.present, 0);
  CAF_CHECK_EQUAL(probe.values.kind, 0U);
  CAF_CHECK(!probes.next(probe, report));
  CAF_CHECK_EQUAL(report.rejected, 0U);
}

CAF_TEST(a part reads its own targets and together they read all) {
  for (int i = 0; i < 20; ++i) {
    add("10.0.0." + std::to_string(i));
  }
  const auto first = read({0, 2});
  const auto second = read({1, 2});
  CAF_CHECK(!first.empty() && !second.empty());
  CAF_CHECK_EQUAL(first.size() + second.size(), 20U);
  CAF_CHECK_EQUAL(read().size(), 20U);
}

CAF_TEST(what cannot be stored is rejected with its values) {
  add("10.0.0.1");
  add("bad\naddress");
  CAF_CHECK(read() == (std::vector<std::string>{"10.0.0.1"}));
  CAF_CHECK_EQUAL(report.rejected, 3U);
  CAF_CHECK(!report.reason.empty());
}

CAF_TEST(rows that are missing are rejected once and by the first part alone) {
  add("10.0.0.1");
  body();
  rows = 3;
  batch_probes probes{bytes, rows, kinds, {}};
  stored_probe probe;
  CAF_CHECK(probes.next(probe, report));
  CAF_CHECK(!probes.next(probe, report));
  CAF_CHECK(!probes.next(probe, report));
  CAF_CHECK_EQUAL(report.rejected, 2U);
  read({1, 2});
  CAF_CHECK_EQUAL(report.rejected, 2U);
}

CAF_TEST(kinds are held as long as they are read) {
  auto outcome = samples::toy_success(1, 2, 3);
  encoder.add(*samples::result(samples::target_of(0, "a:1", samples::toy()), outcome));
  encoder.add(*samples::result(samples::target_of(1, "a:2", samples::toy()), outcome));
  {
    batch_probes probes{body(), rows, kinds, {}};
    stored_probe probe;
    CAF_REQUIRE(probes.next(probe, report));
    CAF_CHECK_EQUAL(kinds.size(), builtin_kinds().size() + 1);
    const auto number = probe.values.kind;
    CAF_REQUIRE(probes.next(probe, report));
    CAF_CHECK_EQUAL(probe.values.kind, number);
    CAF_CHECK(*kinds[number].kind == samples::toy());
  }
  CAF_CHECK_EQUAL(kinds.size(), builtin_kinds().size());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace batch_probes_suite
