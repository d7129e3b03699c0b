#define CAF_SUITE places

#include "xprober/domain/places.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace places_suite {

using namespace xprober;
using namespace xprober;
using namespace std::chrono_literals;

namespace {

const monotonic_time start = monotonic_time{} + 1000h;

/// An engine of probes that take a known time, in virtual time.
struct model {
  struct probe {
    milliseconds takes;
    pace known;
    monotonic_time came;
    std::uint64_t number = 0;
    monotonic_time ends{};
    places::ticket place{};
    bool done = false;
  };

  explicit model(std::size_t count) : seats(count, 1s) {}

  void come(milliseconds takes, pace known) {
    probes.push_back({takes, known, now, numbers++});
    (known == pace::quick ? quick : slow).push_back(&probes.back());
  }

  void step() {
    for (auto at = running.begin(); at != running.end();) {
      auto* p = *at;
      if (p->ends <= now) {
        seats.give_back(p->place);
        p->done = true;
        at = running.erase(at);
      } else {
        ++at;
      }
    }
    begin();
    while (const auto held = seats.yielding(quick.size(), now)) {
      auto* p = static_cast<probe*>((*held)->who);
      seats.give_back(*held);
      running.erase(std::find(running.begin(), running.end(), p));
      p->known = pace::slow;
      p->number = numbers++;
      slow.push_back(p);
      ++yielded;
      begin();
    }
    now += 10ms;
  }

  void begin() {
    const auto first = [](const std::deque<probe*>& queue) {
      return queue.empty() ? std::nullopt : std::optional{queue.front()->number};
    };
    while (const auto who = seats.next(first(quick), first(slow))) {
      auto& queue = *who == pace::quick ? quick : slow;
      auto* p = queue.front();
      queue.pop_front();
      if (*who == pace::quick && p->takes < 1s) {
        longest = std::max(longest, std::chrono::duration_cast<milliseconds>(now - p->came));
      }
      p->ends = now + p->takes;
      p->place = seats.take(*who, now, p);
      running.push_back(p);
      most = std::max(most, running.size());
    }
  }

  places seats;
  monotonic_time now = start;
  std::deque<probe> probes;
  std::deque<probe*> quick;
  std::deque<probe*> slow;
  std::vector<probe*> running;
  std::uint64_t numbers = 0;
  std::size_t most = 0;
  std::size_t yielded = 0;
  milliseconds longest{0}; ///< that a quick probe has waited
};

std::size_t done_of(const model& m, bool hang) {
  return static_cast<std::size_t>(std::count_if(m.probes.begin(), m.probes.end(), [&](auto& p) {
    return p.done && (p.takes >= 1s) == hang;
  }));
}

} // namespace

CAF_TEST(a target is slow until it was seen quick again) {
  pace_history history;
  CAF_CHECK(history.of(1, start) == pace::quick);
  history.note(1, pace::slow, start);
  history.note(2, pace::quick, start);
  CAF_CHECK(history.of(1, start + 5min) == pace::slow);
  CAF_CHECK(history.noted_slow(1, start + 5min) == start);
  CAF_CHECK(history.of(2, start + 5min) == pace::quick);
  CAF_CHECK(!history.noted_slow(2, start + 5min));
  CAF_CHECK_EQUAL(history.size(), 1u);
  history.note(1, pace::quick, start + 5min);
  CAF_CHECK(history.of(1, start + 5min) == pace::quick);
}

CAF_TEST(targets that are gone are forgotten) {
  pace_history history;
  history.of(0, start);
  for (std::uint64_t key = 1; key <= 1000; ++key) {
    history.note(key, pace::slow, start + 1s);
  }
  history.note(1, pace::slow, start + pace_history::span + 1s);
  CAF_CHECK(history.of(2, start + pace_history::span + 2s) == pace::slow);
  CAF_CHECK(history.noted_slow(1, start + pace_history::span + 2s) ==
            start + pace_history::span + 1s);
  CAF_CHECK(history.of(1, start + 2 * pace_history::span + 2s) == pace::slow);
  CAF_CHECK_EQUAL(history.size(), 1u);
  CAF_CHECK(history.of(1, start + 10 * pace_history::span) == pace::quick);
  CAF_CHECK_EQUAL(history.size(), 0u);
}

