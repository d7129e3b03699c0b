#define CAF_SUITE histogram_encoder

#include "xprober/remote_write/histogram_encoder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "xprober/domain/history/histogram_message.hpp"

#include "caf/test/unit_test.hpp"

namespace histogram_encoder_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t began_ms = 1'000'000;
constexpr std::int64_t round_ms = 15'000;

struct read_series {
  std::vector<std::pair<std::string, std::string>> labels;
  std::string histogram;

  std::string find(std::string_view wanted) const {
    for (const auto& [name, value] : labels) {
      if (name == wanted) {
        return value;
      }
    }
    return {};
  }
};

read_series read_one(protozero::pbf_reader in) {
  read_series out;
  while (in.next()) {
    if (in.tag() == 4) {
      out.histogram = in.get_string();
      continue;
    }
    CAF_REQUIRE_EQUAL(in.tag(), 1u);
    auto pair = in.get_message();
    auto& label = out.labels.emplace_back();
    CAF_REQUIRE(pair.next(1));
    label.first = pair.get_string();
    CAF_REQUIRE(pair.next(2));
    label.second = pair.get_string();
  }
  CAF_CHECK(std::ranges::is_sorted(out.labels));
  return out;
}

std::vector<read_series> read(const std::vector<histogram_encoder::request>& requests) {
  std::vector<read_series> all;
  for (const auto& request : requests) {
    std::uint64_t series = 0;
    protozero::pbf_reader in{request.bytes};
    while (in.next()) {
      CAF_REQUIRE_EQUAL(in.tag(), 1u);
      all.push_back(read_one(in.get_message()));
      ++series;
    }
    CAF_CHECK_EQUAL(series, request.series);
  }
  return all;
}

histogram_series pair_to(std::string other, int probes, std::int64_t created_ms = began_ms + 1) {
  histogram_series one{
      {"icmp", result_group::pair, "us", std::move(other)}, {}, created_ms, nanoseconds{0}};
  for (int i = 0; i < probes; ++i) {
    one.seconds.observe(0.01 * (i + 1));
  }
  return one;
}

struct rounds {
  histogram_encoder subject{{}, 100, began_ms};
  std::int64_t now_ms = began_ms;

  /// The next round, 15 s later.
  std::vector<read_series> next(const std::vector<histogram_series>& all, bool taken = true) {
    now_ms += round_ms;
    auto got = read(subject.begin_round(all, now_ms));
    subject.end_round(taken);
    return got;
  }
};

} // namespace

CAF_TEST(labels are sorted and those of the series win) {
  histogram_encoder subject{
      {{"Zone", "1"}, {"addr", "mine"}, {"site", "x"}, {"gone", ""}}, 100, began_ms};
  histogram_series url{
      {"http", result_group::address, "us", "http://a/"}, {}, began_ms + 1, nanoseconds{0}};
  url.seconds.observe(0.5);
  const auto got = read(subject.begin_round({url, pair_to("eu", 1)}, began_ms + 2));
  CAF_REQUIRE_EQUAL(got.size(), 2u);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"Zone", "1"},         {"__name__", "xprober_url_latency_seconds"},
      {"addr", "http://a/"}, {"probe_type", "http"},
      {"site", "x"},         {"source_region", "us"}};
  CAF_CHECK((got[0].labels == expected));
  CAF_CHECK(got[0].histogram == remote_write_histogram(url.seconds, began_ms + 2, true));
  CAF_CHECK_EQUAL(got[1].find("__name__"), "xprober_pair_latency_seconds");
  CAF_CHECK_EQUAL(got[1].find("target_region"), "eu");
  CAF_CHECK_EQUAL(got[1].find("addr"), "mine");
}

