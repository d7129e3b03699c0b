#include "xprober/top/picture.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/top/screen_text.hpp"

namespace xprober::top {

namespace {

using nlohmann::json;

/// A text that somebody has said, clean; empty where it is none.
std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? clean(found->get_ref<const std::string&>())
                                                     : std::string{};
}

/// 0 for what is no number, or none that has room.
std::int64_t whole_at(const json& object, const char* key) {
  constexpr double most = 9e15;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) {
    return 0;
  }
  const auto number = found->get<double>();
  return number > -most && number < most ? static_cast<std::int64_t>(number) : 0;
}

std::uint64_t count_at(const json& object, const char* key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(whole_at(object, key), 0));
}

std::optional<double> ms_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional{found->get<double>()}
                                                     : std::nullopt;
}

bool flag_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// The objects of a list; nothing for what is none.
template <class Visitor>
void each_object(const json& object, const char* key, Visitor visit) {
  const auto found = object.find(key);
  if (found != object.end() && found->is_array()) {
    for (const auto& item : *found) {
      if (item.is_object()) {
        visit(item);
      }
    }
  }
}

/// What a successful result took: the time that its kind is about, else the sum of its phases, else
/// all of it.
std::optional<double> time_of(const json& result, const std::string& kind) {
  const auto own = result.find(kind);
  const auto& facts = own != result.end() && own->is_object() ? *own : result;
  if (const auto ms = ms_at(facts, "latency_ms")) {
    return ms;
  }
  if (const auto rtt = facts.find("rtt_ms"); rtt != facts.end() && rtt->is_object()) {
    return ms_at(*rtt, "avg");
  }
  const auto phases = facts.find("phases_ms");
  std::optional<double> sum;
  if (phases != facts.end() && phases->is_object()) {
    for (const auto& ms : *phases) {
      sum = ms.is_number() ? std::optional{sum.value_or(0) + ms.get<double>()} : sum;
    }
  }
  return sum ? sum : ms_at(result, "duration_ms");
}

shown_target target_of(const json& row) {
  shown_target out;
  out.uid = text_at(row, "uid");
  out.target = text_at(row, "target");
  out.kind = text_at(row, "probe_type");
  out.region = text_at(row, "region");
  out.source = text_at(row, "source_region");
  out.agent = text_at(row, "agent");
  out.state = text_at(row, "state");
  const auto last = row.find("last"); // an agent's
  const auto& result = last != row.end() && last->is_object() ? *last : row;
  out.reason = text_at(row, "reason") + text_at(result, "error");
  out.detail = text_at(result, "detail");
  out.since_unix = whole_at(row, "since_unix");
  out.time_unix = whole_at(result, "time_unix");
  out.streak = count_at(row, "streak");
  if (out.state == "ok" || out.state == "degraded") {
    out.ms = time_of(result, out.kind);
  }
  return out;
}

/// The names of an incident's "sources" or "targets".
template <class Visitor>
void each_name(const json& incident, const char* side, Visitor visit) {
  const auto found = incident.find(side);
  const auto names =
      found != incident.end() && found->is_object() ? found->value("names", json::array()) : json{};
  for (const auto& name : names) {
    if (name.is_string()) {
      visit(clean(name.get_ref<const std::string&>()));
    }
  }
}

shown_incident incident_of(const json& row) {
  shown_incident out;
  out.id = std::to_string(count_at(row, "id"));
  out.kind = text_at(row, "kind");
  out.severity = text_at(row, "severity");
  out.summary = text_at(row, "summary");
  const auto detail = text_at(row, "detail");
  out.why = text_at(row, "reason");
  out.why += (out.why.empty() || detail.empty() ? "" : ": ") + detail;
  out.opened_unix = whole_at(row, "opened_unix");
  const auto acknowledged = row.find("acknowledged");
  for (const auto& [holds, mark] :
       {std::pair{acknowledged != row.end() && acknowledged->is_object(), "acknowledged"},
        std::pair{flag_at(row, "muted"), "muted"},
        std::pair{flag_at(row, "flapping"), "flapping"}}) {
    if (holds) {
      append_listed(out.marks, mark);
    }
  }
  out.found_by = out.severity + " " + out.summary + "\n" + out.kind + ", " + out.why;
  for (const auto* side : {"sources", "targets"}) {
    each_name(row, side, [&](const std::string& name) { out.found_by += "\n" + name; });
  }
  out.found_by = ascii::to_lower(out.found_by);
  return out;
}

