#define CAF_SUITE webhook_json

#include "xprober/notify/webhook_json.hpp"

#include "notify/sample.hpp"
#include "xprober/notify/incident_json.hpp"

#include "caf/test/unit_test.hpp"

namespace webhook_json_suite {

using namespace xprober;
using namespace xprober::notify;
using xprober::test::at_seconds;
using xprober::test::sample_incident;
using xprober::test::sample_notice;

CAF_TEST(a webhook is told what has happened to which incident) {
  const auto out = webhook_json(sample_notice(incident_notice::closed), at_seconds(61), "http://a");
  CAF_CHECK_EQUAL(out.at("version").get<int>(), 1);
  CAF_CHECK_EQUAL(out.at("event").get<std::string>(), "closed");
  CAF_CHECK_EQUAL(out.at("id").get<int>(), 7);
  CAF_CHECK_EQUAL(out.at("sequence").get<int>(), 3);
  CAF_CHECK_EQUAL(out.at("sent_unix").get<std::int64_t>(), test::opened_unix + 61);
  CAF_CHECK_EQUAL(out.at("external_url").get<std::string>(), "http://a");
  CAF_CHECK_EQUAL(out.at("url").get<std::string>(), "http://a/incident/7");
  const auto& incident = out.at("incident");
  CAF_CHECK_EQUAL(incident.at("closed_unix").get<std::int64_t>(), test::opened_unix + 60);
}

CAF_TEST(a notice that comes again has the same key) {
  CAF_CHECK_EQUAL(idempotency_key(sample_notice()), "7-3");
}

CAF_TEST(an incident is told with all that is known of it) {
  CAF_CHECK_EQUAL(
      incident_json(sample_incident()).dump(),
      R"({"id":7,"kind":"target","severity":"critical",)"
      R"x("summary":"target db.example: 37 of 40 sources fail to reach it (refused)",)x"
      R"("opened_unix":1767323045,"closed_unix":null,"probe_type":"tcp","reason":"refused",)"
      R"("phase":"connect","detail":"connect to 192.0.2.1:5432: refused",)"
      R"("sources":{"affected":37,"of":40,"names":["a","b"]},)"
      R"("targets":{"affected":1,"of":12,"names":["db.example"]},)"
      R"("ends":"sources_and_targets",)"
      R"("labels":{"region":"fra","target":"db.example","team":"net \"core\""},)"
      R"("flapping":false,"acknowledged":null,"timeline":[],"certificate":null,"merged_into":null})");
}

CAF_TEST(who looks after an incident and what became of it is told where it is known) {
  auto what = sample_incident();
  what.acknowledged = acknowledgement{"me", "on it", at_seconds(9)};
  what.note(at_seconds(0), incident_event::opened, "text");
  const auto out = incident_json(what);
  CAF_CHECK_EQUAL(out.at("acknowledged").dump(),
                  R"({"by":"me","note":"on it","at_unix":1767323054})");
  CAF_CHECK_EQUAL(
      out.at("timeline").dump(),
      R"([{"at_unix":1767323045,"event":"opened","sources":37,"targets":1,"text":"text"}])");
}

} // namespace webhook_json_suite
