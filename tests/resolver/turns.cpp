#define CAF_SUITE turns

#include "xprober/resolver/turns.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace turns_suite {

using namespace xprober;
using namespace xprober::dns;
using namespace std::chrono_literals;

namespace {

const monotonic_time start = monotonic_time{} + 1000h;

/// A resolver in virtual time: dead names take 5 s of asking, living ones 10 ms.
struct model {
  struct name : turns::item {
    name(std::uint64_t hash, bool is_dead) : item(hash), dead(is_dead) {}

    bool dead;
    monotonic_time came{};
    monotonic_time begun{};
    bool asked = false; ///< in the end
  };

  explicit model(std::size_t places) : order(places, 500ms) {}

  name& come(std::uint64_t hash, bool dead) {
    auto& added = names.emplace_back(hash, dead);
    added.came = now;
    order.wait(added, now);
    return added;
  }

  /// Those that wait for longer than `patience` are not needed any more.
  void step(milliseconds patience = 10s) {
    for (auto at = asked.begin(); at != asked.end();) {
      auto& n = **at;
      if (now - n.begun >= (n.dead ? milliseconds{5000} : milliseconds{10})) {
        order.leave(n);
        order.note(n, n.dead ? pace::slow : pace::quick, now);
        n.asked = true;
        at = asked.erase(at);
      } else {
        ++at;
      }
    }
    for (auto& n : names) {
      if (n.now == turns::item::kind::waiting && now - n.came > patience) {
        order.leave(n);
      }
    }
    do {
      while (auto* next = order.next(now)) {
        auto& n = *static_cast<name*>(next);
        n.begun = now;
        asked.push_back(&n);
        if (!n.dead) {
          longest = std::max(longest, std::chrono::duration_cast<milliseconds>(now - n.came));
        }
      }
    } while (order.make_room(now));
    most = std::max(most, asked.size());
    now += 10ms;
  }

  turns order;
  monotonic_time now = start;
  std::deque<name> names;
  std::vector<name*> asked;
  std::size_t most = 0;
  milliseconds longest{0}; ///< that a living name has waited
};

} // namespace

CAF_TEST(quick names come in the order they asked in) {
  model m{1};
  auto& one = m.come(1, false);
  auto& two = m.come(2, false);
  CAF_CHECK(m.order.next(start) == &one);
  CAF_CHECK(m.order.next(start) == nullptr);
  m.order.leave(one);
  CAF_CHECK(m.order.next(start) == &two);
  m.order.leave(two);
  CAF_CHECK_EQUAL(m.order.waiting(), 0u);
}

CAF_TEST(of slow names the one comes first that was asked for the longest time ago) {
  turns order{4, 500ms};
  std::deque<turns::item> names;
  for (std::uint64_t i = 0; i < 3; ++i) {
    names.emplace_back(i);
  }
  order.note(names[0], pace::slow, start + 2s);
  order.note(names[1], pace::slow, start + 1s);
  order.note(names[2], pace::slow, start + 3s);
  for (auto& name : names) {
    order.wait(name, start + 4s);
  }
  CAF_CHECK_EQUAL(order.waiting_slow(), 3u);
  CAF_CHECK(order.next(start + 4s) == &names[1]);
  CAF_CHECK(order.next(start + 4s) == &names[0]);
  CAF_CHECK(order.next(start + 4s) == &names[2]);
}

CAF_TEST(a name that leaves before its turn takes no place) {
  turns order{1, 500ms};
  turns::item one{1};
  turns::item two{2};
  order.wait(one, start);
  order.wait(two, start);
  order.leave(one);
  CAF_CHECK(one.now == turns::item::kind::idle);
  CAF_CHECK_EQUAL(order.waiting(), 1u);
  CAF_CHECK(order.next(start) == &two);
  order.leave(one); // does nothing
  CAF_CHECK(order.next(start) == nullptr);
}

CAF_TEST(a name that takes long makes room and is still asked for) {
  turns order{1, 500ms};
  turns::item one{1};
  turns::item two{2};
  order.wait(one, start);
  CAF_CHECK(order.next(start) == &one);
  CAF_CHECK(!order.next_room()); // for nobody
  order.wait(two, start);
  CAF_CHECK(!order.make_room(start + 499ms));
  CAF_CHECK(order.next_room() == start + 500ms);
  CAF_CHECK(order.make_room(start + 500ms));
  CAF_CHECK(one.now == turns::item::kind::overdue);
  CAF_CHECK(order.next(start + 500ms) == &two);
  CAF_CHECK_EQUAL(order.yielded(), 1u);
  order.leave(one);
  CAF_CHECK(!order.next(start + 500ms)); // it had no place to give back
}

CAF_TEST(dead names never keep living ones waiting) {
  // 32 places; 40 dead names a second want 200 s of places each second.
  model m{32};
  std::uint64_t next_dead = 1000;
  for (int tick = 0; tick < 6000; ++tick) {
    if (tick % 100 == 0) {
      for (int i = 0; i < 40; ++i) {
        m.come(next_dead++ % 600 + 1000, true); // each one every 15 s
      }
    }
    if (tick % 10 == 0) {
      m.come(static_cast<std::uint64_t>(tick / 10 % 20), false);
    }
    m.step();
  }
  CAF_CHECK(m.longest < 1s);
  CAF_CHECK(m.most <= 32 * 10);
  const auto living = [](const auto& n) { return !n.dead && !n.asked; };
  CAF_CHECK(std::count_if(m.names.begin(), m.names.end(), living) <= 1);
  CAF_MESSAGE("the dead ones are known by now, and hold three quarters");
  CAF_CHECK(m.asked.size() <= 25);
  CAF_CHECK(m.asked.size() >= 20);
}

CAF_TEST(each of too many slow names has its turn though most give up) {
  // 4 places are 0.6 slow names a second; 40 names that wait 3 s of every 6 s, always in step.
  model m{4};
  for (std::uint64_t hash = 0; hash < 40; ++hash) {
    m.order.note(turns::item{hash}, pace::slow, start);
  }
  for (int tick = 0; tick < 12000; ++tick) {
    if (tick % 600 == 0) {
      for (std::uint64_t hash = 0; hash < 40; ++hash) {
        m.come(hash, true);
      }
    }
    m.step(3s);
  }
  std::vector<int> asked(40);
  for (const auto& n : m.names) {
    asked[n.key] += n.asked ? 1 : 0;
  }
  CAF_CHECK(*std::min_element(asked.begin(), asked.end()) >= 1);
}

CAF_TEST(many names that nobody knows to be dead are put aside) {
  model m{256};
  for (std::uint64_t hash = 0; hash < 1000; ++hash) {
    m.come(hash, true);
  }
  m.come(5000, false); // behind all of them
  while (m.order.waiting() > 0 && m.now < start + 30s) {
    m.step();
  }
  CAF_CHECK(m.longest <= 2s); // 1,000 / 256 times 500 ms
  CAF_CHECK(m.most <= 1001);
}

} // namespace turns_suite
