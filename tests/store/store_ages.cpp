#define CAF_SUITE store_ages

#include "xprober/store/store_ages.hpp"

#include <chrono>
#include <random>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace store_ages_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct row {
  slot newer = no_slot;
  slot older = no_slot;
  monotonic_time renewed{};
};

struct fixture {
  std::vector<row> rows;
  store_ages subject;

  slot add(std::chrono::milliseconds at) {
    rows.push_back({no_slot, no_slot, monotonic_time{at}});
    subject.link(rows, static_cast<slot>(rows.size() - 1));
    return static_cast<slot>(rows.size() - 1);
  }

  /// From the newest to the oldest; both directions must say the same.
  std::vector<slot> order() const {
    std::vector<slot> down;
    for (slot s = subject.newest(); s != no_slot; s = rows[s].older) {
      down.push_back(s);
    }
    std::vector<slot> up;
    for (slot s = subject.oldest(); s != no_slot; s = rows[s].newer) {
      up.insert(up.begin(), s);
    }
    CAF_CHECK(up == down);
    return down;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_ages_tests, fixture)

CAF_TEST(what comes stands before what is there) {
  add(1s);
  add(2s);
  add(2s);
  CAF_CHECK((order() == std::vector<slot>{2, 1, 0}));
  subject.unlink(rows, 1);
  CAF_CHECK((order() == std::vector<slot>{2, 0}));
  subject.unlink(rows, 2);
  subject.unlink(rows, 0);
  CAF_CHECK(order().empty());
}

CAF_TEST(a row that was replayed stands by its age) {
  add(100s);
  add(10s);
  add(20s);
  add(20s);
  add(15s); // before those that were replayed already
  add(200s);
  CAF_CHECK((order() == std::vector<slot>{5, 0, 3, 2, 4, 1}));
}

CAF_TEST(a moment out of order makes a row no older) {
  add(10'000ms);
  add(9'500ms);
  CAF_CHECK((order() == std::vector<slot>{1, 0}));
  CAF_CHECK(rows[1].renewed == monotonic_time{10s});
}

CAF_TEST(whatever comes and goes the ages stay in order) {
  std::mt19937 random{3};
  std::vector<slot> linked;
  for (int i = 0; i < 3000; ++i) {
    if (!linked.empty() && random() % 3 == 0) {
      const auto at = random() % linked.size();
      subject.unlink(rows, linked[at]);
      linked.erase(linked.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      linked.push_back(add(std::chrono::seconds{random() % 5 == 0 ? random() % 1000 : i}));
    }
    const auto now = order();
    CAF_REQUIRE_EQUAL(now.size(), linked.size());
    for (std::size_t k = 1; k < now.size(); ++k) {
      CAF_REQUIRE(rows[now[k - 1]].renewed >= rows[now[k]].renewed);
    }
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_ages_suite
