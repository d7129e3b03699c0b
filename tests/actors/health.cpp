#define CAF_SUITE health

#include "xprober/actors/health.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/guard.hpp"
#include "xprober/base/log.hpp"

#include "support/actor_reaper.hpp"

namespace health_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using pings = std::vector<caf::typed_response_promise<done_atom>>;

/// Takes what the real journal's interface has nothing of, as `guard_actor` lets it.
caf::behavior guarded(caf::event_based_actor* self, int) {
  guard_actor(self, "guarded");
  return {[](const std::string& text) { throw std::runtime_error(text); }};
}

/// Answers when the test says so.
caf::behavior slow(caf::event_based_actor* self, pings* waiting) {
  return {[self, waiting](ping_atom) -> caf::result<done_atom> {
    waiting->push_back(self->make_response_promise<done_atom>());
    return waiting->back();
  }};
}

struct fixture : xprober_fixture {
  fixture() { log::set_level(log::level::off); }

  pings waiting;
  std::vector<health_report> reports;
  actor_reaper reaper{*this};
  health_actor subject = reaper.keep(sys.spawn(health, stats_actor{}));

  caf::actor watch(actor_kind kind, caf::actor actor) {
    caf::anon_send(subject, vital_actor{kind, actor});
    reaper.settle();
    return actor;
  }

  caf::actor watch_guarded(actor_kind kind) {
    return watch(kind, reaper.keep(sys.spawn(guarded, 0)));
  }

  caf::actor watch_slow(actor_kind kind) {
    return watch(kind, reaper.keep(sys.spawn(slow, &waiting)));
  }

  /// Somebody asks; the answer goes to `reports`.
  void question() {
    reaper.keep(sys.spawn(
        [](caf::event_based_actor* asker, health_actor to, std::vector<health_report>* out) {
          asker->request(to, caf::infinite, get_health_atom_v)
              .then([out](const health_report& report) { out->push_back(report); },
                    [](const caf::error&) {});
        },
        subject, &reports));
  }

  void answer(const caf::actor& actor) {
    auto promises = std::exchange(waiting, {});
    for (auto& promise : promises) {
      reaper.deliver(actor, promise, done_atom_v);
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(health_tests, fixture)

CAF_TEST(who is guarded answers whatever its interface is) {
  watch_guarded(actor_kind::journal);
  watch_guarded(actor_kind::store);
  question();
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK(reports[0] == (health_report{true, "healthy"}));
}

CAF_TEST(nobody to ask is healthy) {
  question();
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK(reports[0].healthy);
}

CAF_TEST(one that has failed is named at once) {
  const auto store = watch_guarded(actor_kind::store);
  watch_guarded(actor_kind::journal);
  caf::anon_send(store, std::string{"no memory"});
  reaper.settle();
  question();
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK(reports[0] == (health_report{false, "these parts have ended: store"}));
}

CAF_TEST(one that is at work is waited for and no longer than the deadline) {
  const auto store = watch_slow(actor_kind::store);
  question();
  reaper.pass(health_deadline - 1ms);
  CAF_CHECK(reports.empty());
  reaper.pass(1ms);
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK(reports[0] == (health_report{true, "healthy; at work: store for 2 s"}));
  answer(store);
  reaper.pass(health_age);
  question();
  answer(store);
  CAF_REQUIRE_EQUAL(reports.size(), 2U);
  CAF_CHECK_EQUAL(reports[1].sentence, "healthy");
}

CAF_TEST(one that hangs is named when its patience is over and asked once) {
  const auto store = watch_slow(actor_kind::store);
  reaper.pass(health_interval + patience_of(actor_kind::store) + health_deadline);
  CAF_CHECK_EQUAL(waiting.size(), 1U);
  question();
  reaper.pass(health_deadline);
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK(!reports[0].healthy);
  CAF_CHECK(reports[0].sentence.starts_with("these parts do not answer: store for 1"));
  answer(store);
  reaper.pass(health_age);
  question();
  answer(store);
  CAF_CHECK(reports.back().healthy);
}

CAF_TEST(who waits for the disk has more patience) {
  watch_slow(actor_kind::journal);
  reaper.pass(health_interval + patience_of(actor_kind::store) + health_deadline);
  question();
  reaper.pass(health_deadline);
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK(reports[0].healthy);
}

CAF_TEST(many who ask share a round) {
  const auto store = watch_slow(actor_kind::store);
  for (int i = 0; i < 5; ++i) {
    question();
  }
  CAF_CHECK_EQUAL(waiting.size(), 1U);
  answer(store);
  CAF_CHECK_EQUAL(reports.size(), 5U);
  question(); // the answer is fresh
  CAF_CHECK(waiting.empty());
  CAF_CHECK_EQUAL(reports.size(), 6U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace health_suite
