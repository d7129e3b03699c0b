#include "xprober/web/target_parameters.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/store/target_page.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

namespace {

constexpr std::array<std::pair<std::string_view, target_sort>, 5> sort_names{{
    {"target", target_sort::target},
    {"since", target_sort::since},
    {"state", target_sort::state},
    {"agent", target_sort::agent},
    {"time", target_sort::time},
}};

/// As people look for them.
constexpr std::array shown_states{series_state::ok,      series_state::degraded,
                                  series_state::failing, series_state::prober_fault,
                                  series_state::stale,   series_state::never};
static_assert(shown_states.size() == series_state_count);

bool read_state(std::string_view name, std::vector<series_state>& out, std::string& problem) {
  std::string allowed;
  for (const auto state : shown_states) {
    if (name == to_string(state)) {
      out.push_back(state);
      return true;
    }
    append_listed(allowed, to_string(state));
  }
  problem = "state must be one or several of " + allowed + ", separated by commas, not \"" +
            std::string{name} + "\"";
  return false;
}

bool read_states(const net::query_params& query, std::vector<series_state>& out,
                 std::string& problem) {
  const auto given = query.get("state");
  if (!given) {
    return true;
  }
  std::string_view rest{*given};
  while (true) {
    const auto comma = rest.find(',');
    if (!read_state(rest.substr(0, comma), out, problem)) {
      return false;
    }
    if (comma == std::string_view::npos) {
      return true;
    }
    rest.remove_prefix(comma + 1);
    if (out.size() >= series_state_count) {
      problem = "state names a state twice";
      return false;
    }
  }
}

bool read_numbers(const net::query_params& query, target_terms& out, std::string& problem) {
  const std::array<std::pair<std::string_view, std::optional<std::uint64_t>*>, 3> numbers{
      {{"since_unix", &out.since_unix}, {"streak", &out.streak}, {"time_unix", &out.time_unix}}};
  for (const auto& [name, number] : numbers) {
    const auto text = query.get(name);
    *number = query.get_number(name);
    if (text && !*number) {
      problem = std::string{name} + " must be a whole number, not \"" + *text + "\"";
      return false;
    }
  }
  return true;
}

bool read_names(const net::query_params& query, target_terms& out, std::string& problem) {
  out.source_region = query.get("source_region");
  out.region = query.get("region");
  if (const auto same = query.get("target_region")) {
    if (out.region && *out.region != *same) {
      problem = "region and target_region mean the same: give one of them";
      return false;
    }
    out.region = same;
  }
  out.kind = query.get("probe_type");
  out.agent = query.get("agent");
  out.reason = query.get("reason");
  out.detail = query.get("detail");
  out.target = query.get("target");
  out.part = ascii::to_lower(query.get_or("q", ""));
  if (const auto uid = query.get("uid")) {
    out.uid = parse_uid_text(*uid);
    if (!out.uid) {
      problem = "uid must have 16 hexadecimal digits, as targets are listed with";
      return false;
    }
  }
  auto labels = label_parameters(query, problem);
  if (!labels) {
    return false;
  }
  out.labels = std::move(*labels);
  return true;
}

bool read_order(const net::query_params& query, target_question& out, std::string& problem) {
  const auto given = query.get_or("sort", "target");
  std::string_view name{given};
  out.descending = name.starts_with('-');
  if (out.descending) {
    name.remove_prefix(1);
  }
  std::string allowed;
  for (const auto& [known, sort] : sort_names) {
    if (known == name) {
      out.sort = sort;
      return true;
    }
    append_listed(allowed, known);
  }
  problem = "sort must be one of " + allowed +
            ", with a - before it for the other way round, not \"" + given + "\"";
  return false;
}

/// The order that a cursor is of: it is good for no other.
std::string order_text(const target_question& question) {
  std::string text = question.descending ? "-" : "";
  for (const auto& [name, sort] : sort_names) {
    if (sort == question.sort) {
      text += name;
    }
  }
  return text;
}

std::optional<target_place> read_place(std::string_view text, const std::string& order) {
  const auto bytes = read_base64url(text);
  if (!bytes) {
    return std::nullopt;
  }
  const auto all = json::parse(*bytes, nullptr, false);
  constexpr std::size_t fields = 8;
  if (!all.is_array() || all.size() != fields || !all[1].is_number_unsigned()) {
    return std::nullopt;
  }
  std::array<std::string, fields> texts;
  for (std::size_t i = 0; i < fields; ++i) {
    if (i == 1) {
      continue;
    }
    if (!all[i].is_string()) {
      return std::nullopt;
    }
    texts[i] = all[i].get<std::string>();
  }
  if (texts[0] != order) {
    return std::nullopt;
  }
  return target_place{
      all[1].get<std::uint64_t>(), texts[2], texts[3], texts[4], texts[5], texts[6], texts[7]};
}

bool read_cursor(const net::query_params& query, target_question& out, std::string& problem) {
  const auto text = query.get("cursor");
  if (!text) {
    return true;
  }
  out.after = read_place(*text, order_text(out));
  if (!out.after) {
    problem = "cursor must be what an answer to the same question had as next";
  }
  return out.after.has_value();
}

} // namespace

std::optional<target_question> read_target_question(const net::query_params& query,
                                                    std::string& problem) {
  target_question question;
  if (!read_target_terms(query, {"sort", "limit", "cursor"}, question.terms, problem) ||
      !read_order(query, question, problem) || !read_cursor(query, question, problem)) {
    return std::nullopt;
  }
  const auto limit = limit_parameter(query, problem, max_target_page);
  if (!limit) {
    return std::nullopt;
  }
  question.limit = *limit;
  return question;
}

bool read_target_terms(const net::query_params& query, std::vector<std::string_view> others,
                       target_terms& out, std::string& problem) {
  std::vector<std::string_view> allowed{
      "state",  "source_region", "region", "target_region", "probe_type", "agent", "reason",
      "detail", "since_unix",    "streak", "time_unix",     "target",     "uid",   "q"};
  allowed.insert(allowed.end(), others.begin(), others.end());
  allowed.push_back(label_prefix);
  if (auto unknown = unknown_parameter(query, allowed)) {
    problem = std::move(*unknown);
    return false;
  }
  return read_states(query, out.states, problem) && read_names(query, out, problem) &&
         read_numbers(query, out, problem);
}

std::string target_cursor(const target_question& question, const stored_target& last) {
  const auto place = place_of(last, question.sort);
  const auto all = json::array({order_text(question), place.number, place.first, place.address,
                                place.region, place.type, place.source_region, place.agent});
  return base64url(all.dump(-1, ' ', false, json::error_handler_t::replace));
}

} // namespace xprober::web
