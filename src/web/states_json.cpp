#include "xprober/web/states_json.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/store/state_tally.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/target_parameters.hpp"

namespace xprober::web {

namespace {

constexpr std::array<std::pair<std::string_view, tally_by>, 3> tally_names{{
    {"probe_type", tally_by::kind},
    {"source_region", tally_by::source_region},
    {"region", tally_by::region},
}};

bool read_by(const std::string& text, tally_question& out, std::string& problem) {
  for (const auto& [name, by] : tally_names) {
    if (name == text) {
      out.by = by;
      return true;
    }
  }
  out.by = tally_by::label;
  out.label = text.starts_with(label_prefix) ? text.substr(label_prefix.size()) : "";
  if (!is_label_name(out.label)) {
    problem =
        "by must be one of probe_type, source_region, region, label.NAME, not \"" + text + "\"";
    return false;
  }
  return true;
}

json every_state(const state_numbers& counts) {
  json out = json::object();
  for (const auto state : {series_state::ok, series_state::degraded, series_state::failing,
                           series_state::prober_fault, series_state::stale, series_state::never}) {
    out[std::string{to_string(state)}] = counts[static_cast<std::size_t>(state)];
  }
  return out;
}

std::string by_text(const tally_question& asked) {
  for (const auto& [name, by] : tally_names) {
    if (by == asked.by) {
      return std::string{name};
    }
  }
  return std::string{label_prefix} + asked.label;
}

} // namespace

std::optional<target_question> read_states_question(const net::query_params& query,
                                                    std::string& problem) {
  target_question question;
  auto& by = question.tally.emplace();
  if (!read_target_terms(query, {"by", "limit"}, question.terms, problem) ||
      !read_by(query.get_or("by", "probe_type"), by, problem)) {
    return std::nullopt;
  }
  const auto limit = limit_parameter(query, problem, max_state_groups);
  if (!limit) {
    return std::nullopt;
  }
  question.limit = *limit;
  return question;
}

std::string states_json(store_snapshot counted, const target_question& question) {
  cut_tally(counted, question.limit);
  json groups = json::array();
  for (const auto& line : counted.tally) {
    json group = json::object();
    group["name"] = line.name;
    group["states"] = every_state(line.states);
    groups.push_back(std::move(group));
  }
  const bool has_others =
      std::ranges::any_of(counted.tally_others, [](std::uint64_t number) { return number > 0; });
  json out = json::object();
  out["total"] = counted.total;
  out["matching"] = counted.matching;
  out["states"] = every_state(counted.tally_all);
  out["by"] = by_text(*question.tally);
  out["groups"] = std::move(groups);
  out["others"] = has_others ? every_state(counted.tally_others) : json(nullptr);
  return json_text(out);
}

} // namespace xprober::web
