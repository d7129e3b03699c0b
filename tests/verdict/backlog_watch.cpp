#define CAF_SUITE backlog_watch

#include "xprober/verdict/backlog_watch.hpp"

#include <chrono>

#include "caf/test/unit_test.hpp"

namespace backlog_watch_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{1'767'268'800s};

/// For how long it is waited for that was away for `length`, and then delivers so many seconds of
/// results in each second; looked at for a day.
std::chrono::seconds waited(backlog_watch watch, std::chrono::seconds length, double pace) {
  std::chrono::seconds held{0};
  for (std::chrono::seconds time{0}; time < 24h; ++time) {
    const auto now = noon + length + time;
    const auto reached =
        noon +
        std::chrono::seconds{static_cast<std::int64_t>(pace * static_cast<double>(time.count()))};
    watch.note(now - reached > 20s ? std::optional<wall_time>{reached} : std::nullopt, now);
    if (!watch.waits(now)) {
      break;
    }
    ++held;
  }
  return held;
}

backlog_watch heard() {
  backlog_watch watch;
  watch.note(std::nullopt, noon);
  return watch;
}

} // namespace

CAF_TEST(who has no backlog is not waited for) {
  CAF_CHECK(!heard().waits(noon));
  CAF_CHECK(!backlog_watch{}.waits(noon));
}

CAF_TEST(a backlog of any length is waited for to its end) {
  for (const auto length : {1min, 10min, 60min, 600min}) {
    for (const double pace : {2.0, 5.0, 60.0}) {
      const std::chrono::seconds whole = length;
      const auto end = std::chrono::seconds{
          static_cast<std::int64_t>(static_cast<double>((whole - 20s).count()) / (pace - 1))};
      const auto held = waited(heard(), whole, pace);
      CAF_CHECK(held >= end - 1s && held <= end + 2s);
    }
  }
}

CAF_TEST(nobody is waited for longer than it was away) {
  for (const auto length : {1min, 10min, 60min, 600min}) {
    for (const double pace : {0.0, 0.5, 1.0, 1.5, 1.9}) {
      CAF_CHECK(waited(heard(), length, pace) <= length + 2 * backlog_watch::grace);
    }
  }
  CAF_CHECK(waited(heard(), 60min, 0) <= backlog_watch::grace + 1s);
}

CAF_TEST(who stops is waited for no longer than a moment however much it has delivered) {
  auto watch = heard();
  const auto back = noon + 10h;
  for (std::chrono::seconds time{0}; time <= 5min; ++time) {
    watch.note(noon + 60 * time, back + time);
    CAF_CHECK(watch.waits(back + time));
  }
  const auto stopped = back + 5min;
  std::chrono::seconds held{0};
  for (std::chrono::seconds time{1}; time <= 1h; ++time) {
    watch.note(noon + 60 * 5min, stopped + time);
    held += watch.waits(stopped + time) ? 1s : 0s;
  }
  CAF_CHECK(held <= backlog_watch::most_ahead);
  CAF_CHECK(!watch.waits(stopped + 1h));
}

CAF_TEST(older than what was heard is nothing gained) {
  auto watch = heard();
  for (std::chrono::seconds time{1}; time < 1h; ++time) {
    watch.note(noon - 24h + 20 * time, noon + time);
    CAF_CHECK(time <= backlog_watch::grace + 1s || !watch.waits(noon + time));
  }
}

CAF_TEST(who goes away again is waited for anew) {
  auto watch = heard();
  const auto back = noon + 1h;
  watch.note(noon + 1min, back);
  CAF_CHECK(watch.waits(back));
  watch.away();
  CAF_CHECK(!watch.waits(back + 1s));
  watch.note(noon + 1min, back + 1h);
  CAF_CHECK(watch.waits(back + 1h));
  CAF_CHECK(!watch.waits(back + 1h + backlog_watch::grace + 1s));
}

CAF_TEST(a clock that is set begins anew) {
  auto watch = heard();
  watch.note(noon + 1min, noon + 1h);
  CAF_CHECK(!watch.waits(noon));
  watch.note(noon - 30min, noon);
  CAF_CHECK(watch.waits(noon));
}

} // namespace backlog_watch_suite
