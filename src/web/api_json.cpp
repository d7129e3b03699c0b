#include "xprober/web/api_json.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <span>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/region_pairs.hpp"

namespace xprober::web {

namespace {

std::string_view name_of(matrix_metric metric) {
  switch (metric) {
  case matrix_metric::latency: return "latency";
  case matrix_metric::drop_rate: return "drop_rate";
  case matrix_metric::success: return "success";
  }
  return "unknown";
}

std::string unit_of(matrix_metric metric, std::string_view kind,
                    std::span<const region_pair> pairs) {
  switch (metric) {
  case matrix_metric::latency: return "ms";
  case matrix_metric::drop_rate: return "percent";
  case matrix_metric::success: break;
  }
  const auto* known = find_kind(kind);
  const auto failed = !pairs.empty() ? pairs.front().failed : known != nullptr ? known->failed : 0;
  return "1 or " + number_text(widen(failed));
}

/// Built-in kinds have whole numbers; one from elsewhere may tell a failure by any finite one.
json success_json(float success) {
  constexpr auto most = static_cast<float>(std::numeric_limits<std::int32_t>::max());
  const bool whole = std::abs(success) < most && std::trunc(success) == success;
  return whole ? json(static_cast<std::int32_t>(success)) : json_number(success);
}

json value_of(const region_pair& pair, matrix_metric metric) {
  switch (metric) {
  case matrix_metric::latency: return json_number(pair.duration_ms.value());
  case matrix_metric::drop_rate: return json_number(pair.loss_percent.value());
  case matrix_metric::success: return success_json(pair.success());
  }
  return nullptr;
}

bool matches(const stored_target& target, const stored_filter& filter) {
  return (!filter.source_region || target.source_region == *filter.source_region) &&
         (!filter.target_region || target.target.region == *filter.target_region) &&
         (filter.kind.empty() || target.kind->name == filter.kind) &&
         (filter.state.empty() || state_of(target) == filter.state);
}

json number_of(const stored_target& target, std::size_t column) {
  if (const auto whole = target.kind->columns[column].form == column_form::whole
                             ? target.values.whole(column)
                             : std::nullopt) {
    return *whole;
  }
  return json_number(target.values.value(*target.kind, column));
}

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
      phases[column.key] = number_of(target, i);
    } else if (!out.contains(column.key)) {
      out[column.key] = number_of(target, i);
    }
  }
  if (!phases.empty()) {
    out["phases_ms"] = std::move(phases);
  }
}

json stored_json(const stored_target& target, const target_labels* labels) {
  json out = {{"uid", uid_text(target.target)},
              {"target", target.target.address},
              {"region", target.target.region},
              {"probe_type", to_string(target.target.type)},
              {"source_region", target.source_region},
              {"agent", target.agent},
              {"state", state_of(target)},
              {"time", rfc3339(target.unix_seconds)},
              {"time_unix", target.unix_seconds}};
  json own = json::object();
  if (const auto* list = labels == nullptr ? nullptr : labels->find(target.target)) {
    for (const auto& [name, value] : *list) {
      own[name] = value;
    }
  }
  out["labels"] = std::move(own);
  add_columns(out, target);
  return out;
}

} // namespace

std::optional<matrix_metric> parse_matrix_metric(std::string_view name) noexcept {
  for (const auto metric :
       {matrix_metric::latency, matrix_metric::drop_rate, matrix_metric::success}) {
    if (name == name_of(metric)) {
      return metric;
    }
  }
  return std::nullopt;
}

std::string_view state_of(const stored_target& target) noexcept {
  if (!target.success) {
    return "waiting";
  }
  return *target.success > 0 ? "ok" : "failing";
}

std::optional<std::string> kind_name_problem(const store_snapshot& store, std::string_view kind,
                                             std::optional<result_group> group) {
  std::string allowed;
  for (const auto grouping : {result_group::pair, result_group::address}) {
    if (group && *group != grouping) {
      continue;
    }
    for (const auto& name : kinds_grouped_by(store, grouping)) {
      if (name == kind) {
        return std::nullopt;
      }
      allowed += (allowed.empty() ? "" : ", ") + name;
    }
  }
  return "probe_type must be one of " + allowed + ", not \"" + std::string{kind} + "\"";
}

