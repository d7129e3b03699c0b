#define CAF_SUITE incident_answers

#include "xprober/actors/server/incident_answers.hpp"

#include <chrono>
#include <string>

#include "storage/incident_samples.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace incident_answers_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const auto now = wall_clock::now();

mute one_mute() {
  mute fresh;
  fresh.conditions = {{"target", "https://b/"}};
  fresh.from = now;
  fresh.until = now + 1h;
  fresh.by = "me";
  fresh.why = "work on the network";
  return fresh;
}

/// A certificate's incident, in memory.
struct fixture {
  incident_book book{{}};
  incident_keeper keeper{book};
  bool works = true; ///< the disk
  incident_answers subject{book, keeper,
                           [this] { return works && keeper.write([](incident_change&&) {}); }};

  fixture() {
    log::set_level(log::level::off);
    keeper.open("", monotonic_clock::now());
    keeper.set_receivers({"a"});
  }
  ~fixture() { log::set_level(log::level::info); }

  std::uint64_t open(bool written = true) {
    certificate_sighting seen;
    seen.target = "https://a/";
    seen.probe_type = "http";
    seen.fingerprint = "ab";
    seen.not_after = now + 2h;
    const auto wanted = [](std::string_view) { return true; };
    auto changes = book.observe_certificates({&seen, 1}, wanted, {}, now);
    CAF_REQUIRE_EQUAL(changes.size(), 1U);
    const auto id = changes[0].now.id;
    keeper.add(std::move(changes[0]));
    if (written) {
      keeper.write([](incident_change&&) {});
    }
    return id;
  }
  /// What a handler gives, of an answer that is there at once.
  template <class T>
  static T value(caf::result<T> answer) {
    CAF_REQUIRE(answer.flag == caf::rt_value);
    return answer.value.template get_as<T>(0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(incident_answers_tests, fixture)

CAF_TEST(what is open is shown once it is written) {
  const auto id = open(false);
  CAF_CHECK(subject.open_incidents()->empty());
  keeper.write([](incident_change&&) {});
  const auto all = subject.open_incidents();
  CAF_REQUIRE_EQUAL(all->size(), 1U);
  CAF_CHECK_EQUAL(all->front().id, id);
  CAF_CHECK_EQUAL(value(subject.find(id))->id, id);
  CAF_CHECK(value(subject.find(id + 1)) == nullptr);
  CAF_CHECK_EQUAL(value(subject.list({}))->incidents.size(), 1U);
}

CAF_TEST(a receiver is told what is due until it has said that it knows) {
  open();
  const auto due = subject.due({"a", 10});
  CAF_REQUIRE_EQUAL(due->size(), 1U);
  value(subject.told({"a", due->front().sequence}));
  CAF_CHECK(subject.due({"a", 10})->empty());
}

CAF_TEST(an acknowledgement is answered with the incident once it is written) {
  const auto id = open();
  acknowledgement by;
  by.by = "me";
  CAF_CHECK(value(subject.acknowledge({id + 1, by})) == nullptr);
  const auto done = value(subject.acknowledge({id, by}));
  CAF_REQUIRE(done);
  CAF_CHECK(done->acknowledged && done->acknowledged->by == "me");
  works = false;
  CAF_CHECK(subject.acknowledge({id, by}).flag == caf::rt_error);
}

CAF_TEST(mutes come and go and one that mutes nothing is refused) {
  CAF_CHECK(subject.mute_by({mute{}}).flag == caf::rt_error);
  const auto id = value(subject.mute_by({one_mute()})).id;
  CAF_REQUIRE_EQUAL(subject.mutes()->size(), 1U);
  CAF_CHECK_EQUAL(subject.mutes()->front().by, "me");
  CAF_CHECK(!value(subject.unmute(id + 1)));
  CAF_CHECK(value(subject.unmute(id)));
  CAF_CHECK(subject.mutes()->empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace incident_answers_suite
