#define CAF_SUITE events

#include "xprober/actors/server/events.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "xprober/actors/stats.hpp"

#include "support/actor_reaper.hpp"

namespace events_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

event_record incident_of(std::uint64_t id, std::string detail = "") {
  incident what;
  what.id = id;
  what.detail = std::move(detail);
  return {std::make_shared<const incident>(std::move(what))};
}

event_record counts_of(std::string kind, std::uint64_t ok) {
  state_counts counts{std::move(kind), {}};
  counts.series[static_cast<std::size_t>(series_state::ok)] = ok;
  return {counts};
}

std::uint64_t id_of(const told_event& event) {
  const auto* shared = std::get_if<incident_ptr>(&event.record.what);
  return shared != nullptr ? (*shared)->id : 0;
}

std::uint64_t ok_of(const told_event& event) {
  const auto* counts = std::get_if<state_counts>(&event.record.what);
  return counts != nullptr ? counts->series[static_cast<std::size_t>(series_state::ok)] : 0;
}

struct fixture : xprober_fixture {
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  events_actor subject = reaper.keep(sys.spawn(events, counters, std::string{"run"}));

  void tell(event_record record) {
    caf::anon_send(subject, std::move(record));
    reaper.settle();
  }

  void tell_incidents(std::uint64_t first, std::uint64_t last) {
    for (auto id = first; id <= last; ++id) {
      tell(incident_of(id));
    }
  }

  static event_request behind(std::uint64_t after, std::string run = "run") {
    return {after, std::move(run)};
  }

  event_page ask(const event_request& request) {
    const auto got = reaper.ask<event_page_ptr>(subject, request);
    CAF_REQUIRE(got);
    return **got;
  }

