#define CAF_SUITE agent_clocks

#include "xprober/actors/server/agent_clocks.hpp"

#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace agent_clocks_suite {

using namespace xprober;

namespace {

constexpr std::int64_t noon = 1'767'268'800'000;
constexpr std::int64_t hour = 3'600'000;

struct fixture {
  agent_clocks subject;
  journal_stats counts;

  fixture() { log::set_level(log::level::off); }
  ~fixture() { log::set_level(log::level::info); }

  /// A batch of an agent whose clock is `skew` ahead.
  std::int64_t note(std::uint8_t agent, std::int64_t at, std::int64_t skew) {
    batch_header header;
    header.instance[0] = agent;
    header.sent_unix_ms = at + skew;
    return subject.note(header, {"eu", "10.0.0.1"}, at);
  }

  /// What is told of a batch whose newest result is so old.
  std::optional<agent_delivery> deliver(std::uint8_t agent, std::int64_t at, std::int64_t age) {
    batch_header header;
    header.instance[0] = agent;
    return subject.delivered(header, {"eu", "10.0.0.1"}, at - age, at);
  }

  void note_many(std::int64_t at, std::int64_t skew) {
    for (int i = 0; i < 200; ++i) {
      note(static_cast<std::uint8_t>(i), at, skew);
    }
  }

  std::uint64_t skewed(std::int64_t at) {
    subject.count(counts, at);
    return counts.skewed_agents;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_clocks_tests, fixture)

CAF_TEST(what is off by a second or more is taken out and counted) {
  CAF_CHECK_EQUAL(note(1, noon, hour), hour);
  CAF_CHECK_EQUAL(note(2, noon, 999), 0);
  CAF_CHECK_EQUAL(note(3, noon, -1000), -1000);
  CAF_CHECK_EQUAL(skewed(noon), 2u);
  CAF_CHECK_EQUAL(counts.worst_skew_ms, static_cast<double>(hour));
}

CAF_TEST(a backlog is told once a second and when it has come) {
  note(1, noon, 0);
  CAF_CHECK(!deliver(1, noon, 5000));
  const auto late = deliver(1, noon, hour);
  CAF_REQUIRE(late);
  CAF_CHECK(late->late && late->agent.region == "eu");
  CAF_CHECK_EQUAL(late->newest_unix, (noon - hour) / 1000);
  CAF_CHECK(!deliver(1, noon + 500, hour - 300'000));
  CAF_CHECK(deliver(1, noon + 1000, hour - 600'000));
  const auto caught_up = deliver(1, noon + 1100, 20'000);
  CAF_CHECK(caught_up && !caught_up->late);
  CAF_CHECK(!deliver(1, noon + 6100, 5000));
  CAF_CHECK(!deliver(2, noon, hour)); // it is not watched
}

CAF_TEST(few are counted always and many once in a second) {
  note(1, noon, hour);
  CAF_CHECK_EQUAL(skewed(noon), 1u);
  note(2, noon, hour);
  CAF_CHECK_EQUAL(skewed(noon), 2u);
  note_many(noon, hour);
  CAF_CHECK_EQUAL(skewed(noon + 999), 2u);
  CAF_CHECK_EQUAL(skewed(noon + 1000), 200u);
}

CAF_TEST(after a step of our own clock they are counted at once) {
  note_many(noon, hour);
  CAF_CHECK_EQUAL(skewed(noon), 200u);
  subject.begin_again();
  note(1, noon - 24 * hour, hour);
  CAF_CHECK_EQUAL(skewed(noon - 24 * hour), 1u);
  note(2, noon - 24 * hour, hour);
  subject.begin_again();
  CAF_CHECK_EQUAL(skewed(noon - 24 * hour), 0u);
}

CAF_TEST(invented instances take the place of those that are silent) {
  batch_header header;
  const auto hear = [&](std::uint32_t number, std::int64_t at) {
    for (std::size_t i = 0; i < 4; ++i) {
      header.instance[i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    header.sent_unix_ms = at;
    return subject.note(header, {"eu", "10.0.0.1"}, at);
  };
  const auto is_watched = [&](std::uint32_t number) {
    hear(number, noon);
    return subject.delivered(header, {"eu", "10.0.0.1"}, noon - hour, noon).has_value();
  };
  hear(1, noon);
  hear(2, noon);
  for (std::uint32_t i = 0; i < agent_clocks::most - 2; ++i) {
    hear(1'000'000 + i, noon);
  }
  hear(1, noon); // it is heard of again and again
  hear(3, noon);
  subject.count(counts, noon);
  for (std::size_t i = 0; i < 4; ++i) {
    header.instance[i] = i == 0 ? 2 : 0;
  }
  CAF_CHECK(!subject.delivered(header, {"eu", "10.0.0.1"}, noon - hour, noon));
  for (const std::uint32_t known : {1u, 3u}) {
    CAF_CHECK(is_watched(known));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace agent_clocks_suite
