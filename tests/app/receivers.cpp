#define CAF_SUITE receivers

#include "xprober/app/receivers.hpp"

#include <caf/test/dsl.hpp>

namespace receivers_suite {

using namespace xprober;

CAF_TEST(the history and each receiver of remote write read the journal) {
  server_config config;
  config.remote_write.emplace_back().url = "http://u:p@a.example/write";
  CAF_CHECK_EQUAL(app::readers_of(config, false).readers.size(), 1u);
  const auto both = app::readers_of(config, true);
  CAF_REQUIRE_EQUAL(both.readers.size(), 2u);
  CAF_CHECK_EQUAL(both.readers[1].name, "http://a.example/write");
}

CAF_TEST(incidents are opened and told as the configuration says) {
  alerts_config config;
  config.results = 7;
  config.labels = {{"site", "fra"}};
  config.webhooks.resize(1);
  config.webhooks[0].name = "chat";
  config.alertmanagers.resize(1);
  config.alertmanagers[0].url = "http://am.example:9093/";
  const auto rules = app::rules_of(config, {});
  CAF_CHECK_EQUAL(rules.results, 7u);
  CAF_CHECK(rules.labels == (std::vector<incident_label>{{"site", "fra"}}));
  CAF_CHECK(rules.receivers ==
            (std::vector<std::string>{"alertmanager:http://am.example:9093", "webhook:chat"}));
}

CAF_TEST(a file that a receiver needs and that is not there is named) {
  server_config config;
  CAF_CHECK_EQUAL(app::receivers_problem(config), "");
  config.alerts.webhooks.resize(1);
  config.alerts.webhooks[0].to.url = "http://127.0.0.1:1/";
  config.alerts.webhooks[0].secret_file = "/nonexistent/secret";
  CAF_CHECK(app::receivers_problem(config).starts_with(
      "alerts.webhooks.secret_file: /nonexistent/secret: "));
}

} // namespace receivers_suite
