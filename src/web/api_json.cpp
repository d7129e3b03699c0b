#include "xprober/web/api_json.hpp"

#include <map>

#include "xprober/domain/time_text.hpp"
#include "xprober/web/json.hpp"

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

std::string_view unit_of(matrix_metric metric) {
  switch (metric) {
  case matrix_metric::latency: return "ms";
  case matrix_metric::drop_rate: return "percent";
  case matrix_metric::success: return "1 or -1";
  }
  return "";
}

json value_of(const icmp_pair& pair, matrix_metric metric) {
  switch (metric) {
  case matrix_metric::latency: return json_number(pair.latency_ms);
  case matrix_metric::drop_rate: return json_number(pair.drop_rate);
  case matrix_metric::success: return pair.success;
  }
  return nullptr;
}

// The wire's -1 stands for "not measured".
json measured(const std::optional<double>& value) {
  return value && *value >= 0 ? json_number(*value) : json(nullptr);
}

bool matches(const stored_target& target, const stored_filter& filter) {
  return (!filter.source_region || target.source_region == *filter.source_region) &&
         (!filter.target_region || target.target.region == *filter.target_region) &&
         (!filter.type || target.target.type.is(*filter.type)) &&
         (filter.state.empty() || state_of(target) == filter.state);
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
  if (target.target.type.is(probe_type::icmp)) {
    out["latency_ms"] = measured(target.latency_ms);
    out["drop_rate"] = measured(target.drop_rate);
    return out;
  }
  json phases = json::object();
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    phases[std::string(to_string(static_cast<http_phase>(i)))] = measured(target.phases_ms[i]);
  }
  out["phases_ms"] = std::move(phases);
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

std::optional<double> phases_sum(const stored_target& target) noexcept {
  double sum = 0;
  for (const auto& phase : target.phases_ms) {
    if (!phase || *phase < 0) {
      return std::nullopt;
    }
    sum += *phase;
  }
  return sum;
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
  for (const auto& pair : store.icmp) {
    ++rows[pair.source_region].as_source;
    ++rows[pair.target_region].as_target;
  }
  for (const auto& pair : store.http) {
    ++rows[pair.source_region].as_source;
    ++rows[pair.target_region].as_target;
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

std::string matrix_json(const store_snapshot& store, matrix_metric metric) {
  std::map<std::string, std::size_t> places;
  for (const auto& pair : store.icmp) {
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
  for (const auto& pair : store.icmp) {
    const auto from = places.at(pair.source_region);
    const auto to = places.at(pair.target_region);
    values[from][to] = value_of(pair, metric);
    targets[from][to] = pair.targets;
    failing[from][to] = pair.failing;
  }
  json out = json::object();
  out["metric"] = name_of(metric);
  out["unit"] = unit_of(metric);
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
