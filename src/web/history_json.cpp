#include "xprober/web/history_json.hpp"

#include <algorithm>
#include <charconv>

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

bool read_key(const net::query_params& query, history_key& out, std::string& problem) {
  const auto source = query.get("source_region");
  const auto target = query.get("target_region");
  const auto url = query.get("url");
  if (!source || source->empty()) {
    problem = "source_region is missing";
    return false;
  }
  if (target.has_value() == url.has_value()) {
    problem = target ? "target_region and url exclude each other"
                     : "target_region (for icmp) or url (for http) is missing";
    return false;
  }
  out = {target ? history_kind::pair : history_kind::url, *source, target ? *target : *url};
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

json point_json(const history_question& question, std::int64_t start, const rollup& values) {
  const auto wanted = [&](std::string_view metric) {
    return question.metric.empty() || question.metric == metric;
  };
  json out = {{"time_unix", start}, {"probes", values.probes}, {"succeeded", values.succeeded}};
  if (wanted("success")) {
    out["success_ratio"] = values.probes == 0 ? json(nullptr)
                                              : json_number(static_cast<double>(values.succeeded) /
                                                            static_cast<double>(values.probes));
  }
  if (question.query.key.kind == history_kind::pair) {
    if (wanted("latency")) {
      out["latency_ms"] = values_json(values);
    }
    if (wanted("loss")) {
      out["loss_percent"] = json_number(values.loss_percent.mean());
    }
    return out;
  }
  if (wanted("duration")) {
    out["duration_ms"] = values_json(values);
  }
  if (wanted("phases")) {
    json phases = json::object();
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      phases[std::string(to_string(static_cast<http_phase>(i)))] =
          json_number(values.phases_ms[i].mean());
    }
    out["phases_ms"] = std::move(phases);
  }
  return out;
}

} // namespace

std::optional<history_question> read_history_question(const net::query_params& query,
                                                      std::int64_t now, std::string& problem) {
  if (auto unknown = unknown_parameter(
          query, {"source_region", "target_region", "url", "metric", "from", "to", "step"})) {
    problem = std::move(*unknown);
    return std::nullopt;
  }
  history_question question;
  if (!read_key(query, question.query.key, problem)) {
    return std::nullopt;
  }
  const bool pair = question.query.key.kind == history_kind::pair;
  const auto metric =
      pair ? choice_parameter(query, "metric", {"latency", "loss", "success"}, problem)
           : choice_parameter(query, "metric", {"duration", "phases", "success"}, problem);
  if (!metric || !read_range(query, now, question.query.range, problem)) {
    return std::nullopt;
  }
  question.metric = *metric;
  return question;
}

std::string history_json(const history_question& question, const history_series& series) {
  const auto& key = question.query.key;
  json points = json::array();
  for (const auto& [start, values] : series.points) {
    points.push_back(point_json(question, start, values));
  }
  json out = json::object();
  out["source_region"] = key.source_region;
  out[key.kind == history_kind::pair ? "target_region" : "url"] = key.other;
  out["level"] = history_level_name(series.plan.level);
  out["step_seconds"] = series.plan.step;
  out["from_unix"] = series.plan.from;
  out["to_unix"] = series.plan.to;
  out["points"] = std::move(points);
  return json_text(out);
}

} // namespace xprober::web
