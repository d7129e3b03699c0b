#include "xprober/web/stored_json.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/time_text.hpp"
#include "xprober/store/stored_row.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/kind_json.hpp"
#include "xprober/web/target_parameters.hpp"

namespace xprober::web {

namespace {

/// The metric of a column that has the end of a certificate.
constexpr std::string_view certificate_metric = "probe_ssl_earliest_cert_expiry";

/// 0: not known.
json known_time(std::int64_t unix_seconds) {
  return unix_seconds == 0 ? json(nullptr) : json(unix_seconds);
}

json known_text(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

/// What was measured. A column that is called like something else in `out` is left out: a kind can
/// come from elsewhere.
void add_columns(json& out, const stored_target& target) {
  json phases = json::object();
  for (std::size_t i = 1; i < target.kind->columns.size(); ++i) {
    const auto& column = target.kind->columns[i];
    if (!column.kept) {
      continue;
    }
    if (column.role == column_role::phase) {
      phases[column.key] = column_json(*target.kind, target.values, i);
    } else if (!out.contains(column.key)) {
      out[column.key] = column_json(*target.kind, target.values, i);
    }
  }
  if (!phases.empty()) {
    out["phases_ms"] = std::move(phases);
  }
}

void add_identity(json& out, const target_uid& uid) {
  out["uid"] = uid_text(uid);
  out["target"] = uid.address;
  out["region"] = uid.region;
  out["probe_type"] = to_string(uid.type);
}

void add_source(json& out, const stored_target& target) {
  const auto& status = target.status;
  const bool told = tells_reason(status);
  out["source_region"] = target.source_region;
  out["agent"] = target.agent;
  out["state"] = to_string(status.state);
  out["since_unix"] = known_time(status.since_unix);
  out["streak"] = status.streak;
  out["time_ms"] = time_json(*target.kind, target.values, status.state != series_state::failing);
  out["usual_ms"] = status.usual_ms > 0 ? json_number(status.usual_ms) : json(nullptr);
  out["loss_percent"] = loss_json(*target.kind, target.values);
  out["reason"] = told ? known_text(status.reason) : json(nullptr);
  out["phase"] = told ? known_text(status.phase) : json(nullptr);
  out["detail"] = told ? known_text(status.detail) : json(nullptr);
  out["failed_unix"] = known_time(status.failed_unix);
  out["time"] = target.unix_seconds == 0 ? json(nullptr) : json(rfc3339(target.unix_seconds));
  out["time_unix"] = known_time(target.unix_seconds);
}

json labels_json(const target_uid& uid, const target_labels_ptr& labels) {
  json own = json::object();
  if (const auto* list = labels ? labels->find(uid) : nullptr) {
    for (const auto& [name, value] : *list) {
      own[name] = value;
    }
  }
  return own;
}

json stored_json(const stored_target& target, const target_labels_ptr& labels) {
  json out = json::object();
  add_identity(out, target.target);
  add_source(out, target);
  out["labels"] = labels_json(target.target, labels);
  add_columns(out, target);
  return out;
}

/// The end of the certificate that a target has shown.
std::optional<double> certificate_end(const stored_target& target) {
  const auto& columns = target.kind->columns;
  const auto found = std::ranges::find_if(columns, [](const kind_column& column) {
    return column.kept && column.role == column_role::time && column.name == certificate_metric;
  });
  if (found == columns.end()) {
    return std::nullopt;
  }
  const auto place = static_cast<std::size_t>(found - columns.begin());
  const auto end = target.values.value(*target.kind, place);
  return end && *end > 0 ? end : std::nullopt;
}

json certificate_json(const std::vector<stored_target>& rows) {
  std::optional<double> first;
  for (const auto& row : rows) {
    const auto end = certificate_end(row);
    if (end && (!first || *end < *first)) {
      first = end;
    }
  }
  if (!first) {
    return nullptr;
  }
  json out = json::object();
  out["not_after_unix"] = static_cast<std::int64_t>(*first);
  return out;
}

} // namespace

lost_agents lost_of(const agent_listing& listing) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  std::vector<lost_agents::one> all;
  for (const auto& line : listing.agents) {
    if (line.state == agent_state::lost) {
      const auto since = std::clamp<std::int64_t>(line.last_seen_unix, 0, most);
      all.push_back({line.agent, static_cast<std::uint32_t>(since)});
    }
  }
  return lost_agents{std::move(all)};
}

std::string stored_targets_json(const store_snapshot& page, const target_question& question) {
  json lines = json::array();
  for (const auto& target : page.targets) {
    lines.push_back(stored_json(target, question.labels));
  }
  const bool more = !page.targets.empty() && page.left > page.targets.size();
  json out = json::object();
  out["targets"] = std::move(lines);
  out["matching"] = page.matching;
  out["total"] = page.total;
  out["next"] = more ? json(target_cursor(question, page.targets.back())) : json(nullptr);
  return json_text(out);
}

json source_json(const stored_target& row) {
  json out = json::object();
  add_source(out, row);
  add_columns(out, row);
  json failures = json::array();
  for (auto run = row.failures.rbegin(); run != row.failures.rend(); ++run) {
    failures.push_back({{"from_unix", known_time(run->from_unix)},
                        {"to_unix", known_time(run->to_unix)},
                        {"results", run->results},
                        {"state", to_string(run->state)},
                        {"reason", known_text(run->reason)},
                        {"phase", known_text(run->phase)},
                        {"detail", known_text(run->detail)}});
  }
  out["failures"] = std::move(failures);
  json results = json::array();
  for (auto each = row.results.rbegin(); each != row.results.rend(); ++each) {
    results.push_back({{"time_unix", known_time(each->unix_seconds)},
                       {"state", to_string(each->state)},
                       {"time_ms", each->time_ms ? json_number(*each->time_ms) : json(nullptr)},
                       {"loss_percent", json_number(each->loss_percent)},
                       {"reason", known_text(each->reason)},
                       {"phase", known_text(each->phase)},
                       {"detail", known_text(each->detail)}});
  }
  out["results"] = std::move(results);
  return out;
}

std::string target_story_json(const store_snapshot& page, const target_question& question,
                              std::span<const std::uint64_t> incidents) {
  const auto& uid = page.targets.front().target;
  json sources = json::array();
  for (const auto& row : page.targets) {
    sources.push_back(source_json(row));
  }
  json ids = json::array();
  for (const auto id : incidents) {
    ids.push_back(id);
  }
  json out = json::object();
  add_identity(out, uid);
  const auto& kind = *page.targets.front().kind;
  out["kind"] = kind.name;
  out["columns"] = columns_json(kind);
  out["labels"] = labels_json(uid, question.labels);
  out["sources"] = std::move(sources);
  out["certificate"] = certificate_json(page.targets);
  out["incidents"] = std::move(ids);
  return json_text(out);
}

} // namespace xprober::web
