#pragma once

#include <chrono>
#include <cstdint>

#include "xprober/verdict/incident.hpp"
#include "xprober/verdict/mute.hpp"

namespace xprober::test {

inline constexpr xprober::wall_time incident_noon{std::chrono::seconds{1'767'268'800}};

/// Every field is set, and none has the value that it has by itself.
inline xprober::incident sample_incident(std::uint64_t id) {
  using namespace xprober;
  using namespace std::chrono_literals;
  incident what;
  what.id = id;
  what.kind = incident_kind::source;
  what.severity = incident_severity::critical;
  what.summary = "source region-" + std::to_string(id) + ": it fails to reach 9 of 9 targets";
  what.opened = incident_noon;
  what.closed = incident_noon + 5min;
  what.probe_type = "icmp";
  what.reason = "timeout";
  what.phase = "connect";
  what.detail = "nothing came within 3 s";
  what.sources = {1, 10, {"region-1"}};
  what.targets = {9, 9, {"region-2", "region-3"}};
  what.ends = incident_ends::regions;
  what.labels = {{"region", "region-1"}, {"team", "net"}};
  what.flapping = true;
  what.acknowledged = acknowledgement{"ada", "on it", incident_noon + 1min};
  what.certificate = "aa:bb";
  what.merged_into = 99;
  what.told = incident_severity::warning;
  what.entries_dropped = 3;
  what.pairs = true;
  what.source_keys = {1, 0xFFFFFFFFFFFFFFFFU};
  what.target_keys = {2};
  what.penalty = {1234.5, incident_noon};
  what.note(incident_noon, incident_event::opened, "begun");
  what.note(incident_noon + 5min, incident_event::closed);
  return what;
}

/// One that is open and was just opened, with the notice of it.
inline xprober::incident_change opening(std::uint64_t id) {
  auto what = sample_incident(id);
  what.closed.reset();
  what.merged_into = 0;
  return {what, {xprober::incident_event::opened}, xprober::incident_notice::opened};
}

inline xprober::incident_change closing(std::uint64_t id, xprober::wall_time at) {
  auto what = sample_incident(id);
  what.closed = at;
  return {what, {xprober::incident_event::closed}, xprober::incident_notice::closed};
}

inline xprober::mute sample_mute() {
  using namespace std::chrono_literals;
  return {3,
          {{"team", "net"}, {"target", "*.example"}},
          incident_noon,
          incident_noon + 1h,
          "ada",
          "maintenance"};
}

} // namespace xprober::test
