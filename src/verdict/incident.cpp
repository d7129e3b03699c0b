#include "xprober/verdict/incident.hpp"

#include <algorithm>

namespace xprober {

std::string_view to_string(incident_kind kind) noexcept {
  switch (kind) {
  case incident_kind::target: return "target";
  case incident_kind::source: return "source";
  case incident_kind::path: return "path";
  case incident_kind::prober: return "prober";
  }
  return "";
}

std::string_view to_string(incident_severity severity) noexcept {
  switch (severity) {
  case incident_severity::info: return "info";
  case incident_severity::warning: return "warning";
  case incident_severity::critical: return "critical";
  }
  return "";
}

std::string_view to_string(incident_event event) noexcept {
  switch (event) {
  case incident_event::opened: return "opened";
  case incident_event::grew: return "grew";
  case incident_event::shrank: return "shrank";
  case incident_event::reason: return "reason";
  case incident_event::escalated: return "escalated";
  case incident_event::absorbed: return "absorbed";
  case incident_event::merged: return "merged";
  case incident_event::flapping: return "flapping";
  case incident_event::calm: return "calm";
  case incident_event::acknowledged: return "acknowledged";
  case incident_event::closed: return "closed";
  }
  return "";
}

std::string_view to_string(incident_notice notice) noexcept {
  switch (notice) {
  case incident_notice::opened: return "opened";
  case incident_notice::escalated: return "escalated";
  case incident_notice::closed: return "closed";
  }
  return "";
}

std::string_view to_string(incident_ends ends) noexcept {
  switch (ends) {
  case incident_ends::sources_and_targets: return "sources_and_targets";
  case incident_ends::regions: return "regions";
  case incident_ends::agents: return "agents";
  }
  return "";
}

void incident::note(wall_time at, incident_event event, std::string text) {
  if (timeline.size() >= most_entries) {
    timeline.erase(timeline.begin() + 1);
    ++entries_dropped;
  }
  timeline.push_back({at, event, sources.affected, targets.affected, std::move(text)});
}

std::string_view alert_name(const incident& of) noexcept {
  if (!of.certificate.empty()) {
    return "XproberCertificate";
  }
  switch (of.kind) {
  case incident_kind::target: return "XproberTarget";
  case incident_kind::source: return "XproberSource";
  case incident_kind::path: return "XproberPath";
  case incident_kind::prober: return "XproberProber";
  }
  return "";
}

bool incident_change::has(incident_event event) const noexcept {
  return std::find(events.begin(), events.end(), event) != events.end();
}

} // namespace xprober