/// As on the page: what somebody has seen to comes after all others, what is muted last.
std::tuple<int, int, std::int64_t> weight_of(const shown_incident& row) {
  const auto has = [&](std::string_view mark) { return row.marks.find(mark) != std::string::npos; };
  const int calm = has("muted") ? 2 : has("acknowledged") ? 1 : 0;
  const int rank = row.severity == "critical" ? 0 : row.severity == "warning" ? 1 : 2;
  return {calm, rank, row.opened_unix};
}

void take_targets(picture& now, const json& body, bool first) {
  if (first) {
    now.targets.clear();
    now.matching = 0;
  }
  each_object(body, "targets", [&](const json& row) { now.targets.push_back(target_of(row)); });
  now.matching += count_at(body, "matching");
  now.total = count_at(body, "total");
  if (now.who == role::agent) {
    now.failing = count_at(body, "failing");
    now.unwell = count_at(body, "prober_fault") + count_at(body, "waiting");
  }
}

void take_regions(picture& now, const json& body) {
  now.who = role::server;
  now.regions.clear();
  each_object(body, "regions", [&](const json& row) {
    now.regions.push_back({text_at(row, "region"), count_at(row, "agents"),
                           count_at(row, "pairs_as_source"), count_at(row, "pairs_as_target"),
                           count_at(row, "never_probed")});
  });
}

void take_incidents(picture& now, const json& body) {
  now.incidents.clear();
  each_object(body, "incidents",
              [&](const json& row) { now.incidents.push_back(incident_of(row)); });
  std::ranges::stable_sort(now.incidents, {}, weight_of);
  const auto next = body.find("next");
  now.more_incidents = next != body.end() && next->is_string();
}

std::string exact_ms(double ms) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f ms", std::clamp(ms, -1e12, 1e12));
  return text.data();
}

/// An object, or nothing. What lies deeper than anything that is looked at is left out: a few bytes
/// of such a text would take a hundred times as much memory.
std::optional<json> object_in(std::string_view body) {
  constexpr int deepest = 8;
  const auto keep = [](int depth, json::parse_event_t, json&) { return depth <= deepest; };
  auto read = json::parse(body, keep, false);
  return read.is_object() ? std::optional{std::move(read)} : std::nullopt;
}

constexpr const char* no_object = "the answer is not a JSON object: is this an xprober?";

/// "ok, 1.2 ms" or "refused: ...".
detail_line result_line(const json& result) {
  const auto error = text_at(result, "error");
  auto text = error.empty() ? "ok" : error + ": " + text_at(result, "detail");
  if (const auto ms = ms_at(result, "duration_ms")) {
    text += ", " + exact_ms(*ms);
  }
  return {std::move(text), {}, whole_at(result, "time_unix")};
}

std::string side_line(const json& incident, const char* key) {
  const auto side = incident.find(key);
  if (side == incident.end() || !side->is_object()) {
    return {};
  }
  auto line = std::string{key} + ": " + std::to_string(count_at(*side, "affected")) + " of " +
              std::to_string(count_at(*side, "of"));
  each_name(incident, key, [&](const std::string& name) { line += "  " + name; });
  return line;
}

/// What a source of a server's target, or an agent's target, says of itself.
void add_state(std::vector<detail_line>& lines, const json& source) {
  const auto row = target_of(source);
  auto line = row.state;
  line += row.source.empty() ? "" : "  from " + row.source + " (" + row.agent + ")";
  line += row.streak > 0 ? ", " + counted(row.streak, "result", "results") : "";
  lines.push_back({line});
  if (!row.reason.empty()) {
    lines.push_back({"  " + row.reason + (row.detail.empty() ? "" : ": " + row.detail)});
  }
  if (const auto phases = source.find("phases_ms"); phases != source.end() && phases->is_object()) {
    std::string times = "  ";
    for (const auto& [name, ms] : phases->items()) {
      times += ms.is_number() ? clean(name) + " " + exact_ms(ms.get<double>()) + "  " : "";
    }
    lines.push_back({times});
  }
}

