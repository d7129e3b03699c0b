#define CAF_SUITE pending_changes

#include "xprober/verdict/pending_changes.hpp"

#include "caf/test/unit_test.hpp"

namespace pending_changes_suite {

using namespace xprober;

namespace {

incident_change change(std::uint64_t id, incident_event event,
                       std::optional<incident_notice> tell = {}) {
  incident_change made;
  made.now.id = id;
  made.events = {event};
  made.tell = tell;
  return made;
}

} // namespace

CAF_TEST(what is to be told is kept in its order and the rest as it is last) {
  pending_changes all;
  all.add(change(1, incident_event::opened, incident_notice::opened));
  for (int i = 0; i < 1000; ++i) {
    auto grown = change(1, incident_event::grew);
    grown.now.summary = std::to_string(i);
    all.add(grown);
  }
  all.add(change(2, incident_event::opened, incident_notice::opened));
  CAF_CHECK_EQUAL(all.all().size(), 3u);
  CAF_CHECK(all.all()[1].now.summary == "999");
  all.add(change(1, incident_event::closed, incident_notice::closed));
  const auto taken = all.take();
  CAF_REQUIRE_EQUAL(taken.size(), 3u);
  CAF_CHECK(taken[0].tell == incident_notice::opened);
  CAF_CHECK_EQUAL(taken[1].now.id, 2u);
  CAF_CHECK(taken[2].tell == incident_notice::closed);
  CAF_CHECK(taken[2].has(incident_event::grew));
  CAF_CHECK(all.empty());
}

CAF_TEST(what has opened under a mute is known to be new until it is written) {
  pending_changes all;
  all.add(change(1, incident_event::opened));
  all.add(change(1, incident_event::grew));
  CAF_CHECK_EQUAL(all.all().size(), 1u);
  CAF_CHECK(all.has_opened(1));
  CAF_CHECK(!all.has_opened(2));
  all.take();
  CAF_CHECK(!all.has_opened(1));
}

} // namespace pending_changes_suite
