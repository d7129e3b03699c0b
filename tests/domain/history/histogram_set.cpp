#define CAF_SUITE histogram_set

#include "xprober/domain/history/histogram_set.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "caf/test/unit_test.hpp"

namespace histogram_set_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{1h};

history_subject pair_of(std::string source, std::string other) {
  return {"icmp", result_group::pair, std::move(source), std::move(other)};
}

history_subject url_of(std::string source, std::string other) {
  return {"http", result_group::address, std::move(source), std::move(other)};
}

} // namespace

CAF_TEST(each subject has a histogram of its own) {
  histogram_set subject;
  auto* pair = subject.find(pair_of("us", "eu"), start, 1000);
  auto* other = subject.find(pair_of("us", "cn"), start, 2000);
  auto* url = subject.find(url_of("us", "eu"), start, 3000);
  CAF_REQUIRE(pair != nullptr && other != nullptr && url != nullptr);
  pair->observe(0.5);
  other->observe(1);
  other->observe(2);
  CAF_CHECK(subject.find(pair_of("us", "eu"), start + 1s, 9000) == pair);
  const auto all = subject.all(start + 3s);
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  CAF_CHECK(all[0].subject == url_of("us", "eu")); // "http" stands before "icmp"
  CAF_CHECK(all[1].subject == pair_of("us", "cn"));
  CAF_CHECK_EQUAL(all[1].seconds.count(), 2u);
  CAF_CHECK_EQUAL(all[1].created_unix_ms, 2000);
  CAF_CHECK(all[1].quiet == 3s);
  CAF_CHECK_EQUAL(all[2].seconds.count(), 1u);
  CAF_CHECK_EQUAL(all[2].created_unix_ms, 1000);
  CAF_CHECK(all[2].quiet == 2s);
  CAF_CHECK_EQUAL(all[0].seconds.count(), 0u);
}

CAF_TEST(there are no more than allowed) {
  histogram_set subject{1};
  CAF_CHECK(subject.find(pair_of("us", "eu"), start, 1000) != nullptr);
  CAF_CHECK(subject.find(pair_of("us", "cn"), start, 1000) == nullptr);
  CAF_CHECK(subject.find(pair_of("us", "eu"), start, 1000) != nullptr);
  CAF_CHECK_EQUAL(subject.size(), 1u);
}

CAF_TEST(what nothing is heard of is forgotten and begins anew) {
  histogram_set subject;
  subject.find(pair_of("us", "eu"), start, 1000)->observe(1);
  subject.find(pair_of("us", "cn"), start, 1000)->observe(1);
  subject.find(pair_of("us", "eu"), start + 50min, 5000);
  subject.expire(start + 1h, 1h);
  CAF_REQUIRE_EQUAL(subject.size(), 1u);
  CAF_CHECK(subject.all(start)[0].subject == pair_of("us", "eu"));
  subject.find(pair_of("us", "cn"), start + 2h, 7000);
  const auto all = subject.all(start + 2h);
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].seconds.count(), 0u);
  CAF_CHECK_EQUAL(all[0].created_unix_ms, 7000);
}

CAF_TEST(time in which nothing could be heard does not count) {
  histogram_set subject;
  subject.find(pair_of("us", "eu"), start, 1000)->observe(1);
  subject.excuse(start + 59min);
  subject.expire(start + 90min, 1h);
  CAF_CHECK_EQUAL(subject.size(), 1u);
  subject.expire(start + 119min, 1h);
  CAF_CHECK_EQUAL(subject.size(), 0u);
}

CAF_TEST(metrics are called by what groups them) {
  CAF_CHECK(histogram_metric(result_group::pair) == "xprober_pair_latency_seconds");
  CAF_CHECK(histogram_metric(result_group::address) == "xprober_url_latency_seconds");
  CAF_CHECK(histogram_label(result_group::pair) == "target_region");
  CAF_CHECK(histogram_label(result_group::address) == "addr");
}

} // namespace histogram_set_suite
