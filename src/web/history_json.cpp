#include "xprober/web/history_json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/time_values.hpp"

namespace xprober::web {

namespace {

constexpr std::int64_t default_range = 3600;

bool read_time(const net::query_params& query, const char* name, std::int64_t now,
               std::int64_t& out, std::string& problem) {
  const auto text = query.get(name);
  if (!text) {
    return true;
  }
  const auto time = parse_time(*text, now);
  if (!time) {
    problem = std::string{name} +
              " is not a time; allowed are seconds since 1970, 2026-01-02T03:04:05Z, now, and how "
              "long ago: 90s, 15m, 6h, 7d";
    return false;
  }
  out = *time;
  return true;
}

bool read_range(const net::query_params& query, std::int64_t now, history_range& out,
                std::string& problem) {
  out.to = now;
  if (!read_time(query, "to", now, out.to, problem)) {
    return false;
  }
  out.from = out.to - default_range;
  if (!read_time(query, "from", now, out.from, problem)) {
    return false;
  }
  if (out.from >= out.to) {
    problem = "from is not before to";
    return false;
  }
  if (const auto text = query.get("step")) {
    const auto number = parse_whole(*text);
    const auto step = number ? number : parse_duration(*text);
    if (!step || *step < history_steps[0] || *step % history_steps[0] != 0 ||
        *step > 366 * 86'400) {
      problem = "step is wrong; allowed are multiples of 15 seconds up to 366 days, as 60, 90s, "
                "15m, 6h or 7d";
      return false;
    }
    out.step = *step;
  }
  return true;
}

/// The kind that a URL is of where nothing else is said.
const probe_kind& url_kind() {
  static const auto& found = *std::ranges::find_if(builtin_kinds(), [](const probe_kind& kind) {
    return kind.takes == target_form::url && kind.grouped_by == result_group::address;
  });
  return found;
}

/// The only parameter of several that is given.
std::optional<std::string> other_end(const net::query_params& query, std::string& problem) {
  std::optional<std::string> found;
  for (const auto* name : {"target_region", "url", "target"}) {
    if (!query.get(name)) {
      continue;
    }
    if (found) {
      problem = *found + " and " + name + " exclude each other";
      return std::nullopt;
    }
    found = name;
  }
  if (found && query.get(*found)->empty()) {
    problem = *found + " is empty";
    return std::nullopt;
  }
  if (!found) {
    problem = "target_region (for " + mesh_kind().name + ") or url (for " + url_kind().name +
              ") is missing, or target with probe_type, or uid";
  }
  return found;
}

bool read_kind(const net::query_params& query, std::string_view other, history_subject& out,
               std::string& problem) {
  out.grouped_by = other == "target_region" ? result_group::pair : result_group::address;
  const auto* otherwise = other == "target_region" ? &mesh_kind()
                          : other == "url"         ? &url_kind()
                                                   : nullptr;
  const auto name = query.get("probe_type");
  if (!name && otherwise == nullptr) {
    problem = "probe_type is missing: " + std::string{other} + " alone does not say it";
    return false;
  }
  out.kind = name ? *name : otherwise->name;
  if (const auto* kind = find_kind(out.kind);
      kind != nullptr && kind->grouped_by != out.grouped_by) {
    problem =
        "results of " + out.kind +
        (kind->grouped_by == result_group::pair ? " are of pairs of regions: say target_region"
                                                : " are of addresses: say target or url");
    return false;
  }
  return true;
}

/// One target, from one source region or from each.
bool read_target(const net::query_params& query, history_subject& out, std::string& problem) {
  const auto uid = parse_uid_text(*query.get("uid"));
  if (!uid) {
    problem = "uid is not valid: it has 16 hexadecimal digits, as /api/v1/targets lists them";
    return false;
  }
  for (const auto* name : {"target_region", "url", "target", "probe_type"}) {
    if (query.get(name)) {
      problem = std::string{"uid and "} + name + " exclude each other";
      return false;
    }
  }
  out.other = uid_text(*uid);
  out.source_region = query.get_or("source_region", "");
  out.one_target = true;
  return true;
}

bool read_subject(const net::query_params& query, history_question& out, std::string& problem) {
  if (query.get("uid")) {
    out.other = "uid";
    return read_target(query, out.query.subject, problem);
  }
  const auto source = query.get("source_region");
  if (!source || source->empty()) {
    problem = "source_region is missing";
    return false;
  }
  const auto other = other_end(query, problem);
  if (!other || !read_kind(query, *other, out.query.subject, problem)) {
    return false;
  }
  out.other = *other;
  out.query.subject.source_region = *source;
  out.query.subject.other = *query.get(*other);
  return true;
}

json values_json(const rollup& values) {
  const auto mean = values.value_ms.mean();
  if (!mean) {
    return nullptr;
  }
  return {{"count", values.value_ms.count},
          {"mean", json_number(*mean)},
          {"min", json_number(values.min_ms())},
          {"max", json_number(values.max_ms())},
          {"p50", json_number(values.quantile_ms(0.5))},
          {"p99", json_number(values.quantile_ms(0.99))}};
}

json phases_json(const std::vector<std::string>& names, const rollup& values) {
  json phases = json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    phases[names[i]] =
        i < values.phases_ms.size() ? json_number(values.phases_ms[i].mean()) : json(nullptr);
  }
  return phases;
}

/// What is wanted of the points of a subject.
struct point_view {
  bool pair = false;
  std::string_view metric; ///< empty: all

