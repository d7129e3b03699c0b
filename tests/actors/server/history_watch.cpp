#define CAF_SUITE history_watch

// Targets that have a history of their own.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "actors/server/history_fixture.hpp"
#include "support/old_names.hpp"

namespace history_watch_suite {

using namespace history_test;

namespace {

/// As the fixture's batches name them.
target_uid target(int number) {
  return {"cn-north", "10.0.0." + std::to_string(number), kinds::icmp()};
}

history_subject alone(const target_uid& uid, std::string source_region = "") {
  history_subject subject;
  subject.source_region = std::move(source_region);
  subject.other = uid_text(uid);
  subject.one_target = true;
  return subject;
}

struct fixture : history_fixture {
  rollup sum_of(const history_series& series) {
    rollup whole;
    for (const auto& from : series.sources) {
      for (const auto& [start, point] : from.points) {
        whole.merge(point);
      }
    }
    return whole;
  }
  rollup sum(const target_uid& uid) { return sum_of(ask({}, alone(uid))); }

  std::int64_t since(const target_uid& uid) {
    const auto answer = ask({}, alone(uid));
    CAF_REQUIRE(answer.watched);
    return answer.watched->since_unix;
  }

  void watch(std::vector<target_uid> uids) {
    caf::anon_send(subject, watch_targets{std::move(uids), "incidents"});
    reaper.settle();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(history_watch_tests, fixture)

CAF_TEST(a target that is asked for has a history of its own from then on) {
  const auto before = to_unix_seconds(wall_clock::now());
  push(batch(1, {10, 20}));
  const auto first = ask({}, alone(target(0)));
  CAF_CHECK(first.sources.empty());
  CAF_REQUIRE(first.watched);
  CAF_CHECK_GREATER_OR_EQUAL(first.watched->since_unix, before);
  CAF_CHECK(!first.watched->uid);
  push(batch(2, {30, 40}));
  const auto second = ask({}, alone(target(0)));
  CAF_REQUIRE_EQUAL(second.sources.size(), 1u);
  CAF_CHECK_EQUAL(second.sources[0].subject.source_region, "us");
  CAF_CHECK(second.sources[0].subject.grouped_by == result_group::pair);
  CAF_CHECK(second.watched->uid == target(0));
  CAF_CHECK_EQUAL(second.watched->since_unix, first.watched->since_unix);
  const auto whole = sum_of(second);
  CAF_CHECK_EQUAL(whole.probes, 1u);
  CAF_CHECK(whole.value_ms.mean().value() == 30.0);
  // Beside the pair, and counted once.
  CAF_CHECK_EQUAL(all().probes, 4u);
  CAF_CHECK_EQUAL(counts().results, 4u);
  CAF_CHECK_EQUAL(counts().series, 1u);
  CAF_CHECK_EQUAL(counts().watched, 1u);
}

CAF_TEST(a target that is named has one for each source region) {
  watch({target(0), target(1)});
  push(batch(1, {10, 20, 30}));
  CAF_CHECK_EQUAL(counts().watched, 2u);
  CAF_CHECK(sum(target(1)).value_ms.mean().value() == 20.0);
  CAF_CHECK(ask({}, alone(target(1), "us")).sources.size() == 1u);
  CAF_CHECK(ask({}, alone(target(1), "mars")).sources.empty());
  CAF_CHECK_EQUAL(sum(target(2)).probes, 0u);
}

CAF_TEST(after a restart it goes on where it was) {
  watch({target(0)});
  reaper.state_of<history_state>(subject).watched.begin_anew(1000);
  push(batch(1, {10}));
  flush();
  push(batch(2, {20}));
  crash();
  CAF_CHECK_EQUAL(since(target(0)), 1000);
  CAF_CHECK_EQUAL(sum(target(0)).probes, 2u);
  flush();
  crash();
  push(batch(3, {30}));
  CAF_CHECK_EQUAL(sum(target(0)).probes, 3u);
  CAF_CHECK_EQUAL(all().probes, 3u);
}

CAF_TEST(where the history was removed it is watched since the new one) {
  watch({target(0)});
  reaper.state_of<history_state>(subject).watched.begin_anew(1000);
  push(batch(1, {10}));
  flush();
  std::filesystem::remove(folder.file("history.db"));
  push(batch(2, {10}));
  flush();
  CAF_CHECK_GREATER(since(target(0)), 1000);
  push(batch(3, {10}));
  CAF_CHECK_GREATER_OR_EQUAL(sum(target(0)).probes, 1u);
}

CAF_TEST(values of the older form count for a watched target) {
  const target_uid uid{"eu", "10.0.0.1", kinds::icmp()};
  CAF_CHECK_EQUAL(sum(uid).probes, 0u);
  const auto stamp = to_unix_seconds(wall_clock::now());
  push_request request;
  for (const auto* address : {"10.0.0.1", "10.0.0.2"}) {
    request.values.push_back(
        {"w", std::string{old_names::ping_success}, address, "us", "eu", "icmp", stamp, 1});
    request.values.push_back(
        {"w", std::string{old_names::ping_latency}, address, "us", "eu", "icmp", stamp, 8});
  }
  CAF_REQUIRE(reaper.ask<push_response>(source, request));
  const auto got = sum(uid);
  CAF_CHECK_EQUAL(got.probes, 1u);
  CAF_CHECK(got.value_ms.mean().value() == 8.0);
  CAF_CHECK_EQUAL(all(pair_of("us", "eu")).probes, 2u);
}

CAF_TEST(a target of a kind that is in no table can be watched) {
  const target_uid uid{"r", "a:1", samples::toy()};
  watch({uid});
  push(batch_of(1, samples::toy(), {samples::toy_success(2, 4, 7), samples::toy_failure(3)}));
  const auto answer = ask({}, alone(uid));
  CAF_REQUIRE_EQUAL(answer.sources.size(), 1u);
  CAF_CHECK((answer.sources[0].phases == std::vector<std::string>{"wind", "spin"}));
  CAF_CHECK(answer.sources[0].subject.grouped_by == result_group::address);
  CAF_CHECK_EQUAL(sum_of(answer).probes, 2u);
  CAF_CHECK_EQUAL(all(toy_series).probes, 2u);
}

CAF_TEST(the front passes on what is to be watched) {
  const auto front = reaper.keep(sys.spawn(history_front, subject));
  caf::anon_send(front, watch_targets{{target(0)}, "incidents"});
  reaper.settle();
  push(batch(1, {10}));
  CAF_CHECK_EQUAL(sum(target(0)).probes, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace history_watch_suite
