#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "xprober/domain/clock.hpp"
#include "xprober/notify/json.hpp"
#include "xprober/storage/incident_file.hpp"
#include "xprober/verdict/incident.hpp"

// Alerts as Alertmanager takes them: arrays for POST /api/v2/alerts
// (https://github.com/prometheus/alertmanager/blob/v0.25.0/api/v2/openapi.yaml).
//
// An alert is known by its labels. They stay the same over an incident's life but for the severity:
// when it rises, the alert of the old one ends and another one begins.
namespace xprober::notify {

/// How long Alertmanager keeps an open alert that it is not told of again.
inline constexpr std::chrono::minutes alert_lease{4};

/// How often it is told again.
inline constexpr std::chrono::minutes alert_refresh{1};

/// The alert of an incident with a severity, which ends at `ends`. Labels of the incident that have
/// the name of one of the program's own, or none that Alertmanager takes, are left out.
json alert_json(const incident& what, incident_severity severity, wall_time ends,
                std::string_view external_url);

/// What to tell of notices, in their order: each alert once, as it is after the last of them.
json alerts_of(std::span<const storage::queued_notice> notices, wall_time now,
               std::string_view external_url);

/// What to tell again: all of `open` that receivers know of, with the severity that they know. Also
/// what is muted: Alertmanager would take its silence for the end of the incident.
json alerts_of(std::span<const incident> open, wall_time now, std::string_view external_url);

} // namespace xprober::notify