  bool wants(std::string_view name) const { return metric.empty() || metric == name; }
  /// It has two names: of pairs and of addresses. A single target is asked for by either.
  bool wants_time() const { return wants("latency") || wants("duration"); }
};

json point_json(const point_view& view, const std::vector<std::string>& phases, std::int64_t start,
                const rollup& values) {
  json out = {{"time_unix", start}, {"probes", values.probes}, {"succeeded", values.succeeded}};
  if (view.wants("success")) {
    out["success_ratio"] = values.probes == 0 ? json(nullptr)
                                              : json_number(static_cast<double>(values.succeeded) /
                                                            static_cast<double>(values.probes));
  }
  if (view.wants_time()) {
    out[view.pair ? "latency_ms" : "duration_ms"] = values_json(values);
  }
  if (view.wants("loss") && (view.pair || values.loss_percent.count > 0)) {
    out["loss_percent"] = json_number(values.loss_percent.mean());
  }
  if (view.wants("phases") && !phases.empty()) {
    out["phases_ms"] = phases_json(phases, values);
  }
  return out;
}

json points_json(const history_question& question, const history_subject& subject,
                 const history_points& values) {
  const point_view view{subject.grouped_by == result_group::pair, question.metric};
  json points = json::array();
  for (const auto& [start, value] : values.points) {
    points.push_back(point_json(view, values.phases, start, value));
  }
  return points;
}

/// Who it is of, as far as that is known.
void add_target(json& out, const history_subject& subject, const history_series& series) {
  out["uid"] = subject.other;
  if (!series.watched) {
    return;
  }
  if (const auto& uid = series.watched->uid) {
    out["target"] = uid->address;
    out["region"] = uid->region;
    out["probe_type"] = to_string(uid->type);
  }
  out["watched_since_unix"] = series.watched->since_unix;
}

json sources_json(const history_question& question, const history_series& series) {
  json sources = json::array();
  for (const auto& source : series.sources) {
    json one = json::object();
    one["source_region"] = source.subject.source_region;
    one["points"] = points_json(question, source.subject, source);
    sources.push_back(std::move(one));
  }
  return sources;
}

void add_plan(json& out, const history_plan& plan) {
  out["level"] = history_level_name(plan.level);
  out["step_seconds"] = plan.step;
  out["from_unix"] = plan.from;
  out["to_unix"] = plan.to;
}

std::optional<std::string> read_metric(const net::query_params& query,
                                       const history_subject& subject, std::string& problem) {
  if (subject.one_target) {
    return choice_parameter(query, "metric", {"duration", "latency", "loss", "phases", "success"},
                            problem);
  }
  return subject.grouped_by == result_group::pair
             ? choice_parameter(query, "metric", {"latency", "loss", "success"}, problem)
             : choice_parameter(query, "metric", {"duration", "loss", "phases", "success"},
                                problem);
}

} // namespace

std::optional<history_question> read_history_question(const net::query_params& query,
                                                      std::int64_t now, std::string& problem) {
  if (auto unknown =
          unknown_parameter(query, {"source_region", "target_region", "url", "target", "uid",
                                    "probe_type", "metric", "from", "to", "step"})) {
    problem = std::move(*unknown);
    return std::nullopt;
  }
  history_question question;
  if (!read_subject(query, question, problem)) {
    return std::nullopt;
  }
  const auto metric = read_metric(query, question.query.subject, problem);
  if (!metric || !read_range(query, now, question.query.range, problem)) {
    return std::nullopt;
  }
  question.metric = *metric;
  return question;
}

std::string history_json(const history_question& question, const history_series& series) {
  const auto& subject = question.query.subject;
  json out = json::object();
  if (subject.one_target) {
    add_target(out, subject, series);
    add_plan(out, series.plan);
    out["sources"] = sources_json(question, series);
    return json_text(out);
  }
  out["probe_type"] = subject.kind;
  out["source_region"] = subject.source_region;
  out[question.other] = subject.other;
  add_plan(out, series.plan);
  out["points"] = points_json(question, subject, series);
  return json_text(out);
}

} // namespace xprober::web
