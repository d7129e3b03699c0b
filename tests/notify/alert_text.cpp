#define CAF_SUITE alert_text

#include "xprober/notify/alert_text.hpp"

#include "notify/sample.hpp"

#include "caf/test/unit_test.hpp"

namespace alert_text_suite {

using namespace xprober;
using namespace xprober::notify;
using xprober::test::at_seconds;
using xprober::test::sample_incident;

CAF_TEST(a description has the sentence and the counts and the time) {
  auto what = sample_incident();
  CAF_CHECK_EQUAL(description(what),
                  "target db.example: 37 of 40 sources fail to reach it (refused). connect to "
                  "192.0.2.1:5432: refused. Affected: 37 of 40 sources, 1 of 12 targets. Since "
                  "2026-01-02T03:04:05Z.");
  what.detail.clear();
  what.sources = {};
  what.targets = {2, 0, {}};
  what.closed = at_seconds(60);
  CAF_CHECK_EQUAL(description(what),
                  "target db.example: 37 of 40 sources fail to reach it (refused). Affected: "
                  "2 targets. Since 2026-01-02T03:04:05Z until 2026-01-02T03:05:05Z.");
}

CAF_TEST(what became a part of another incident is not told to have ended) {
  auto what = sample_incident();
  what.detail.clear();
  what.closed = at_seconds(60);
  what.merged_into = 9;
  CAF_CHECK_EQUAL(description(what),
                  "target db.example: 37 of 40 sources fail to reach it (refused). Affected: 37 of "
                  "40 sources, 1 of 12 targets. Since 2026-01-02T03:04:05Z until "
                  "2026-01-02T03:05:05Z. It has not ended: it is part of incident 9 from then on.");
}

CAF_TEST(a description counts regions where agents probe each other) {
  auto what = sample_incident();
  what.detail.clear();
  what.summary = "paths from 3 regions to fra: 3 of 3 pairs fail";
  what.ends = incident_ends::regions;
  what.sources = {3, 30, {}};
  what.targets = {1, 30, {}};
  CAF_CHECK_EQUAL(description(what),
                  "paths from 3 regions to fra: 3 of 3 pairs fail. Affected: 3 of 30 regions as "
                  "sources, 1 of 30 regions as targets. Since 2026-01-02T03:04:05Z.");
  what.sources = what.targets = {1, 30, {"fra"}}; // dark
  CAF_CHECK_EQUAL(
      description(what),
      "paths from 3 regions to fra: 3 of 3 pairs fail. Affected: 1 of 30 regions. Since "
      "2026-01-02T03:04:05Z.");
  what.ends = incident_ends::agents;
  what.sources = what.targets = {1, 2, {"fra 10.0.0.1"}};
  CAF_CHECK(description(what).find("Affected: 1 of 2 agents.") != std::string::npos);
}

CAF_TEST(an incident has a page where the server has an address) {
  const auto what = sample_incident();
  CAF_CHECK_EQUAL(incident_url("", what), "");
  CAF_CHECK_EQUAL(incident_url("http://a/b/", what), "http://a/b/incident/7");
}

CAF_TEST(the severity that is told is the one that receivers know) {
  auto what = sample_incident();
  CAF_CHECK(told_severity(what) == incident_severity::critical);
  what.told = incident_severity::warning;
  CAF_CHECK(told_severity(what) == incident_severity::warning);
  what.told.reset();
  CAF_CHECK(told_severity(what) == incident_severity::critical);
}

} // namespace alert_text_suite
