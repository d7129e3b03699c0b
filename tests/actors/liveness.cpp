#define CAF_SUITE liveness

#include "xprober/actors/liveness.hpp"

#include <chrono>

#include "caf/test/unit_test.hpp"

namespace liveness_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct fixture {
  monotonic_time now{100s};
  liveness subject;
  std::size_t store = subject.add("store", 10s);
  std::size_t journal = subject.add("journal", 30s);

  std::string sentence() const { return subject.report(now).sentence; }
  bool healthy() const { return subject.report(now).healthy; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(liveness_tests, fixture)

CAF_TEST(who was never asked is well) {
  CAF_CHECK(healthy());
  CAF_CHECK_EQUAL(sentence(), "healthy");
  CAF_CHECK(!subject.is_waiting());
}

CAF_TEST(one that answers at once is not spoken of) {
  CAF_CHECK(subject.ask(store, now));
  CAF_CHECK(subject.is_waiting());
  CAF_CHECK_EQUAL(sentence(), "healthy");
  subject.answered(store);
  now += 1h;
  CAF_CHECK(healthy());
  CAF_CHECK(!subject.is_waiting());
}

CAF_TEST(one that is at work is alive and is named) {
  subject.ask(store, now);
  now += 1500ms;
  CAF_CHECK(healthy());
  CAF_CHECK_EQUAL(sentence(), "healthy; at work: store for 1 s");
}

CAF_TEST(one that is silent beyond its patience is not alive) {
  subject.ask(store, now);
  subject.ask(journal, now);
  now += 10s;
  CAF_CHECK(!healthy());
  CAF_CHECK_EQUAL(sentence(), "these parts do not answer: store for 10 s");
  now += 20s;
  CAF_CHECK_EQUAL(sentence(), "these parts do not answer: store for 30 s, journal for 30 s");
  subject.answered(store);
  subject.answered(journal);
  CAF_CHECK(healthy());
}

CAF_TEST(one that has not answered is not asked again) {
  CAF_CHECK(subject.ask(store, now));
  now += 5s;
  CAF_CHECK(!subject.ask(store, now));
  now += 5s;
  CAF_CHECK(!healthy()); // it counts from the first time
  subject.answered(store);
  CAF_CHECK(subject.ask(store, now));
}

CAF_TEST(one that has ended is not alive and is not waited for) {
  subject.ask(store, now);
  subject.ended(store);
  CAF_CHECK(!subject.is_waiting());
  CAF_CHECK(!healthy());
  CAF_CHECK_EQUAL(sentence(), "these parts have ended: store");
  CAF_CHECK(!subject.ask(store, now));
  subject.ask(journal, now);
  now += 1min;
  CAF_CHECK_EQUAL(sentence(), "these parts have ended: store; these parts do not answer: journal "
                              "for 60 s");
}

CAF_TEST(parts of one kind have numbers) {
  const auto second = subject.add("store", 10s);
  const auto third = subject.add("store", 10s);
  subject.ended(second);
  subject.ended(third);
  CAF_CHECK_EQUAL(sentence(), "these parts have ended: store 2, store 3");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace liveness_suite