CAF_TEST(what has changed goes out and the rest once a minute) {
  rounds subject;
  CAF_CHECK_EQUAL(subject.next({pair_to("cn", 1), pair_to("eu", 1)}).size(), 2u);
  const auto second = subject.next({pair_to("cn", 1), pair_to("eu", 2)});
  CAF_REQUIRE_EQUAL(second.size(), 1u);
  CAF_CHECK_EQUAL(second[0].find("target_region"), "eu");
  CAF_CHECK(second[0].histogram ==
            remote_write_histogram(pair_to("eu", 2).seconds, subject.now_ms)); // no reset
  CAF_CHECK(subject.next({pair_to("cn", 1), pair_to("eu", 2)}).empty());
  CAF_CHECK(subject.next({pair_to("cn", 1), pair_to("eu", 2)}).empty());
  const auto fifth = subject.next({pair_to("cn", 1), pair_to("eu", 2)});
  CAF_REQUIRE_EQUAL(fifth.size(), 1u);
  CAF_CHECK_EQUAL(fifth[0].find("target_region"), "cn");
}

CAF_TEST(a histogram that begins anew says so and one from before does not) {
  rounds subject;
  const auto old = subject.next({pair_to("eu", 5, began_ms - 1)});
  CAF_REQUIRE_EQUAL(old.size(), 1u);
  CAF_CHECK(old[0].histogram == remote_write_histogram(pair_to("eu", 5).seconds, subject.now_ms));
  const auto anew = subject.next({pair_to("eu", 5, began_ms + 20'000)});
  CAF_REQUIRE_EQUAL(anew.size(), 1u);
  CAF_CHECK(anew[0].histogram ==
            remote_write_histogram(pair_to("eu", 5).seconds, subject.now_ms, true));
}

CAF_TEST(what is quiet or gone ends once and can come back) {
  rounds subject;
  subject.next({pair_to("cn", 1), pair_to("eu", 1)});
  auto quiet = pair_to("eu", 1);
  quiet.quiet = histogram_encoder::longest_quiet;
  const auto ended = subject.next({quiet});
  CAF_REQUIRE_EQUAL(ended.size(), 2u);
  for (const auto& one : ended) {
    CAF_CHECK(one.histogram == remote_write_stale_histogram(subject.now_ms));
  }
  CAF_CHECK(subject.next({quiet}).empty());
  const auto back = subject.next({pair_to("cn", 1, subject.now_ms), pair_to("eu", 2)});
  CAF_REQUIRE_EQUAL(back.size(), 2u);
  CAF_CHECK(back[0].histogram ==
            remote_write_histogram(pair_to("cn", 1).seconds, subject.now_ms, true));
  CAF_CHECK(back[1].histogram == remote_write_histogram(pair_to("eu", 2).seconds, subject.now_ms));
  auto silent = pair_to("af", 1);
  silent.quiet = histogram_encoder::longest_quiet;
  CAF_CHECK(subject.next({pair_to("cn", 1, began_ms + 3 * round_ms), pair_to("eu", 2), silent})
                .empty()); // never sent, so there is nothing to end
}

CAF_TEST(what was not taken is in the next round as it is then) {
  rounds subject;
  CAF_CHECK_EQUAL(subject.next({pair_to("eu", 1)}, false).size(), 1u);
  const auto again = subject.next({pair_to("eu", 1)});
  CAF_REQUIRE_EQUAL(again.size(), 1u);
  CAF_CHECK(again[0].histogram == remote_write_histogram(pair_to("eu", 1).seconds, subject.now_ms));
  CAF_CHECK_EQUAL(subject.next({}, false).size(), 1u); // its end
  CAF_CHECK_EQUAL(subject.next({}).size(), 1u);
  CAF_CHECK(subject.next({}).empty());
}

CAF_TEST(a request has no more series than allowed) {
  histogram_encoder subject{{}, 2, began_ms};
  const auto requests =
      subject.begin_round({pair_to("a", 1), pair_to("b", 1), pair_to("c", 1)}, began_ms + 2);
  CAF_REQUIRE_EQUAL(requests.size(), 2u);
  CAF_CHECK_EQUAL(requests[0].series, 2u);
  CAF_CHECK_EQUAL(requests[1].series, 1u);
  CAF_CHECK_EQUAL(read(requests).size(), 3u);
}

CAF_TEST(names that are no text are left out) {
  rounds subject;
  CAF_CHECK(subject.next({pair_to("\xFF", 1)}).empty());
}

} // namespace histogram_encoder_suite