std::string regions_json(const store_snapshot& store, const agent_listing& agents) {
  struct row {
    std::uint64_t agents = 0;
    std::uint64_t as_source = 0;
    std::uint64_t as_target = 0;
  };
  std::map<std::string, row> rows;
  for (const auto& line : agents.agents) {
    ++rows[line.agent.region].agents;
  }
  for (const auto& results : store.kinds) {
    for (const auto& group : results.groups) {
      ++rows[group.source_region].as_source;
      ++rows[group.target_region].as_target;
    }
  }
  json regions = json::array();
  for (const auto& [region, counts] : rows) {
    regions.push_back({{"region", region},
                       {"agents", counts.agents},
                       {"pairs_as_source", counts.as_source},
                       {"pairs_as_target", counts.as_target}});
  }
  json out = json::object();
  out["regions"] = std::move(regions);
  return json_text(out);
}

std::optional<std::string> matrix_problem(const store_snapshot& store, std::string_view kind) {
  std::set<std::string_view> regions;
  for (const auto& results : store.kinds) {
    if (results.kind->name != kind || results.kind->grouped_by != result_group::pair) {
      continue;
    }
    for (const auto& group : results.groups) {
      regions.insert(group.source_region);
      regions.insert(group.target_region);
    }
  }
  if (regions.size() <= max_matrix_regions) {
    return std::nullopt;
  }
  return "the matrix of " + std::string{kind} + " has " + std::to_string(regions.size()) +
         " regions and is not made above " + std::to_string(max_matrix_regions) +
         "; ask for the targets of a region instead: /api/v1/targets?probe_type=" +
         std::string{kind} + "&source_region=REGION";
}

std::string matrix_json(const store_snapshot& store, std::string_view kind, matrix_metric metric) {
  const auto pairs = region_pairs(store, kind);
  std::map<std::string_view, std::size_t> places;
  for (const auto& pair : pairs) {
    places.try_emplace(pair.source_region);
    places.try_emplace(pair.target_region);
  }
  json regions = json::array();
  for (auto& [region, place] : places) {
    place = regions.size();
    regions.push_back(region);
  }
  const json empty_row(json::array_t(places.size(), nullptr));
  const json empty(json::array_t(places.size(), empty_row));
  json values = empty;
  json targets = empty;
  json failing = empty;
  for (const auto& pair : pairs) {
    const auto from = places.at(pair.source_region);
    const auto to = places.at(pair.target_region);
    values[from][to] = value_of(pair, metric);
    targets[from][to] = pair.successes.known();
    failing[from][to] = pair.successes.failing();
  }
  json out = json::object();
  out["probe_type"] = kind;
  out["metric"] = name_of(metric);
  out["unit"] = unit_of(metric, kind, pairs);
  out["regions"] = std::move(regions);
  out["values"] = std::move(values);
  out["targets"] = std::move(targets);
  out["failing"] = std::move(failing);
  return json_text(out);
}

std::string stored_targets_json(const store_snapshot& store, const stored_filter& filter,
                                const target_labels* labels) {
  json lines = json::array();
  std::uint64_t matching = 0;
  for (const auto& target : store.targets) {
    if (!matches(target, filter)) {
      continue;
    }
    if (matching++ < filter.limit) {
      lines.push_back(stored_json(target, labels));
    }
  }
  json out = json::object();
  out["targets"] = std::move(lines);
  out["matching"] = matching;
  out["total"] = store.targets.size();
  return json_text(out);
}

std::string agents_json(const agent_listing& listing) {
  json lines = json::array();
  for (const auto& line : listing.agents) {
    lines.push_back(
        {{"region", line.agent.region},
         {"local_ip", line.agent.local_ip},
         {"peer", line.peer},
         {"first_seen", rfc3339(line.first_seen_unix)},
         {"first_seen_unix", line.first_seen_unix},
         {"last_seen", rfc3339(line.last_seen_unix)},
         {"last_seen_unix", line.last_seen_unix},
         {"clock_skew_ms", line.clock_skew_ms ? json(*line.clock_skew_ms) : json(nullptr)}});
  }
  json out = json::object();
  out["agents"] = std::move(lines);
  return json_text(out);
}

} // namespace xprober::web
