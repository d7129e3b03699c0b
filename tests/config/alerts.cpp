#define CAF_SUITE alerts

#include "xprober/config/load.hpp"

#include <algorithm>

#include "caf/test/unit_test.hpp"

namespace alerts_suite {

using namespace xprober;
using namespace xprober::config;

namespace {

std::string problems_of_alerts(std::string_view text) {
  return to_string(parse_server(text, "s.yaml").problems);
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(every key of the alerts is read) {
  const auto read = parse_server(R"(alerts:
  for: 5
  alertmanagers:
    - http://am.example:9093
    - {url: "https://u:p@am2.example/x", headers: {X-Org: me}, bearer_token_file: /t, ca_file: /ca,
       cert_file: /c, key_file: /k, insecure_skip_verify: true}
  webhooks:
    - https://hooks.example/a
    - {url: "https://hooks.example/b", name: chat, secret_file: /s, content_type: text/plain,
       body: "{{severity}}: {{summary}} of {{labels.team}}"}
  external_url: https://xprober.example/x
  labels: {site: fra}
)",
                                 "s.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  alerts_config wanted;
  wanted.results = 5;
  alert_receiver_config plain;
  plain.url = "http://am.example:9093";
  const alert_receiver_config secured{
      "https://u:p@am2.example/x", {{"X-Org", "me"}}, "/t", "/ca", "/c", "/k", true};
  wanted.alertmanagers = {plain, secured};
  wanted.webhooks.resize(2);
  wanted.webhooks[0].to.url = "https://hooks.example/a";
  wanted.webhooks[1].to.url = "https://hooks.example/b";
  wanted.webhooks[1].name = "chat";
  wanted.webhooks[1].secret_file = "/s";
  wanted.webhooks[1].content_type = "text/plain";
  wanted.webhooks[1].body = "{{severity}}: {{summary}} of {{labels.team}}";
  wanted.external_url = "https://xprober.example/x";
  wanted.labels = {{"site", "fra"}};
  CAF_CHECK(read.value.alerts == wanted);
}

CAF_TEST(a body may be JSON with fields in texts and for numbers) {
  const auto read = parse_server(R"(alerts:
  webhooks:
    - url: https://hooks.example/a
      body: '{"text": "{{ summary }}", "n": {{sources}}}'
)",
                                 "s.yaml");
  CAF_CHECK_EQUAL(to_string(read.problems), "");
}

CAF_TEST(wrong alerts are named with file and line and key) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"alerts: 5", "s.yaml:1: alerts: is a single value"},
      {"alerts: {for: 0}", "s.yaml:1: alerts.for: '0' is not allowed; allowed is a whole number "
                           "from 1 to 20"},
      {"alerts: {for: 21}", "alerts.for: '21' is not allowed"},
      {"alerts: {fro: 3}", "alerts.fro: is not a known key"},
      {"alerts: {alertmanagers: {a: b}}", "alerts.alertmanagers: is a section of keys"},
      {"alerts: {alertmanagers: [9093]}", "alerts.alertmanagers[0]: is not a receiver: "},
      {"alerts: {alertmanagers: [ftp://a/]}", "is not a receiver: the scheme is ftp"},
      {"alerts: {alertmanagers: [{ca_file: /c}]}", "alerts.alertmanagers[0].url: is missing"},
      {"alerts: {alertmanagers: [http://a, http://a/]}",
       "alerts.alertmanagers[1]: is named before"},
      {"alerts:\n  webhooks:\n    - {url: http://a, cert_file: /c}",
       "s.yaml:3: alerts.webhooks[0].cert_file: stands alone"},
      {"alerts: {webhooks: [{url: http://a, headers: {Content-Type: x}}]}",
       "alerts.webhooks[0].headers: 'Content-Type' is not a header here"},
      {"alerts: {webhooks: [{url: http://a, headers: {X-Xprober-Signature: x}}]}",
       "is set by the server itself"},
      {"alerts: {webhooks: [{url: http://a, headers: {authorization: x}, bearer_token_file: /t}]}",
       "alerts.webhooks[0].bearer_token_file: stands beside a header Authorization"},
      {"alerts: {webhooks: [{url: http://a, content_type: json}]}",
       "alerts.webhooks[0].content_type: 'json' is not a content type"},
      {"alerts: {webhooks: [{url: http://a, name: x}, {url: http://b, name: x}]}",
       "alerts.webhooks[1]: is named before"},
      {"alerts: {webhooks: [{url: http://a, body: '{{sumary}}', content_type: text/plain}]}",
       "alerts.webhooks[0].body: '{{sumary}}' is not a field; allowed are id, "},
      {"alerts: {webhooks: [{url: http://a, body: '{{labels.a-b}}', content_type: text/plain}]}",
       "'{{labels.a-b}}' is not a field"},
      {"alerts: {webhooks: [{url: http://a, body: '{{summary', content_type: text/plain}]}",
       "alerts.webhooks[0].body: a field has no end"},
      {"alerts: {webhooks: [{url: http://a, body: 'x {{summary}}'}]}",
       "alerts.webhooks[0].body: is not JSON once its fields are filled in"},
      {"alerts: {webhooks: [{url: http://a, body: '{\"id\": {{id}}, \"text\": {{summary}}}'}]}",
       "alerts.webhooks[0].body: is not JSON once its fields are filled in"},
      {"alerts: {external_url: ftp://a}", "alerts.external_url: 'ftp://a' is not this server's"},
      {"alerts: {external_url: http://u@a/}", "it has a user"},
      {"alerts: {external_url: 'http://a/?b'}", "it has a query or a fragment"},
      {"alerts: {labels: {a-b: c}}", "alerts.labels: 'a-b' is not a label name"},
      {"alerts: {labels: {severity: c}}", "'severity' is set by the server itself"},
  };
  for (const auto& [text, expected] : cases) {
    const auto found = problems_of_alerts(text);
    CAF_MESSAGE(found);
    CAF_CHECK(holds(found, expected));
    CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 1);
  }
}

CAF_TEST(a url that may hold a secret is in no message) {
  const auto found = problems_of_alerts("alerts: {webhooks: [{url: 'ftp://u:secret@a/secret'}]}");
  CAF_CHECK(!holds(found, "secret"));
}

} // namespace alerts_suite
