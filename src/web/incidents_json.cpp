#include "xprober/web/incidents_json.hpp"

#include <algorithm>
#include <utility>

#include "xprober/notify/incident_json.hpp"
#include "xprober/web/incident_requests.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

namespace {

json whole_incident(const incident& what, std::span<const mute> mutes, wall_time now) {
  auto out = notify::incident_json(what);
  out["muted"] = is_muted(what, mutes, now);
  return out;
}

json whole_mute(const mute& m, wall_time now) {
  json matchers = json::array();
  for (const auto& condition : m.conditions) {
    json matcher = json::object();
    matcher["field"] = condition.field;
    matcher["value"] = condition.value;
    matchers.push_back(std::move(matcher));
  }
  json out = json::object();
  out["id"] = m.id;
  out["matchers"] = std::move(matchers);
  out["from_unix"] = to_unix_seconds(m.from);
  out["until_unix"] = to_unix_seconds(m.until);
  out["active"] = m.lasts(now);
  out["by"] = m.by;
  out["why"] = m.why;
  return out;
}

} // namespace

std::string incident_json(const incident& what, std::span<const mute> mutes, wall_time now) {
  return json_text(whole_incident(what, mutes, now));
}

std::string incidents_json(const storage::incident_page& page, std::span<const mute> mutes,
                           wall_time now) {
  json lines = json::array();
  for (const auto& what : page.incidents) {
    lines.push_back(whole_incident(what, mutes, now));
  }
  json out = json::object();
  out["incidents"] = std::move(lines);
  out["next"] = page.next == 0 ? json(nullptr) : json(incident_cursor(page));
  return json_text(out);
}

std::string mute_json(const mute& m, wall_time now) { return json_text(whole_mute(m, now)); }

std::string mutes_json(std::span<const mute> mutes, wall_time now) {
  json lines = json::array();
  for (const auto& m : mutes) {
    lines.push_back(whole_mute(m, now));
  }
  json out = json::object();
  out["mutes"] = std::move(lines);
  return json_text(out);
}

std::vector<std::uint64_t> incidents_naming(std::span<const incident> all, const target_uid& target,
                                            const probe_kind& kind) {
  std::vector<std::uint64_t> ids;
  for (const auto& what : all) {
    const bool by_region = kind.grouped_by == result_group::pair && what.probe_type == kind.name;
    const auto names_it = [&](const std::string& name) {
      return name == target.address || (by_region && name == target.region);
    };
    if (std::ranges::any_of(what.targets.names, names_it)) {
      ids.push_back(what.id);
    }
  }
  return ids;
}

} // namespace xprober::web
