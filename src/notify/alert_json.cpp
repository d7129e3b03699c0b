#include "xprober/notify/alert_json.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "xprober/domain/label_text.hpp"
#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/notify/alert_text.hpp"

namespace xprober::notify {

namespace {

json alert_labels(const incident& what, incident_severity severity) {
  std::map<std::string, std::string> labels{
      {"alertname", std::string{alert_name(what)}},
      {"incident", std::to_string(what.id)},
      {"severity", std::string{to_string(severity)}},
  };
  if (!what.probe_type.empty()) {
    labels.emplace("probe_type", what.probe_type);
  }
  for (const auto& [name, value] : what.labels) {
    if (is_label_name(name) && is_utf8(value) && !value.empty()) {
      labels.emplace(name, value);
    }
  }
  json out = json::object();
  for (const auto& [name, value] : labels) {
    out[name] = value;
  }
  return out;
}

json alert_annotations(const incident& what) {
  json out = json::object();
  out["summary"] = what.summary;
  out["description"] = description(what);
  if (!what.certificate.empty()) {
    out["certificate"] = what.certificate;
  }
  return out;
}

/// Alerts by what they are known by, the newest of each.
class alert_set {
public:
  explicit alert_set(std::string_view external_url) : external_url_(external_url) {}

  void put(const incident& what, incident_severity severity, wall_time ends) {
    alerts_[{what.id, severity}] = alert_json(what, severity, ends, external_url_);
  }

  json take() {
    json out = json::array();
    for (auto& [key, alert] : alerts_) {
      out.push_back(std::move(alert));
    }
    return out;
  }

private:
  std::string_view external_url_;
  std::map<std::pair<std::uint64_t, incident_severity>, json> alerts_;
};

} // namespace

json alert_json(const incident& what, incident_severity severity, wall_time ends,
                std::string_view external_url) {
  json out = json::object();
  out["labels"] = alert_labels(what, severity);
  out["annotations"] = alert_annotations(what);
  out["startsAt"] = rfc3339(what.opened);
  // Alertmanager refuses one that ends before it begins.
  out["endsAt"] = rfc3339(std::max(ends, what.opened));
  if (const auto url = incident_url(external_url, what); !url.empty()) {
    out["generatorURL"] = url;
  }
  return out;
}

json alerts_of(std::span<const storage::queued_notice> notices, wall_time now,
               std::string_view external_url) {
  alert_set alerts{external_url};
  for (const auto& notice : notices) {
    const auto& what = notice.what;
    const auto severity = told_severity(what);
    if (notice.notice == incident_notice::escalated) {
      // Those below that nobody knew are as good as ended.
      for (const auto lower : {incident_severity::info, incident_severity::warning}) {
        const bool possible = lower != incident_severity::info || !what.certificate.empty();
        if (possible && lower < severity) {
          alerts.put(what, lower, notice.at);
        }
      }
    }
    const bool over = notice.notice == incident_notice::closed;
    alerts.put(what, severity, over ? what.closed.value_or(notice.at) : now + alert_lease);
  }
  return alerts.take();
}

json alerts_of(std::span<const incident> open, wall_time now, std::string_view external_url) {
  alert_set alerts{external_url};
  for (const auto& what : open) {
    if (what.told && what.open()) {
      alerts.put(what, *what.told, now + alert_lease);
    }
  }
  return alerts.take();
}

} // namespace xprober::notify
