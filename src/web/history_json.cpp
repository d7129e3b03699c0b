#include "xprober/web/history_json.hpp"

#include <algorithm>
#include <charconv>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

namespace {

constexpr std::int64_t default_range = 3600;
/// Further away than this is a mistake: the year 9999.
constexpr std::int64_t last_second = 253'402'300'799;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty()
             ? std::optional{number}
             : std::nullopt;
}

/// "90s", "15m", "6h", "7d": one number with its unit, in seconds.
std::optional<std::int64_t> duration_of(std::string_view text) {
  if (text.size() < 2) {
    return std::nullopt;
  }
  const auto number = whole_number(text.substr(0, text.size() - 1));
  const std::string_view units{"smhd"};
  constexpr std::int64_t lengths[]{1, 60, 3600, 86'400};
  const auto unit = units.find(text.back());
  if (!number || *number <= 0 || unit == std::string_view::npos ||
      *number > last_second / lengths[unit]) {
    return std::nullopt;
  }
  return *number * lengths[unit];
}

/// The second of "2026-01-02T03:04:05Z". A '+' of an offset that was not escaped came as a blank.
std::optional<std::int64_t> second_of(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '+');
  const auto ms = parse_rfc3339(text);
  return ms ? std::optional{std::chrono::floor<std::chrono::seconds>(milliseconds{*ms}).count()}
            : std::nullopt;
}

std::optional<std::int64_t> time_of(const std::string& text, std::int64_t now) {
  if (text == "now") {
    return now;
  }
  if (const auto back = duration_of(text)) {
    return now - *back;
  }
  const auto number = whole_number(text);
  const auto seconds = number ? number : second_of(text);
  return seconds && *seconds >= 0 && *seconds <= last_second ? seconds : std::nullopt;
}

bool read_time(const net::query_params& query, const char* name, std::int64_t now,
               std::int64_t& out, std::string& problem) {
  const auto text = query.get(name);
  if (!text) {
    return true;
  }
  const auto time = time_of(*text, now);
  if (!time) {
    problem = std::string{name} +
              " is no time; allowed are seconds since 1970, 2026-01-02T03:04:05Z, now, and how "
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
    const auto number = whole_number(*text);
    const auto step = number ? number : duration_of(*text);
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
  if (!found) {
    problem = "target_region (for " + mesh_kind().name + ") or url (for " + url_kind().name +
              ") is missing, or target with probe_type";
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

bool read_subject(const net::query_params& query, history_question& out, std::string& problem) {
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

json point_json(const history_question& question, const std::vector<std::string>& phases,
                std::int64_t start, const rollup& values) {
  const bool pair = question.query.subject.grouped_by == result_group::pair;
  const auto wanted = [&](std::string_view metric) {
    return question.metric.empty() || question.metric == metric;
  };
  json out = {{"time_unix", start}, {"probes", values.probes}, {"succeeded", values.succeeded}};
  if (wanted("success")) {
    out["success_ratio"] = values.probes == 0 ? json(nullptr)
                                              : json_number(static_cast<double>(values.succeeded) /
                                                            static_cast<double>(values.probes));
  }
  if (wanted(pair ? "latency" : "duration")) {
    out[pair ? "latency_ms" : "duration_ms"] = values_json(values);
  }
  if (wanted("loss") && (pair || values.loss_percent.count > 0)) {
    out["loss_percent"] = json_number(values.loss_percent.mean());
  }
  if (wanted("phases") && !phases.empty()) {
    out["phases_ms"] = phases_json(phases, values);
  }
  return out;
}

} // namespace

std::optional<history_question> read_history_question(const net::query_params& query,
                                                      std::int64_t now, std::string& problem) {
  if (auto unknown = unknown_parameter(query, {"source_region", "target_region", "url", "target",
                                               "probe_type", "metric", "from", "to", "step"})) {
    problem = std::move(*unknown);
    return std::nullopt;
  }
  history_question question;
  if (!read_subject(query, question, problem)) {
    return std::nullopt;
  }
  const bool pair = question.query.subject.grouped_by == result_group::pair;
  const auto metric =
      pair ? choice_parameter(query, "metric", {"latency", "loss", "success"}, problem)
           : choice_parameter(query, "metric", {"duration", "loss", "phases", "success"}, problem);
  if (!metric || !read_range(query, now, question.query.range, problem)) {
    return std::nullopt;
  }
  question.metric = *metric;
  return question;
}

std::string history_json(const history_question& question, const history_series& series) {
  const auto& subject = question.query.subject;
  json points = json::array();
  for (const auto& [start, values] : series.points) {
    points.push_back(point_json(question, series.phases, start, values));
  }
  json out = json::object();
  out["probe_type"] = subject.kind;
  out["source_region"] = subject.source_region;
  out[question.other] = subject.other;
  out["level"] = history_level_name(series.plan.level);
  out["step_seconds"] = series.plan.step;
  out["from_unix"] = series.plan.from;
  out["to_unix"] = series.plan.to;
  out["points"] = std::move(points);
  return json_text(out);
}

} // namespace xprober::web
