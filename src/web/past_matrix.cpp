#include "xprober/web/past_matrix.hpp"

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "xprober/domain/history/history.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

namespace {

/// The names of one side, with their places.
using past_names = std::map<std::string_view, std::size_t>;

void number_names(past_names& names) {
  std::size_t next = 0;
  for (auto& [name, place] : names) {
    place = next++;
  }
}

struct past_frame {
  past_names rows;
  past_names columns;

  past_frame(const matrix_part& part, const history_series& past) {
    for (const auto& pair : past.sources) {
      rows.emplace(pair.subject.source_region, 0);
      columns.emplace(pair.subject.other, 0);
    }
    if (part.is_whole()) {
      rows.insert(columns.begin(), columns.end());
      columns = rows;
    }
    for (const auto& [wanted, names] :
         {std::pair{&part.source_region, &rows}, std::pair{&part.target_region, &columns}}) {
      if (!wanted->empty()) {
        names->emplace(*wanted, 0);
      }
    }
    number_names(rows);
    number_names(columns);
  }

  json empty() const {
    const json row(json::array_t(columns.size(), nullptr));
    return json(json::array_t(rows.size(), row));
  }
  json& at(json& values, const history_subject& pair) const {
    return values[rows.at(pair.source_region)][columns.at(pair.other)];
  }
};

json past_names_json(const past_names& names) {
  json all = json::array();
  for (const auto& [name, place] : names) {
    all.push_back(name);
  }
  return all;
}

/// All of a pair's buckets together.
rollup whole_of(const history_source& pair) {
  rollup whole;
  for (const auto& [start, values] : pair.points) {
    whole.merge(values);
  }
  return whole;
}

json past_value(const rollup& values, matrix_metric metric) {
  const auto failed = values.probes - values.succeeded;
  switch (metric) {
  case matrix_metric::latency: return json_number(values.value_ms.mean());
  case matrix_metric::drop_rate: return json_number(values.loss_percent.mean());
  case matrix_metric::success:
    return json_number(static_cast<double>(values.succeeded) / static_cast<double>(values.probes));
  case matrix_metric::state: break;
  }
  const bool lossy = values.loss_percent.mean().value_or(0) > 0;
  return to_string(failed > 0 ? series_state::failing
                   : lossy    ? series_state::degraded
                              : series_state::ok);
}

json past_states(const rollup& values) {
  const auto failed = values.probes - values.succeeded;
  json out = json::object();
  if (values.succeeded > 0) {
    out["ok"] = values.succeeded;
  }
  if (failed > 0) {
    out["failing"] = failed;
  }
  return out;
}

std::string_view past_unit(matrix_metric metric) {
  switch (metric) {
  case matrix_metric::latency: return "ms";
  case matrix_metric::drop_rate: return "percent";
  case matrix_metric::state: return "state";
  case matrix_metric::success: break;
  }
  return "ratio";
}

} // namespace

std::string past_matrix_json(const std::string& kind, matrix_metric metric, std::int64_t at,
                             const matrix_part& part, const history_series& past) {
  const past_frame frame{part, past};
  auto values = frame.empty();
  auto probes = values;
  auto failed = values;
  auto states = values;
  auto usual = values;
  auto ratio = values;
  auto rollups = values;
  for (const auto& pair : past.sources) {
    const auto whole = whole_of(pair);
    if (whole.probes == 0) {
      continue;
    }
    frame.at(values, pair.subject) = past_value(whole, metric);
    frame.at(probes, pair.subject) = whole.probes;
    frame.at(failed, pair.subject) = whole.probes - whole.succeeded;
    frame.at(states, pair.subject) = past_states(whole);
    const auto mean = whole.value_ms.mean();
    const auto before = pair.usual_ms;
    frame.at(usual, pair.subject) = json_number(before);
    frame.at(rollups, pair.subject) = before ? json(pair.usual_rollups) : json(nullptr);
    frame.at(ratio, pair.subject) =
        mean && before && *before > 0 ? json_number(*mean / *before) : json(nullptr);
  }
  json out = json::object();
  out["probe_type"] = kind;
  out["metric"] = to_string(metric);
  out["unit"] = past_unit(metric);
  out["at_unix"] = at;
  out["from_unix"] = past.plan.from;
  out["to_unix"] = past.plan.to;
  out["level"] = history_level_name(past.plan.level);
  if (part.is_whole()) {
    out["regions"] = past_names_json(frame.rows);
  } else {
    out["sources"] = past_names_json(frame.rows);
    out["destinations"] = past_names_json(frame.columns);
  }
  out["values"] = std::move(values);
  out["probes"] = std::move(probes);
  out["failed"] = std::move(failed);
  if (metric == matrix_metric::state) {
    out["states"] = std::move(states);
  }
  if (metric == matrix_metric::latency) {
    out["usual"] = std::move(usual);
    out["ratio"] = std::move(ratio);
    out["usual_rollups"] = std::move(rollups);
  }
  return json_text(out);
}

std::optional<std::string> past_matrix_problem(const std::string& kind, const matrix_part& part,
                                               const history_series& past) {
  std::set<std::string_view> rows;
  std::set<std::string_view> columns;
  for (const auto& pair : past.sources) {
    rows.insert(pair.subject.source_region);
    columns.insert(pair.subject.other);
  }
  const auto one_side = std::pair{rows.size(), columns.size()};
  rows.merge(columns);
  const auto [height, width] = part.is_whole() ? std::pair{rows.size(), rows.size()} : one_side;
  if (height == 0 || width <= max_matrix_cells / height) {
    return std::nullopt;
  }
  return "the history has " + std::to_string(rows.size()) + " regions of " + kind +
         ", and a matrix is not made above " + std::to_string(max_matrix_cells) +
         " cells; ask for a row or a column of it with source_region=REGION or "
         "target_region=REGION";
}

} // namespace xprober::web
