#include "xprober/app/receivers.hpp"

#include "xprober/actors/server/history.hpp"
#include "xprober/domain/history/history.hpp"
#include "xprober/notify/engine.hpp"
#include "xprober/remote_write/sender.hpp"

namespace xprober::app {

journal_readers readers_of(const server_config& config, bool history) {
  journal_readers all;
  if (history) {
    all.readers.push_back({std::string{history_reader}, history_queue_bytes});
  }
  for (const auto& receiver : config.remote_write) {
    all.readers.push_back({remote_write::queue_name(receiver), receiver.queue_max_bytes});
  }
  return all;
}

watch_series watch_of(const server_config& config, const journal_actor& journal) {
  return {config.remote_write.empty() ? caf::actor{} : caf::actor_cast<caf::actor>(journal)};
}

incident_rules rules_of(const alerts_config& alerts, const status_config& status) {
  incident_rules rules;
  if (status.enabled) {
    rules.groups = status.groups;
  }
  rules.results = alerts.results;
  rules.labels.assign(alerts.labels.begin(), alerts.labels.end());
  rules.receivers = notify::engine::receivers(alerts);
  return rules;
}

std::string receivers_problem(const server_config& config) {
  const auto problem = remote_write::engine::check(config.remote_write);
  return problem.empty() ? notify::engine::check(config.alerts) : problem;
}

} // namespace xprober::app