void add_incident(std::vector<detail_line>& lines, const json& body) {
  const auto incident = incident_of(body);
  lines.push_back({incident.summary});
  lines.push_back({incident.severity + " " + incident.kind +
                   (incident.marks.empty() ? "" : ", " + incident.marks)});
  lines.push_back({incident.why});
  lines.push_back({side_line(body, "sources")});
  lines.push_back({side_line(body, "targets")});
  lines.emplace_back();
  each_object(body, "timeline", [&](const json& entry) {
    lines.push_back(
        {text_at(entry, "event") + "  " + text_at(entry, "text"), {}, whole_at(entry, "at_unix")});
  });
}

} // namespace

std::string take_answer(picture& now, const question& asked_for, std::string_view body,
                        bool first) {
  const auto read = object_in(body);
  if (!read) {
    return no_object;
  }
  switch (asked_for.what) {
  case asked::regions: take_regions(now, *read); break;
  case asked::incidents: take_incidents(now, *read); break;
  case asked::targets: take_targets(now, *read, first); break;
  case asked::failing:
    now.failing = count_at(*read, "matching");
    now.total = count_at(*read, "total");
    break;
  case asked::unwell: now.unwell = count_at(*read, "matching"); break;
  case asked::story: return take_story(now, asked_for.about, body);
  case asked::detail: now.detail_uid = asked_for.about; return take_detail(now, body);
  case asked::history: return take_history(now, body);
  }
  return {};
}

std::string take_story(picture& now, const std::string& uid, std::string_view body) {
  const auto read = object_in(body);
  if (!read) {
    return no_object;
  }
  std::string strip;
  std::int64_t failing_since = 0;
  // The order of the results is that of their times, whichever end they begin at.
  std::vector<std::pair<std::int64_t, bool>> results;
  each_object(*read, "results", [&](const json& result) {
    results.emplace_back(whole_at(result, "time_unix"), flag_at(result, "success"));
  });
  std::ranges::sort(results);
  for (const auto& [time, success] : results) {
    strip += success ? strip_ok : strip_failed;
    failing_since = success ? 0 : failing_since == 0 ? time : failing_since;
  }
  for (auto& row : now.targets) {
    if (row.uid == uid) {
      if (row.since_unix == 0) { // of an agent that does not say it itself
        row.since_unix = failing_since;
        row.since_at_least = failing_since != 0 && strip.find(strip_ok) == std::string::npos;
      }
      row.strip = strip.substr(strip.size() - std::min(strip.size(), longest_strip));
    }
  }
  return {};
}

std::string take_detail(picture& now, std::string_view body) {
  const auto read = object_in(body);
  if (!read) {
    return no_object;
  }
  auto& lines = now.detail;
  lines.clear();
  if (read->contains("timeline")) {
    add_incident(lines, *read);
    return {};
  }
  lines.push_back({text_at(*read, "target")});
  lines.push_back({text_at(*read, "probe_type") + "  region " + text_at(*read, "region")});
  if (const auto labels = read->find("labels"); labels != read->end() && labels->is_object()) {
    std::string all;
    for (const auto& [name, value] : labels->items()) {
      all += value.is_string()
                 ? clean(name) + "=" + clean(value.get_ref<const std::string&>()) + "  "
                 : "";
    }
    if (!all.empty()) {
      lines.push_back({all});
    }
  }
  lines.emplace_back();
  each_object(*read, "sources", [&](const json& source) { add_state(lines, source); });
  if (now.who == role::agent) {
    add_state(lines, *read);
    for (const auto* part : {"results", "failures"}) {
      lines.emplace_back();
      lines.push_back({part});
      each_object(*read, part, [&](const json& result) { lines.push_back(result_line(result)); });
    }
  }
  return {};
}

std::string take_history(picture& now, std::string_view body) {
  const auto read = object_in(body);
  if (!read) {
    return no_object;
  }
  auto& lines = now.detail;
  each_object(*read, "sources", [&](const json& source) {
    std::string strip;
    each_object(source, "points", [&](const json& point) {
      const auto ratio = ms_at(point, "success_ratio");
      strip += !ratio         ? strip_unknown
               : *ratio >= 1  ? strip_ok
               : *ratio > 0.5 ? strip_degraded
                              : strip_failed;
    });
    lines.emplace_back();
    const auto step = std::to_string(count_at(*read, "step_seconds"));
    lines.push_back(
        {"last hour from " + text_at(source, "source_region") + ", " + step + " s for each mark:"});
    lines.push_back({"  ", std::move(strip)});
  });
  return {};
}

} // namespace xprober::top