  bool has_answer() { return self->peek_at_next_mailbox_element() != nullptr; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(events_tests, fixture)

CAF_TEST(a new reader learns where to begin) {
  const auto first = ask({});
  CAF_CHECK_EQUAL(first.run, "run");
  CAF_CHECK_EQUAL(first.through, 0u);
  tell_incidents(1, 3);
  const auto later = ask({});
  CAF_CHECK_EQUAL(later.through, 3u);
  CAF_CHECK(later.events.empty());
  CAF_CHECK(!later.lost);
}

CAF_TEST(events are numbered and given in order) {
  tell_incidents(11, 15);
  const auto page = ask(behind(2));
  CAF_REQUIRE_EQUAL(page.events.size(), 3u);
  CAF_CHECK_EQUAL(page.events[0]->number, 3u);
  CAF_CHECK_EQUAL(id_of(*page.events[0]), 13u);
  CAF_CHECK_EQUAL(page.events[2]->number, 5u);
  CAF_CHECK_EQUAL(page.through, 5u);
}

CAF_TEST(a page has no more than was asked for) {
  tell_incidents(1, 10);
  auto request = behind(0);
  request.limit = 4;
  const auto page = ask(request);
  CAF_CHECK_EQUAL(page.events.size(), 4u);
  CAF_CHECK_EQUAL(page.through, 4u);
  request.after = page.through;
  CAF_CHECK(ask(request).events.at(0)->number == 5u);
}

CAF_TEST(a reader who has all waits for the next event) {
  tell_incidents(1, 1);
  auto waiting = self->request(subject, caf::infinite, behind(1));
  reaper.pass(5s);
  CAF_CHECK(!has_answer());
  tell_incidents(2, 2);
  CAF_REQUIRE(has_answer());
  waiting.receive(
      [&](const event_page_ptr& page) {
        CAF_REQUIRE_EQUAL(page->events.size(), 1u);
        CAF_CHECK_EQUAL(page->events[0]->number, 2u);
      },
      [&](const caf::error& why) { CAF_FAIL(sys.render(why)); });
}

CAF_TEST(a reader is answered with nothing when nothing happens) {
  tell_incidents(1, 1);
  auto waiting = self->request(subject, caf::infinite, behind(1));
  reaper.pass(14s);
  CAF_CHECK(!has_answer());
  auto second = self->request(subject, caf::infinite, behind(1));
  reaper.pass(1s);
  CAF_REQUIRE(has_answer());
  const auto is_empty = [&](const event_page_ptr& page) {
    CAF_CHECK(page->events.empty());
    CAF_CHECK(!page->lost);
    CAF_CHECK_EQUAL(page->through, 1u);
  };
  const auto fails = [&](const caf::error& why) { CAF_FAIL(sys.render(why)); };
  waiting.receive(is_empty, fails);
  reaper.pass(13s);
  CAF_CHECK(!has_answer());
  reaper.pass(1s);
  CAF_REQUIRE(has_answer());
  second.receive(is_empty, fails);
}

CAF_TEST(who does not want to wait is answered at once) {
  tell_incidents(1, 1);
  auto request = behind(1);
  request.wait = false;
  const auto page = ask(request);
  CAF_CHECK(page.events.empty());
  CAF_CHECK_EQUAL(page.through, 1u);
}

CAF_TEST(where too many wait the first is answered earlier) {
  tell_incidents(1, 1);
  auto first = self->request(subject, caf::infinite, behind(1));
  reaper.settle();
  for (std::size_t i = 1; i < most_waiting_readers; ++i) {
    caf::anon_send(subject, behind(1));
  }
  reaper.settle();
  CAF_CHECK(!has_answer());
  caf::anon_send(subject, behind(1));
  reaper.settle();
  CAF_REQUIRE(has_answer());
  first.receive([&](const event_page_ptr& page) { CAF_CHECK(page->events.empty()); },
                [&](const caf::error& why) { CAF_FAIL(sys.render(why)); });
}

CAF_TEST(another run and a number to come are lost) {
  tell_incidents(1, 3);
  for (const auto& request : {behind(2, "other"), behind(4)}) {
    const auto page = ask(request);
    CAF_CHECK(page.lost);
    CAF_CHECK(page.events.empty());
    CAF_CHECK_EQUAL(page.run, "run");
    CAF_CHECK_EQUAL(page.through, 3u);
  }
}

CAF_TEST(the oldest events are dropped above the limit) {
  tell_incidents(1, most_kept_events + 2);
  CAF_CHECK(ask(behind(0)).lost);
  CAF_CHECK(ask(behind(1)).lost);
  const auto page = ask(behind(2));
  CAF_CHECK(!page.lost);
  CAF_CHECK_EQUAL(page.events.at(0)->number, 3u);
}

CAF_TEST(large events are dropped earlier) {
  for (std::uint64_t id = 1; id <= 10; ++id) {
    tell(incident_of(id, std::string(1'000'000, 'x')));
  }
  CAF_CHECK(ask(behind(5)).lost);
  CAF_CHECK(ask(behind(6)).events.size() == 4u);
}

CAF_TEST(counts of states are told once a second) {
  tell(counts_of("a", 1));
  CAF_CHECK(ask({}).through == 1u);
  for (std::uint64_t ok = 2; ok <= 5; ++ok) {
    tell(counts_of("a", ok));
    tell(counts_of("b", ok));
  }
  CAF_CHECK(ask({}).through == 1u);
  reaper.pass(state_counts_pause);
  const auto page = ask(behind(1));
  CAF_REQUIRE_EQUAL(page.events.size(), 2u);
  CAF_CHECK_EQUAL(ok_of(*page.events[0]), 5u);
  CAF_CHECK_EQUAL(ok_of(*page.events[1]), 5u);
  CAF_MESSAGE("what has not changed is no event");
  tell(counts_of("a", 5));
  reaper.pass(10s);
  CAF_CHECK(ask({}).through == 3u);
  tell(counts_of("a", 5));
  CAF_CHECK(ask({}).through == 3u);
}

CAF_TEST(no incident is no event) {
  tell(event_record{incident_ptr{}});
  CAF_CHECK(ask({}).through == 0u);
}

CAF_TEST(runs have names of their own) {
  const auto one = new_event_run();
  CAF_CHECK_EQUAL(one.size(), 16u);
  CAF_CHECK(one != new_event_run());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace events_suite
