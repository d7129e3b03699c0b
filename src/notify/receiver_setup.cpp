#include "xprober/notify/receiver_setup.hpp"

#include "xprober/domain/alert_receivers.hpp"

namespace xprober::notify {

std::string receiver_setup::section() const {
  return form == receiver_form::alertmanager ? "alerts.alertmanagers." : "alerts.webhooks.";
}

std::vector<receiver_setup> receivers_of(const alerts_config& config) {
  std::vector<receiver_setup> all;
  for (const auto& alertmanager : config.alertmanagers) {
    receiver_setup setup;
    setup.name = receiver_name(alertmanager);
    setup.form = receiver_form::alertmanager;
    setup.to = alertmanager;
    while (setup.to.url.ends_with('/')) {
      setup.to.url.pop_back();
    }
    setup.to.url += "/api/v2/alerts";
    setup.content_type = "application/json";
    setup.external_url = config.external_url;
    all.push_back(std::move(setup));
  }
  for (const auto& webhook : config.webhooks) {
    receiver_setup setup;
    setup.name = receiver_name(webhook);
    setup.to = webhook.to;
    setup.secret_file = webhook.secret_file;
    setup.body = webhook.body;
    setup.content_type = webhook.content_type;
    setup.external_url = config.external_url;
    all.push_back(std::move(setup));
  }
  return all;
}

} // namespace xprober::notify
