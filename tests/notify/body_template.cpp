#define CAF_SUITE body_template

#include "xprober/notify/body_template.hpp"

#include "notify/sample.hpp"
#include "xprober/domain/alert_receivers.hpp"

#include "caf/test/unit_test.hpp"

namespace body_template_suite {

using namespace xprober;
using namespace xprober::notify;
using xprober::test::sample_notice;

namespace {

std::string body(std::string_view text, bool json,
                 incident_notice event = incident_notice::opened) {
  std::string error;
  auto parsed = text_template::parse(text, error);
  CAF_REQUIRE(parsed);
  return body_template{std::move(*parsed), json}.fill(sample_notice(event), "http://a");
}

} // namespace

CAF_TEST(every field that a configuration may name has a value) {
  const auto notice = sample_notice();
  for (const auto name : alert_fields) {
    CAF_MESSAGE(name);
    CAF_CHECK(field_value(name, notice, "").has_value());
  }
  CAF_CHECK(!field_value("sumary", notice, ""));
}

CAF_TEST(a body says of an incident what it names) {
  CAF_CHECK_EQUAL(body("{{severity}} {{event}}: {{reason}} at {{labels.region}}", false),
                  "critical opened: refused at fra");
  CAF_CHECK_EQUAL(body("{{id}} {{sequence}} {{status}} {{action}} {{alertname}}", false),
                  "7 3 firing trigger XproberTarget");
  CAF_CHECK_EQUAL(body("{{status}} {{action}} {{closed}}", false, incident_notice::closed),
                  "resolved resolve 2026-01-02T03:05:05Z");
  CAF_CHECK_EQUAL(body("{{id}} [{{merged_into}}]", false, incident_notice::closed), "7 []");
  auto merged = sample_notice(incident_notice::closed);
  merged.what.merged_into = 9;
  CAF_CHECK_EQUAL(field_value("merged_into", merged, "").value_or("none"), "9");
  CAF_CHECK_EQUAL(body("{{sources}}/{{sources_of}} {{sources_names}} {{targets_names}}", false),
                  "37/40 a, b db.example");
  CAF_CHECK_EQUAL(body("{{url}} {{external_url}} [{{closed}}] {{closed_unix}}", false),
                  "http://a/incident/7 http://a [] null");
  CAF_CHECK_EQUAL(body("{{labels.none}}|{{labels}}", false),
                  "|region=fra, target=db.example, team=net \"core\"");
}

CAF_TEST(in JSON what is filled in cannot end its text) {
  CAF_CHECK_EQUAL(body(R"({"t": "{{labels.team}}"})", true), R"({"t": "net \"core\""})");
  CAF_CHECK_EQUAL(body("{{labels.team}}", false), "net \"core\"");
}

} // namespace body_template_suite
