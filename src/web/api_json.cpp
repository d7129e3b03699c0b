#include "xprober/web/api_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "xprober/actors/messages/server.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/region_pairs.hpp"

namespace xprober::web {

namespace {

std::string unit_of(matrix_metric metric, std::string_view kind,
                    std::span<const region_pair> pairs) {
  switch (metric) {
  case matrix_metric::latency: return "ms";
  case matrix_metric::drop_rate: return "percent";
  case matrix_metric::state: return "state";
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
  case matrix_metric::success:
    return pair.successes.known() > 0 ? success_json(pair.success()) : json(nullptr);
  case matrix_metric::state: break;
  }
  const auto state = worst_state(pair.states);
  return state ? json(to_string(*state)) : json(nullptr);
}

/// `{"ok": 20, "failing": 1}`: those that there are.
json counts_json(const state_numbers& counts) {
  json out = json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      out[std::string{to_string(static_cast<series_state>(i))}] = counts[i];
    }
  }
  return out;
}

struct matrix_region {
  std::uint64_t agents = 0; ///< that have not left
  std::uint64_t lost = 0;   ///< of these

  bool all_lost() const noexcept { return agents > 0 && lost == agents; }
};
using matrix_regions = std::map<std::string_view, matrix_region>;

/// Adds the regions of agents. One that says nothing any more keeps its row until its agents have
/// left or are forgotten.
void add_agents(matrix_regions& regions, const agent_listing& agents) {
  for (const auto& line : agents.agents) {
    if (line.state != agent_state::left) {
      auto& region = regions[line.agent.region];
      ++region.agents;
      region.lost += line.state == agent_state::lost ? 1U : 0U;
    }
  }
}

/// The regions of agents and of results.
matrix_regions regions_of(std::span<const region_pair> pairs, const agent_listing& agents) {
  matrix_regions regions;
  for (const auto& pair : pairs) {
    regions.try_emplace(pair.source_region);
    regions.try_emplace(pair.target_region);
  }
  add_agents(regions, agents);
  return regions;
}

/// The places of names in a matrix, by name.
using matrix_places = std::map<std::string_view, std::size_t>;

matrix_places places_of(const matrix_regions& regions, std::string_view only) {
  matrix_places places;
  for (const auto& [name, region] : regions) {
    if (only.empty() || name == only) {
      places.emplace(name, places.size());
    }
  }
  return places;
}

json names_json(const matrix_places& places) {
  json names = json::array();
  for (const auto& [name, place] : places) {
    names.push_back(name);
  }
  return names;
}

/// Rows and columns that are shown.
struct matrix_frame {
  matrix_regions regions;
  matrix_places rows;
  matrix_places columns;

  json empty() const {
    const json empty_row(json::array_t(columns.size(), nullptr));
    return json(json::array_t(rows.size(), empty_row));
  }
  /// The cell of a pair, which is shown.
  json& at(json& values, const region_pair& pair) const {
    return values[rows.at(pair.source_region)][columns.at(pair.target_region)];
  }
};

bool is_mesh_kind(const store_snapshot& store, std::string_view name) {
  if (const auto* known = find_kind(name)) {
    return known->mesh;
  }
  return std::ranges::any_of(store.kinds, [name](const kind_results& results) {
    return results.kind->name == name && results.kind->mesh;
  });
}

/// Nothing is known any more from where all agents are lost.
void add_lost_rows(json& values, const matrix_frame& frame, bool mesh) {
  const std::string stale{to_string(series_state::stale)};
  for (const auto& [name, row_place] : frame.rows) {
    if (!frame.regions.at(name).all_lost()) {
      continue;
    }
    auto& row = values[row_place];
    for (const auto& [other, place] : frame.columns) {
      const bool expected = mesh && frame.regions.at(other).agents > 0 && other != name;
      if (expected || !row[place].is_null()) {
        row[place] = stale;
      }
    }
  }
}

void add_state_rows(json& out, std::span<const region_pair> pairs, const matrix_frame& frame) {
  auto states = frame.empty();
  for (const auto& pair : pairs) {
    frame.at(states, pair) = counts_json(pair.states);
  }
  out["states"] = std::move(states);
}

/// What is usual in each pair, and how far it is from that now.
void add_usual_rows(json& out, std::span<const region_pair> pairs, const matrix_frame& frame,
                    const history_series* week) {
  using pair_names = std::pair<std::string_view, std::string_view>;
  std::map<pair_names, const usual_time*> of_week;
  if (week != nullptr) {
    for (const auto& pair : week->usual) {
      of_week.emplace(pair_names{pair.source_region, pair.target_region}, &pair);
    }
  }
  auto usual = frame.empty();
  auto ratio = usual;
  auto rollups = usual;
  bool any = false;
  for (const auto& pair : pairs) {
    const auto found = of_week.find(pair_names{pair.source_region, pair.target_region});
    const bool known = found != of_week.end() && found->second->rollups >= least_usual_rollups;
    const auto now = pair.duration_ms.value();
    const auto before =
        known ? std::optional<double>{found->second->median_ms} : pair.usual_ms.value();
    any = any || known;
    frame.at(usual, pair) = json_number(before);
    frame.at(rollups, pair) = before ? json(known ? found->second->rollups : 0) : json(nullptr);
    frame.at(ratio, pair) =
        now && before && *before > 0 ? json_number(*now / *before) : json(nullptr);
  }
  out["usual"] = std::move(usual);
  out["ratio"] = std::move(ratio);
  out["usual_rollups"] = std::move(rollups);
  out["usual_from_unix"] = any && week != nullptr ? json(week->plan.from) : json(nullptr);
}

} // namespace

