#define CAF_SUITE incident

#include "xprober/verdict/incident.hpp"

#include <chrono>

#include "caf/test/unit_test.hpp"

namespace incident_suite {

using namespace xprober;

CAF_TEST(the alert of a certificate has a name of its own) {
  incident what;
  what.kind = incident_kind::path;
  CAF_CHECK_EQUAL(alert_name(what), "XproberPath");
  what.kind = incident_kind::target;
  CAF_CHECK_EQUAL(alert_name(what), "XproberTarget");
  what.certificate = "ab";
  CAF_CHECK_EQUAL(alert_name(what), "XproberCertificate");
}

CAF_TEST(an entry of the timeline has the counts of its moment) {
  incident what;
  what.sources.affected = 3;
  what.targets.affected = 1;
  what.note(wall_time{std::chrono::seconds{5}}, incident_event::opened, "begun");
  what.targets.affected = 9;
  what.note(wall_time{std::chrono::seconds{6}}, incident_event::grew);
  const timeline_entry first{wall_time{std::chrono::seconds{5}}, incident_event::opened, 3, 1,
                             "begun"};
  CAF_CHECK(what.timeline[0] == first);
  CAF_CHECK_EQUAL(what.timeline[1].targets, 9u);
}

CAF_TEST(a long timeline loses its second entry) {
  incident what;
  what.note({}, incident_event::opened, "first");
  for (std::size_t i = 0; i < incident::most_entries + 10; ++i) {
    what.note({}, incident_event::grew, std::to_string(i));
  }
  CAF_CHECK_EQUAL(what.timeline.size(), incident::most_entries);
  CAF_CHECK(what.timeline[0].text == "first");
  CAF_CHECK(what.timeline[1].text == "11");
  CAF_CHECK_EQUAL(what.entries_dropped, 11u);
}

CAF_TEST(everything has a name) {
  for (int i = 0; i <= static_cast<int>(incident_event::closed); ++i) {
    CAF_CHECK(!to_string(static_cast<incident_event>(i)).empty());
  }
  CAF_CHECK_EQUAL(to_string(incident_severity::critical), "critical");
  CAF_CHECK_EQUAL(to_string(incident_kind::prober), "prober");
  CAF_CHECK_EQUAL(to_string(incident_notice::escalated), "escalated");
}

} // namespace incident_suite
