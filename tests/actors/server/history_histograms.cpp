#define CAF_SUITE history_histograms

#include "xprober/actors/server/history_histograms.hpp"

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "actors/server/history_fixture.hpp"
#include "support/old_names.hpp"

namespace history_histograms_suite {

using namespace history_test;

namespace {

struct histograms_fixture : history_fixture {
  std::vector<histogram_series> histograms() {
    const auto got = reaper.ask<histogram_list>(subject, histograms_atom_v);
    CAF_REQUIRE(got);
    return **got;
  }
};

bool near(double a, double b) { return std::abs(a - b) < 1e-6; }

} // namespace

CAF_TEST(a record counts once whichever journal it is in) {
  history_histograms subject;
  CAF_CHECK(!subject.take(1)); // of no journal
  subject.begin("a", 10);
  CAF_CHECK(!subject.take(10));
  CAF_CHECK(subject.take(11));
  CAF_CHECK(subject.take(12));
  CAF_CHECK(!subject.take(12));
  subject.begin("b", 3); // new in the midst
  CAF_CHECK(subject.take(1));
  CAF_CHECK(subject.take(3));
  subject.begin("a", 12); // the first one is back
  CAF_CHECK(!subject.take(12));
  CAF_CHECK(subject.take(13));
  subject.begin("b", 2); // an older copy
  CAF_CHECK(!subject.take(2));
  CAF_CHECK(subject.take(3));
}

CAF_TEST(a probe without a histogram is counted) {
  history_histograms subject;
  const monotonic_time now{1h};
  for (std::size_t i = 0; i < histogram_set::default_most; ++i) {
    subject.find(pair_of("us", std::to_string(i)), now, 1000);
  }
  CAF_CHECK_EQUAL(subject.omitted(), 0u);
  CAF_CHECK(subject.find(pair_of("us", "one more"), now, 1000) == nullptr);
  CAF_CHECK(subject.find(pair_of("us", "one more"), now, 1000) == nullptr);
  CAF_CHECK(subject.find(pair_of("us", "7"), now, 1000) != nullptr);
  CAF_CHECK_EQUAL(subject.omitted(), 2u);
  CAF_CHECK_EQUAL(subject.size(), histogram_set::default_most);
}

CAF_TEST_FIXTURE_SCOPE(history_histograms_tests, histograms_fixture)

CAF_TEST(each probe counts once in the histogram of its pair) {
  CAF_CHECK(histograms().empty());
  push(batch(1, {10, 20, 30}));
  push(batch(2, {40}));
  push(batch(2, {40})); // came before
  const auto all = histograms();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].subject == pair_of("us", "cn-north"));
  CAF_CHECK_EQUAL(all[0].seconds.count(), 4u);
  CAF_CHECK(near(all[0].seconds.sum(), 0.1)); // in seconds
  CAF_CHECK_GREATER(all[0].created_unix_ms, now_ms() - 60'000);
  CAF_CHECK_EQUAL(counts().histograms, 1u);
  CAF_CHECK_EQUAL(counts().histograms_omitted, 0u);
}

CAF_TEST(an address has the whole duration of its probes and a failure has none) {
  push(batch_of(1, samples::toy(), {samples::toy_success(2, 4, 7), samples::toy_failure(3)}));
  const auto all = histograms();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].subject == toy_series);
  CAF_CHECK_EQUAL(all[0].seconds.count(), 1u);
  CAF_CHECK(near(all[0].seconds.sum(), 0.006));
}

CAF_TEST(values of the older form count too) {
  const auto stamp = to_unix_seconds(wall_clock::now());
  push_request request;
  for (const auto& [metric, value] : {std::pair{old_names::ping_success, 1.0F},
                                      {old_names::ping_drop_rate, 0.0F},
                                      {old_names::ping_latency, 8.0F}}) {
    request.values.push_back(
        {"w", std::string{metric}, "10.0.0.1", "us", "eu", "icmp", stamp, value});
  }
  const auto taken = reaper.ask<push_response>(source, request);
  CAF_REQUIRE(taken);
  const auto all = histograms();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].subject == pair_of("us", "eu"));
  CAF_CHECK_EQUAL(all[0].seconds.count(), 1u);
  CAF_CHECK(near(all[0].seconds.sum(), 0.008));
}

CAF_TEST(what is late counts as what is not) {
  reaper.pass(server_clock::probation);
  push(batch(1, {10}, std::chrono::seconds{100 * 86'400}));
  CAF_CHECK_EQUAL(counts().too_old, 1u);
  CAF_CHECK_EQUAL(histograms().at(0).seconds.count(), 1u);
}

CAF_TEST(after a restart they begin anew and nothing counts again) {
  push(batch(1, {10, 20}));
  CAF_CHECK_EQUAL(histograms().at(0).seconds.count(), 2u);
  crash();
  CAF_CHECK_EQUAL(all().probes, 2u); // the history has read the journal once more
  CAF_CHECK(histograms().empty());
  push(batch(2, {30}));
  CAF_CHECK_EQUAL(histograms().at(0).seconds.count(), 1u);
}

CAF_TEST(a new journal in the midst is counted from its beginning) {
  push(batch(1, {10}));
  CAF_CHECK_EQUAL(all().probes, 1u);
  std::filesystem::remove(folder.file("journal.db"));
  std::filesystem::remove(folder.file("journal.db-wal"));
  const auto refused = reaper.ask<push_batch_response>(
      source, push_batch_request{std::make_shared<const std::string>(batch(2, {10}))});
  CAF_CHECK(!refused);
  reaper.pass(3s);
  push(batch(2, {10}));
  reaper.pass(3s);
  CAF_CHECK_EQUAL(histograms().at(0).seconds.count(), 2u);
}

CAF_TEST(what nothing comes of for long is forgotten) {
  push(batch(1, {10}));
  reaper.pass(history_histograms::longest_quiet / 2);
  CAF_REQUIRE_EQUAL(histograms().size(), 1u);
  CAF_CHECK(histograms()[0].quiet == history_histograms::longest_quiet / 2);
  reaper.pass(history_histograms::longest_quiet / 2 + history_flush_interval);
  CAF_CHECK(histograms().empty());
  CAF_CHECK_EQUAL(counts().histograms, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace history_histograms_suite
