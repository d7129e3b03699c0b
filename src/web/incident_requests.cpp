#include "xprober/web/incident_requests.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/time_values.hpp"

namespace xprober::web {

namespace {

constexpr std::size_t longest_name = 256; ///< bytes of who does something
constexpr std::size_t longest_note = 2048;

// -- questions ------------------------------------------------------------------------------------

/// The values of a parameter that may have several; none where it is not given.
std::vector<std::string> listed_values(const net::query_params& query, std::string_view name) {
  std::vector<std::string> values;
  const auto text = query.get(name);
  std::string_view rest = text ? std::string_view{*text} : std::string_view{};
  for (bool more = text.has_value(); more;) {
    const auto comma = rest.find(',');
    values.emplace_back(rest.substr(0, comma));
    more = comma != std::string_view::npos;
    rest.remove_prefix(more ? comma + 1 : 0);
  }
  return values;
}

/// Reads those of `allowed` that are named.
template <class T>
bool read_named(const net::query_params& query, std::string_view name,
                std::initializer_list<T> allowed, std::vector<T>& out, std::string& problem) {
  for (const auto& value : listed_values(query, name)) {
    const auto found =
        std::ranges::find_if(allowed, [&](T each) { return value == to_string(each); });
    if (found == allowed.end()) {
      problem = std::string{name} + " must be one or several of ";
      for (const auto each : allowed) {
        problem += std::string{to_string(each)} + ", ";
      }
      problem += "separated by commas, not \"" + value + "\"";
      return false;
    }
    out.push_back(*found);
  }
  return true;
}

bool read_choices(const net::query_params& query, storage::incident_query& out,
                  std::string& problem) {
  const auto state = choice_parameter(query, "state", {"open", "closed"}, problem);
  const auto sort = choice_parameter(query, "sort", {"newest", "severity"}, problem);
  if (!state || !sort ||
      !read_named(query, "kind",
                  {incident_kind::target, incident_kind::source, incident_kind::path,
                   incident_kind::prober},
                  out.filter.kinds, problem) ||
      !read_named(
          query, "severity",
          {incident_severity::info, incident_severity::warning, incident_severity::critical},
          out.filter.severities, problem)) {
    return false;
  }
  if (!state->empty()) {
    out.open = *state == "open";
  }
  out.worst_first = *sort == "severity";
  return true;
}

bool read_names(const net::query_params& query, incident_filter& out, std::string& problem) {
  out.probe_types = listed_values(query, "probe_type");
  out.reasons = listed_values(query, "reason");
  for (const auto& [name, value] :
       {std::pair{"region", &out.region}, std::pair{"target", &out.target},
        std::pair{"source", &out.source}}) {
    const auto given = query.get(name);
    if (given && given->empty()) {
      problem = std::string{name} + " must not be empty; leave it out for all of them";
      return false;
    }
    *value = given.value_or("");
  }
  return true;
}

bool read_since(const net::query_params& query, std::int64_t now, storage::incident_query& out,
                std::string& problem) {
  const auto text = query.get("since");
  if (!text) {
    return true;
  }
  const auto since = parse_time(*text, now);
  if (!since) {
    problem =
        "since is not a time; allowed are seconds since 1970, 2026-01-02T03:04:05Z, now, and how "
        "long ago: 90s, 15m, 6h, 7d";
    return false;
  }
  out.since = to_wall_time(std::clamp<std::int64_t>(*since, 0, last_wall_second));
  return true;
}

/// The place of the last one of a page: its id, and before it the severity where that comes first.
bool read_cursor(std::string_view text, storage::incident_query& out, std::string& problem) {
  problem = "cursor must be what an answer to the same question had as next";
  if (out.worst_first) {
    const auto dot = text.find('.');
    for (const auto each :
         {incident_severity::info, incident_severity::warning, incident_severity::critical}) {
      if (text.substr(0, dot) == to_string(each)) {
        out.from = each;
      }
    }
    if (dot == std::string_view::npos || !out.from) {
      return false;
    }
    text.remove_prefix(dot + 1);
  }
  const auto before = parse_whole(text);
  if (!before || *before <= 0) {
    return false;
  }
  out.before = static_cast<std::uint64_t>(*before);
  problem.clear();
  return true;
}

bool read_page(const net::query_params& query, storage::incident_query& out, std::string& problem) {
  const auto limit = limit_parameter(query, problem, max_incident_page);
  if (!limit) {
    return false;
  }
  out.limit = *limit;
  const auto text = query.get("cursor");
  return !text || read_cursor(*text, out, problem);
}

// -- bodies ---------------------------------------------------------------------------------------

bool read_condition(const json& field, const json& value, mute& out, std::string& problem) {
  if (!field.is_string() || !value.is_string()) {
    problem = "matchers: field and value must be texts; \"*\" stands for any characters";
    return false;
  }
  mute_condition condition{field.get<std::string>(), value.get<std::string>()};
  if (!is_clean_text(condition.field) || !is_clean_text(condition.value)) {
    problem = "matchers: a field or a value has control characters";
    return false;
  }
  out.conditions.push_back(std::move(condition));
  return true;
}

bool read_matchers(const json& body, mute& out, std::string& problem) {
  const auto found = body.find("matchers");
  if (found == body.end() || !(found->is_array() || found->is_object())) {
    problem =
        "matchers must be a list of {\"field\": …, \"value\": …}, or an object of fields with "
        "their values; a field is kind, severity, probe_type, reason, alertname, certificate, "
        "target, source or a label";
    return false;
  }
  if (found->is_object()) {
    for (const auto& item : found->items()) {
      if (!read_condition(json(item.key()), item.value(), out, problem)) {
        return false;
      }
    }
    return true;
  }
  for (const auto& matcher : *found) {
    if (!matcher.is_object() || !matcher.contains("field") || !matcher.contains("value")) {
      problem = "matchers: each needs a field and a value";
      return false;
    }
    if (!only_keys(matcher, {"field", "value"}, problem) ||
        !read_condition(matcher.at("field"), matcher.at("value"), out, problem)) {
      return false;
    }
  }
  return true;
}

std::optional<std::int64_t> second_in(const json& value) {
  if (value.is_number_integer()) {
    return value.get<std::int64_t>();
  }
  if (!value.is_string()) {
    return std::nullopt;
  }
  const auto text = value.get<std::string>();
  const auto number = parse_whole(text);
  return number ? number : parse_second(text);
}

/// The end of a mute, in Unix seconds.
std::optional<std::int64_t> read_end(const json& body, std::int64_t now, std::string& problem) {
  const auto until = body.find("until");
  const auto length = body.find("for");
  if ((until == body.end()) == (length == body.end())) {
    problem = "one of until (seconds since 1970, or 2026-01-02T03:04:05Z) and for (90s, 15m, 2h, "
              "7d) must say how long the mute lasts";
    return std::nullopt;
  }
  if (until != body.end()) {
    const auto end = second_in(*until);
    if (!end || *end <= now || *end > now + longest_mute_s) {
      problem = "until must be seconds since 1970 or 2026-01-02T03:04:05Z, ahead, and at most 366 "
                "days away";
      return std::nullopt;
    }
    return end;
  }
  const auto seconds =
      length->is_string() ? parse_duration(length->get<std::string>()) : std::nullopt;
  if (!seconds || *seconds > longest_mute_s) {
    problem = "for must be a duration as \"90s\", \"15m\", \"2h\" or \"7d\", 366 days at most";
    return std::nullopt;
  }
  return now + *seconds;
}

} // namespace

std::optional<storage::incident_query> read_incident_query(const net::query_params& query,
                                                           std::int64_t now, std::string& problem) {
  if (auto unknown = unknown_parameter(query, {"state", "kind", "severity", "probe_type", "reason",
                                               "region", "target", "source", label_prefix, "since",
                                               "sort", "limit", "cursor"})) {
    problem = std::move(*unknown);
    return std::nullopt;
  }
  storage::incident_query out;
  if (!read_choices(query, out, problem) || !read_since(query, now, out, problem) ||
      !read_names(query, out.filter, problem) || !read_page(query, out, problem)) {
    return std::nullopt;
  }
  auto labels = label_parameters(query, problem);
  if (!labels) {
    return std::nullopt;
  }
  out.filter.labels = std::move(*labels);
  return out;
}

std::string incident_cursor(const storage::incident_page& page) {
  const auto from = page.next_from ? std::string{to_string(*page.next_from)} + "." : std::string{};
  return from + std::to_string(page.next);
}

bool only_keys(const json& body, std::initializer_list<std::string_view> allowed,
               std::string& problem) {
  for (const auto& item : body.items()) {
    if (std::find(allowed.begin(), allowed.end(), item.key()) == allowed.end()) {
      problem = "unknown key " + shown_text(item.key()) + "; allowed are " + comma_list(allowed);
      return false;
    }
  }
  return true;
}

bool read_text_key(const json& body, const std::string& key, std::size_t most, bool required,
                   std::string& out, std::string& problem) {
  const auto found = body.find(key);
  if (found == body.end()) {
    problem = required ? key + " is missing" : problem;
    return !required;
  }
  if (!found->is_string()) {
    problem = key + " must be a text";
    return false;
  }
  out = found->get<std::string>();
  if (out.size() > most || !is_clean_text(out)) {
    problem = key + " must be UTF-8 of at most " + std::to_string(most) +
              " bytes without control characters";
    return false;
  }
  if (required && ascii::trim(out).empty()) {
    problem = key + " must not be empty";
    return false;
  }
  return true;
}

std::optional<json> read_json_body(const net::http_request& request, net::http_response& problem) {
  const auto given = request[net::http::field::content_type];
  const std::string_view type{given.data(), given.size()};
  if (!ascii::same(ascii::trim(type.substr(0, type.find(';'))), "application/json")) {
    problem = net::error_response(net::http::status::unsupported_media_type,
                                  "the body must be JSON with Content-Type: application/json");
    return std::nullopt;
  }
  if (request.body().size() > max_json_body) {
    problem = net::error_response(net::http::status::payload_too_large,
                                  "the body must have at most " + std::to_string(max_json_body) +
                                      " bytes");
    return std::nullopt;
  }
  auto body = json::parse(request.body(), nullptr, false);
  if (!body.is_object()) {
    problem = bad_request("the body must be a JSON object");
    return std::nullopt;
  }
  return std::optional<json>(std::move(body));
}

std::optional<acknowledgement> read_acknowledgement(const json& body, wall_time now,
                                                    std::string& problem) {
  acknowledgement out;
  out.at = now;
  if (!only_keys(body, {"by", "note"}, problem) ||
      !read_text_key(body, "by", longest_name, true, out.by, problem) ||
      !read_text_key(body, "note", longest_note, false, out.note, problem)) {
    return std::nullopt;
  }
  return out;
}

std::optional<mute> read_mute(const json& body, wall_time now, std::string& problem) {
  mute out;
  out.from = now;
  if (!only_keys(body, {"matchers", "until", "for", "by", "why"}, problem) ||
      !read_matchers(body, out, problem) ||
      !read_text_key(body, "by", longest_name, true, out.by, problem) ||
      !read_text_key(body, "why", longest_note, true, out.why, problem)) {
    return std::nullopt;
  }
  const auto end = read_end(body, to_unix_seconds(now), problem);
  if (!end) {
    return std::nullopt;
  }
  out.until = to_wall_time(*end);
  problem = mute_problem(out);
  return problem.empty() ? std::optional{std::move(out)} : std::nullopt;
}

} // namespace xprober::web
