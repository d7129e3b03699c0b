#define CAF_SUITE receiver_setup

#include "xprober/notify/receiver_setup.hpp"

#include "caf/test/unit_test.hpp"

namespace receiver_setup_suite {

using namespace xprober;
using namespace xprober::notify;

CAF_TEST(each receiver has all that it is told with) {
  alerts_config config;
  config.external_url = "http://x";
  config.alertmanagers.resize(1);
  config.alertmanagers[0].url = "http://u:p@am.example/a/";
  config.webhooks.resize(1);
  config.webhooks[0].to.url = "http://h.example/";
  config.webhooks[0].name = "chat";
  config.webhooks[0].body = "{{id}}";
  config.webhooks[0].content_type = "text/plain";
  config.webhooks[0].secret_file = "/s";
  const auto all = receivers_of(config);
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].name, "alertmanager:http://am.example/a");
  CAF_CHECK_EQUAL(all[0].to.url, "http://u:p@am.example/a/api/v2/alerts");
  CAF_CHECK_EQUAL(all[0].section(), "alerts.alertmanagers.");
  CAF_CHECK_EQUAL(all[0].content_type, "application/json");
  CAF_CHECK_EQUAL(all[1].name, "webhook:chat");
  CAF_CHECK_EQUAL(all[1].to.url, "http://h.example/");
  CAF_CHECK_EQUAL(all[1].section(), "alerts.webhooks.");
  CAF_CHECK_EQUAL(all[1].body, "{{id}}");
  CAF_CHECK_EQUAL(all[1].content_type, "text/plain");
  CAF_CHECK_EQUAL(all[1].external_url, "http://x");
}

CAF_TEST(the order of receivers is none of their names) {
  alerts_config one;
  one.webhooks.resize(2);
  one.webhooks[0].to.url = "http://a.example/";
  one.webhooks[1].to.url = "http://b.example/";
  auto other = one;
  std::swap(other.webhooks[0], other.webhooks[1]);
  CAF_CHECK(receivers_of(one)[0] == receivers_of(other)[1]);
}

} // namespace receiver_setup_suite
