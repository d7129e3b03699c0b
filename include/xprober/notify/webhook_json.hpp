#pragma once

#include <string>
#include <string_view>

#include "xprober/domain/clock.hpp"
#include "xprober/notify/json.hpp"
#include "xprober/storage/incident_file.hpp"

namespace xprober::notify {

/// The form of `webhook_json`; another number where a receiver has to read it in another way.
inline constexpr int webhook_version = 1;

/// What a webhook without a body of its own is sent: {version, event, id, sequence, sent_unix,
/// external_url, url, incident}. `event` is opened, escalated or closed, `id` the incident's.
json webhook_json(const storage::queued_notice& notice, wall_time now,
                  std::string_view external_url);

/// By what a receiver knows a notice that comes again: the header Idempotency-Key, "ID-SEQUENCE".
std::string idempotency_key(const storage::queued_notice& notice);

} // namespace xprober::notify
