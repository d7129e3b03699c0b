#include "xprober/notify/incident_json.hpp"

namespace xprober::notify {

namespace {

json side_json(const incident_side& side) {
  return {{"affected", side.affected}, {"of", side.of}, {"names", side.names}};
}

json labels_json(const std::vector<incident_label>& labels) {
  json out = json::object();
  for (const auto& [name, value] : labels) {
    out[name] = value;
  }
  return out;
}

json acknowledged_json(const std::optional<acknowledgement>& by) {
  if (!by) {
    return nullptr;
  }
  return {{"by", by->by}, {"note", by->note}, {"at_unix", to_unix_seconds(by->at)}};
}

json timeline_json(const std::vector<timeline_entry>& timeline) {
  json out = json::array();
  for (const auto& entry : timeline) {
    out.push_back({{"at_unix", to_unix_seconds(entry.at)},
                   {"event", to_string(entry.event)},
                   {"sources", entry.sources},
                   {"targets", entry.targets},
                   {"text", entry.text}});
  }
  return out;
}

} // namespace

json incident_json(const incident& what) {
  json out = json::object();
  out["id"] = what.id;
  out["kind"] = to_string(what.kind);
  out["severity"] = to_string(what.severity);
  out["summary"] = what.summary;
  out["opened_unix"] = to_unix_seconds(what.opened);
  out["closed_unix"] = nullptr;
  if (what.closed) {
    out["closed_unix"] = to_unix_seconds(*what.closed);
  }
  out["probe_type"] = what.probe_type;
  out["reason"] = what.reason;
  out["phase"] = what.phase;
  out["detail"] = what.detail;
  out["sources"] = side_json(what.sources);
  out["targets"] = side_json(what.targets);
  out["ends"] = to_string(what.ends);
  out["labels"] = labels_json(what.labels);
  out["flapping"] = what.flapping;
  out["acknowledged"] = acknowledged_json(what.acknowledged);
  out["timeline"] = timeline_json(what.timeline);
  out["certificate"] = what.certificate.empty() ? json(nullptr) : json(what.certificate);
  out["merged_into"] = what.merged_into == 0 ? json(nullptr) : json(what.merged_into);
  return out;
}

} // namespace xprober::notify
