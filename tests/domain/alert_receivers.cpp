#define CAF_SUITE alert_receivers

#include "xprober/domain/alert_receivers.hpp"

#include "caf/test/unit_test.hpp"

namespace alert_receivers_suite {

using namespace xprober;

namespace {

std::string alertmanager(std::string url) {
  alert_receiver_config config;
  config.url = std::move(url);
  return receiver_name(config);
}

std::string webhook(std::string url, std::string name = "") {
  webhook_config config;
  config.to.url = std::move(url);
  config.name = std::move(name);
  return receiver_name(config);
}

} // namespace

CAF_TEST(an alertmanager is known by its url without the user) {
  CAF_CHECK_EQUAL(alertmanager("http://am.example:9093"), "alertmanager:http://am.example:9093");
  CAF_CHECK_EQUAL(alertmanager("http://u:p@am.example/x/"), "alertmanager:http://am.example/x");
}

CAF_TEST(a webhook is known by its name or its server and a hash) {
  CAF_CHECK_EQUAL(webhook("http://a.example/secret", "chat"), "webhook:chat");
  const auto name = webhook("https://hooks.example/services/T0/secret");
  CAF_CHECK(name.starts_with("webhook:https://hooks.example:443#"));
  CAF_CHECK_EQUAL(name.size(), std::string{"webhook:https://hooks.example:443#01234567"}.size());
  CAF_CHECK(name.find("secret") == std::string::npos);
  CAF_CHECK(name != webhook("https://hooks.example/services/T1/secret"));
  // Another password is no other receiver.
  CAF_CHECK_EQUAL(name, webhook("https://u:p@hooks.example/services/T0/secret"));
}

CAF_TEST(types of JSON are known) {
  for (const auto* type : {"application/json", "Application/JSON; charset=utf-8", "a/b+json"}) {
    CAF_CHECK(is_json_type(type));
  }
  for (const auto* type : {"text/plain", "json", "", "application/jsonl", "x/notjson"}) {
    CAF_CHECK(!is_json_type(type));
  }
}

} // namespace alert_receivers_suite
