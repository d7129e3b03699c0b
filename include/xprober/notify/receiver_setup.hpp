#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "xprober/domain/config.hpp"

namespace xprober::notify {

enum class receiver_form : std::uint8_t { alertmanager, webhook };

/// All that one receiver is told with. One that is equal to another goes on as it is.
struct receiver_setup {
  std::string name; ///< of its queue
  receiver_form form = receiver_form::webhook;
  alert_receiver_config to; ///< with the whole URL that requests go to
  std::string secret_file;
  std::string body; ///< empty: the whole incident
  std::string content_type;
  std::string external_url;

  /// In front of a key's name in messages, e.g. "alerts.webhooks.".
  std::string section() const;

  bool operator==(const receiver_setup&) const = default;
};

/// All that a configuration names: Alertmanagers, then webhooks.
std::vector<receiver_setup> receivers_of(const alerts_config& config);

} // namespace xprober::notify
