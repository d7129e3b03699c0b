#include "xprober/notify/webhook_json.hpp"

#include "xprober/notify/alert_text.hpp"
#include "xprober/notify/incident_json.hpp"

namespace xprober::notify {

json webhook_json(const storage::queued_notice& notice, wall_time now,
                  std::string_view external_url) {
  json out = json::object();
  out["version"] = webhook_version;
  out["event"] = to_string(notice.notice);
  out["id"] = notice.what.id;
  out["sequence"] = notice.sequence;
  out["sent_unix"] = to_unix_seconds(now);
  out["external_url"] = external_url;
  out["url"] = incident_url(external_url, notice.what);
  out["incident"] = incident_json(notice.what);
  return out;
}

std::string idempotency_key(const storage::queued_notice& notice) {
  return std::to_string(notice.what.id) + "-" + std::to_string(notice.sequence);
}

} // namespace xprober::notify