CAF_TEST(with few places the order counts) {
  places seats{3, 1s};
  CAF_CHECK(seats.next(2, 1) == pace::slow);
  CAF_CHECK(seats.next(1, 2) == pace::quick);
  CAF_CHECK(!seats.next({}, {}));
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK(seats.next({}, 1) == pace::slow);
    seats.take(pace::slow, start, nullptr);
  }
  CAF_CHECK(!seats.next(1, 2));
}

CAF_TEST(slow probes hold three quarters at most and are sure of one) {
  places seats{8, 1s};
  std::vector<places::ticket> held;
  while (seats.next({}, 1)) {
    held.push_back(seats.take(pace::slow, start, nullptr));
  }
  CAF_CHECK_EQUAL(held.size(), 6u);
  CAF_CHECK(seats.next(2, 1) == pace::quick);
  for (const auto& place : held) {
    seats.give_back(place);
  }
  CAF_CHECK_EQUAL(seats.held(), 0u);
  while (seats.next(1, {})) {
    held.push_back(seats.take(pace::quick, start, nullptr));
  }
  CAF_CHECK_EQUAL(seats.held(), 8u);
  seats.give_back(held.back());
  CAF_MESSAGE("its quarter, whoever came first");
  CAF_CHECK(seats.next(1, 2) == pace::slow);
}

CAF_TEST(only who took long yields and only where somebody waits for it) {
  places seats{2, 1s};
  int one = 1;
  int two = 2;
  seats.take(pace::quick, start, &one);
  CAF_CHECK(!seats.next_yield());
  CAF_CHECK(!seats.yielding(1, start + 5s)); // there is a free place
  seats.take(pace::quick, start + 500ms, &two);
  CAF_CHECK(seats.next_yield() == start + 1500ms);
  CAF_CHECK(!seats.yielding(0, start + 1s));
  CAF_MESSAGE("of two the one that lost its claim last");
  const auto held = seats.yielding(1, start + 1500ms);
  CAF_REQUIRE(held);
  CAF_CHECK((*held)->who == &two);
  CAF_CHECK(!seats.yielding(1, start + 1500ms)); // one is on its way
  seats.give_back(*held);
  CAF_CHECK(seats.next(1, {}) == pace::quick);
}

CAF_TEST(fewer places are given once enough came back) {
  places seats{4, 1s};
  std::vector<places::ticket> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(seats.take(pace::quick, start, nullptr));
  }
  seats.resize(2, 1s);
  seats.give_back(held[0]);
  seats.give_back(held[1]);
  CAF_CHECK(!seats.next(1, 2));
  seats.give_back(held[2]);
  CAF_CHECK(seats.next(1, 2) == pace::quick);
}

CAF_TEST(targets that hang never starve the others) {
  // 8 places; 20 hanging targets want 200 s of places each second, quick ones 1 of them.
  model m{8};
  for (int tick = 0; tick < 6000; ++tick) {
    if (tick % 100 == 0) {
      for (int i = 0; i < 20; ++i) {
        m.come(10s, tick < 1000 ? pace::quick : pace::slow);
      }
    }
    if (tick % 5 == 0) {
      m.come(50ms, pace::quick);
    }
    m.step();
  }
  CAF_CHECK(m.most <= 8);
  CAF_CHECK(m.yielded > 0);
  CAF_CHECK_EQUAL(m.quick.size(), 0u);
  CAF_CHECK(done_of(m, false) >= 1195);
  CAF_MESSAGE("hanging ones are probed as well: 60 s, 10 s each, on 2 to 6 places");
  CAF_CHECK(done_of(m, true) >= 12);
  CAF_CHECK(done_of(m, true) <= 36);
}

CAF_TEST(many that begin to hang at once are put aside within the limit) {
  model m{100};
  for (int i = 0; i < 1000; ++i) {
    m.come(10s, pace::quick); // none is known to hang
  }
  m.come(50ms, pace::quick); // the last of them all
  while (!m.quick.empty() && m.now < start + 60s) {
    m.step();
  }
  // Each second 75 places are free again; 25 are sure to those that turned out to be slow.
  CAF_CHECK(m.longest >= 1s);
  CAF_CHECK(m.longest <= 15s);
  CAF_CHECK(m.most <= 100);
}

} // namespace places_suite
