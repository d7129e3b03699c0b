#define CAF_SUITE store_targets

#include "xprober/store/store_targets.hpp"

#include <chrono>

#include "caf/test/unit_test.hpp"

namespace store_targets_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const monotonic_time t0{1h};
const store_targets::name first{"eu", "10.0.0.1", "icmp"};
const store_targets::name second{"us", "10.0.0.1", "icmp"};

struct fixture {
  store_texts texts;
  store_targets subject;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_targets_tests, fixture)

CAF_TEST(a target goes with its last row and gives back its texts) {
  const auto s = subject.add(texts, first);
  subject.add_row(s);
  subject.add_row(s);
  CAF_CHECK_EQUAL(subject.find(texts, first), s);
  CAF_CHECK_EQUAL(subject.find(texts, second), no_slot);
  CAF_CHECK_EQUAL(texts[subject[s].address], "10.0.0.1");
  subject.remove_row(texts, s);
  CAF_CHECK_EQUAL(subject.size(), 1u);
  subject.remove_row(texts, s);
  CAF_CHECK_EQUAL(subject.size(), 0u);
  CAF_CHECK_EQUAL(texts.size(), 0u);
}

CAF_TEST(a forgotten target stays until its stragglers are silent) {
  const auto s = subject.add(texts, first);
  subject.add_row(s);
  subject.forget(s, t0);
  subject.remove_row(texts, s);
  CAF_CHECK(subject.forgotten(s));
  CAF_CHECK(!subject.has_rows(s));
  subject.expire(texts, t0 + 99s, 100s);
  CAF_CHECK_EQUAL(subject.size(), 1u);
  subject.note_straggler(s, t0 + 99s);
  subject.expire(texts, t0 + 198s, 100s);
  CAF_CHECK_EQUAL(subject.size(), 1u);
  subject.expire(texts, t0 + 199s, 100s);
  CAF_CHECK_EQUAL(subject.size(), 0u);
  CAF_CHECK_EQUAL(texts.size(), 0u);
}

CAF_TEST(a target that is welcome again is like any other) {
  const auto s = subject.add(texts, first);
  subject.forget(s, t0);
  subject.forget(s, t0 + 1s);
  subject.welcome(s);
  subject.add_row(s);
  subject.expire(texts, t0 + 2s, 100s);
  CAF_CHECK(!subject.forgotten(s));
  CAF_CHECK(subject.has_rows(s));
  subject.remove_row(texts, s);
  CAF_CHECK_EQUAL(subject.size(), 0u);
}

CAF_TEST(one that was never seen is forgotten for a while) {
  const auto s = subject.add(texts, second);
  subject.forget(s, t0);
  CAF_CHECK_EQUAL(subject.find(texts, second), s);
  subject.expire(texts, t0 + 100s, 100s);
  CAF_CHECK_EQUAL(subject.find(texts, second), no_slot);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_targets_suite
