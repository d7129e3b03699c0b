#pragma once

#include <chrono>

#include "xprober/storage/incident_file.hpp"

namespace xprober::test {

/// 2026-01-02T03:04:05Z.
inline constexpr std::int64_t opened_unix = 1767323045;

inline wall_time at_seconds(std::int64_t after_opening) {
  return wall_time{std::chrono::seconds{opened_unix + after_opening}};
}

/// A target that nearly nobody reaches; its alert is told.
inline incident sample_incident(std::uint64_t id = 7) {
  incident what;
  what.id = id;
  what.kind = incident_kind::target;
  what.severity = incident_severity::critical;
  what.summary = "target db.example: 37 of 40 sources fail to reach it (refused)";
  what.opened = at_seconds(0);
  what.probe_type = "tcp";
  what.reason = "refused";
  what.phase = "connect";
  what.detail = "connect to 192.0.2.1:5432: refused";
  what.sources = {37, 40, {"a", "b"}};
  what.targets = {1, 12, {"db.example"}};
  what.labels = {{"region", "fra"}, {"target", "db.example"}, {"team", "net \"core\""}};
  what.told = incident_severity::critical;
  return what;
}

inline storage::queued_notice sample_notice(incident_notice event = incident_notice::opened,
                                            std::uint64_t sequence = 3) {
  storage::queued_notice notice;
  notice.sequence = sequence;
  notice.notice = event;
  notice.what = sample_incident();
  notice.at = at_seconds(60);
  if (event == incident_notice::closed) {
    notice.what.closed = at_seconds(60);
  }
  return notice;
}

} // namespace xprober::test