std::string_view to_string(matrix_metric metric) noexcept {
  switch (metric) {
  case matrix_metric::latency: return "latency";
  case matrix_metric::drop_rate: return "drop_rate";
  case matrix_metric::success: return "success";
  case matrix_metric::state: return "state";
  }
  return "unknown";
}

std::optional<matrix_metric> parse_matrix_metric(std::string_view name) noexcept {
  for (const auto metric : {matrix_metric::latency, matrix_metric::drop_rate,
                            matrix_metric::success, matrix_metric::state}) {
    if (name == to_string(metric)) {
      return metric;
    }
  }
  return std::nullopt;
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
      append_listed(allowed, name);
    }
  }
  return "probe_type must be one of " + allowed + ", not \"" + std::string{kind} + "\"";
}

std::string regions_json(const store_snapshot& store, const agent_listing& agents,
                         const std::map<std::string, label_map>& labels) {
  struct row {
    std::uint64_t agents = 0;
    std::uint64_t as_source = 0;
    std::uint64_t as_target = 0;
    std::uint64_t never = 0;
  };
  std::map<std::string, row> rows;
  for (const auto& line : agents.agents) {
    if (line.state != agent_state::left) {
      rows[line.agent.region].agents += line.state == agent_state::lost ? 0 : 1;
    }
  }
  for (const auto& results : store.kinds) {
    for (const auto& group : results.groups) {
      ++rows[group.source_region].as_source;
      ++rows[group.target_region].as_target;
    }
  }
  for (const auto& group : store.never) {
    if (!group.source_region.empty()) {
      rows[group.source_region].never += group.targets;
    }
  }
  json regions = json::array();
  for (const auto& [region, counts] : rows) {
    const auto known = labels.find(region);
    json said = json::object();
    for (const auto& [name, value] : known == labels.end() ? label_map{} : known->second) {
      said[name] = value;
    }
    regions.push_back({{"region", region},
                       {"agents", counts.agents},
                       {"pairs_as_source", counts.as_source},
                       {"pairs_as_target", counts.as_target},
                       {"never_probed", counts.never},
                       {"labels", std::move(said)}});
  }
  json out = json::object();
  out["regions"] = std::move(regions);
  return json_text(out);
}

std::optional<std::string> matrix_problem(const store_snapshot& store, std::string_view kind,
                                          const agent_listing& agents, const matrix_part& part) {
  // With so many regions not even one row has room.
  auto regions = regions_of_pairs(store, kind, max_matrix_cells);
  for (const auto& line : agents.agents) {
    if (line.state != agent_state::left && regions.size() <= max_matrix_cells) {
      regions.insert(line.agent.region);
    }
  }
  for (const auto* wanted : {&part.source_region, &part.target_region}) {
    if (!wanted->empty() && !regions.contains(*wanted)) {
      return "there is no region " + *wanted + " in the matrix of " + std::string{kind} +
             "; /api/v1/regions lists them";
    }
  }
  const std::size_t rows = part.source_region.empty() ? regions.size() : 1;
  const std::size_t columns = part.target_region.empty() ? regions.size() : 1;
  if (rows == 0 || columns <= max_matrix_cells / rows) {
    return std::nullopt;
  }
  return "the matrix of " + std::string{kind} + " has " + std::to_string(regions.size()) +
         " regions and is not made above " + std::to_string(max_matrix_cells) +
         " cells; ask for a row or a column of it with source_region=REGION or "
         "target_region=REGION, or for targets: /api/v1/targets?probe_type=" +
         std::string{kind} + "&source_region=REGION";
}

std::string matrix_json(const store_snapshot& store, std::string_view kind, matrix_metric metric,
                        const agent_listing& agents, const matrix_part& part,
                        const history_series* week) {
  const auto pairs = region_pairs(store, kind, true, part.source_region, part.target_region);
  matrix_frame frame;
  frame.regions = regions_of(pairs, agents);
  for (const auto* wanted : {&part.source_region, &part.target_region}) {
    if (!wanted->empty()) {
      frame.regions.try_emplace(*wanted);
    }
  }
  frame.rows = places_of(frame.regions, part.source_region);
  frame.columns = places_of(frame.regions, part.target_region);
  auto values = frame.empty();
  auto targets = values;
  auto failing = values;
  for (const auto& pair : pairs) {
    frame.at(values, pair) = value_of(pair, metric);
    if (pair.successes.known() > 0) {
      frame.at(targets, pair) = pair.successes.known();
      frame.at(failing, pair) = pair.successes.failing();
    }
  }
  if (metric == matrix_metric::state) {
    add_lost_rows(values, frame, is_mesh_kind(store, kind));
  }
  json out = json::object();
  out["probe_type"] = kind;
  out["metric"] = to_string(metric);
  out["unit"] = unit_of(metric, kind, pairs);
  if (part.is_whole()) {
    out["regions"] = names_json(frame.rows);
  } else {
    out["sources"] = names_json(frame.rows);
    out["destinations"] = names_json(frame.columns);
  }
  out["values"] = std::move(values);
  out["targets"] = std::move(targets);
  out["failing"] = std::move(failing);
  if (metric == matrix_metric::state) {
    add_state_rows(out, pairs, frame);
  }
  if (metric == matrix_metric::latency) {
    add_usual_rows(out, pairs, frame, week);
  }
  return json_text(out);
}

} // namespace xprober::web
