#define CAF_SUITE alert_json

#include "xprober/notify/alert_json.hpp"

#include <vector>

#include "notify/sample.hpp"

#include "caf/test/unit_test.hpp"

namespace alert_json_suite {

using namespace xprober;
using namespace xprober::notify;
using xprober::test::at_seconds;
using xprober::test::sample_incident;
using xprober::test::sample_notice;

namespace {

constexpr std::string_view home = "https://x.example/";

std::string text_of(const json& alerts, std::size_t i, const std::string& key) {
  return alerts.at(i).at(key).get<std::string>();
}

std::string severity_of_alert(const json& alerts, std::size_t i) {
  return alerts.at(i).at("labels").at("severity").get<std::string>();
}

} // namespace

CAF_TEST(an alert has what the incident is known by and what people want to read) {
  const auto alert =
      alert_json(sample_incident(), incident_severity::critical, at_seconds(240), home);
  CAF_CHECK_EQUAL(alert.at("labels").dump(),
                  R"({"alertname":"XproberTarget","incident":"7","probe_type":"tcp",)"
                  R"("region":"fra","severity":"critical","target":"db.example",)"
                  R"("team":"net \"core\""})");
  CAF_CHECK_EQUAL(alert.at("annotations").at("summary").get<std::string>(),
                  "target db.example: 37 of 40 sources fail to reach it (refused)");
  CAF_CHECK(!alert.at("annotations").at("description").get<std::string>().empty());
  CAF_CHECK_EQUAL(alert.at("startsAt").get<std::string>(), "2026-01-02T03:04:05.000Z");
  CAF_CHECK_EQUAL(alert.at("endsAt").get<std::string>(), "2026-01-02T03:08:05.000Z");
  CAF_CHECK_EQUAL(alert.at("generatorURL").get<std::string>(), "https://x.example/incident/7");
}

CAF_TEST(labels of the incident hide none of the own and are all that is taken) {
  auto what = sample_incident();
  what.labels = {{"alertname", "x"}, {"severity", "x"}, {"a-b", "x"}, {"empty", ""}, {"ok", "y"}};
  const auto alert = alert_json(what, incident_severity::warning, at_seconds(1), "");
  CAF_CHECK_EQUAL(alert.at("labels").dump(),
                  R"({"alertname":"XproberTarget","incident":"7","ok":"y","probe_type":"tcp",)"
                  R"("severity":"warning"})");
  CAF_CHECK(!alert.contains("generatorURL"));
}

CAF_TEST(an alert never ends before it begins) {
  const auto alert = alert_json(sample_incident(), incident_severity::critical, at_seconds(-9), "");
  CAF_CHECK(alert.at("startsAt") == alert.at("endsAt"));
}

CAF_TEST(an open incident is an alert for some minutes and a closed one has ended) {
  const std::vector<storage::queued_notice> opened{sample_notice()};
  const auto first = alerts_of(opened, at_seconds(60), home);
  CAF_REQUIRE_EQUAL(first.size(), 1u);
  CAF_CHECK_EQUAL(text_of(first, 0, "endsAt"), "2026-01-02T03:09:05.000Z");
  const std::vector<storage::queued_notice> closed{sample_notice(incident_notice::closed)};
  const auto last = alerts_of(closed, at_seconds(600), home);
  CAF_REQUIRE_EQUAL(last.size(), 1u);
  CAF_CHECK_EQUAL(text_of(last, 0, "endsAt"), "2026-01-02T03:05:05.000Z");
  CAF_CHECK(first.at(0).at("labels") == last.at(0).at("labels"));
}

CAF_TEST(when the severity rises the old alert ends and another begins) {
  const std::vector<storage::queued_notice> risen{sample_notice(incident_notice::escalated)};
  const auto alerts = alerts_of(risen, at_seconds(61), home);
  CAF_REQUIRE_EQUAL(alerts.size(), 2u);
  CAF_CHECK_EQUAL(severity_of_alert(alerts, 0), "warning");
  CAF_CHECK_EQUAL(text_of(alerts, 0, "endsAt"), "2026-01-02T03:05:05.000Z");
  CAF_CHECK_EQUAL(severity_of_alert(alerts, 1), "critical");
  CAF_CHECK_EQUAL(text_of(alerts, 1, "endsAt"), "2026-01-02T03:09:06.000Z");
}

CAF_TEST(a severity that was muted is not that of the alert) {
  auto notice = sample_notice(incident_notice::closed);
  notice.what.told = incident_severity::warning;
  const std::vector<storage::queued_notice> closed{notice};
  CAF_CHECK_EQUAL(severity_of_alert(alerts_of(closed, at_seconds(60), home), 0), "warning");
}

CAF_TEST(of notices that waited only the last of an alert is told) {
  const std::vector<storage::queued_notice> waited{sample_notice(),
                                                   sample_notice(incident_notice::closed, 4)};
  const auto alerts = alerts_of(waited, at_seconds(600), home);
  CAF_REQUIRE_EQUAL(alerts.size(), 1u);
  CAF_CHECK_EQUAL(text_of(alerts, 0, "endsAt"), "2026-01-02T03:05:05.000Z");
}

CAF_TEST(what is told again are open incidents that are known) {
  auto unknown = sample_incident(8);
  unknown.told.reset();
  auto closed = sample_incident(10);
  closed.closed = at_seconds(5);
  const std::vector<incident> open{sample_incident(), unknown, closed};
  const auto alerts = alerts_of(open, at_seconds(60), home);
  CAF_REQUIRE_EQUAL(alerts.size(), 1u);
  CAF_CHECK_EQUAL(text_of(alerts, 0, "endsAt"), "2026-01-02T03:09:05.000Z");
}

CAF_TEST(what is told again has the severity that was told) {
  auto risen = sample_incident();
  risen.severity = incident_severity::critical;
  risen.told = incident_severity::warning; // the rise is muted
  const std::vector<incident> open{risen};
  const auto alerts = alerts_of(open, at_seconds(60), home);
  CAF_REQUIRE_EQUAL(alerts.size(), 1u);
  CAF_CHECK_EQUAL(severity_of_alert(alerts, 0), "warning");
}

} // namespace alert_json_suite
