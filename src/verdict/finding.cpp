#include "xprober/verdict/finding.hpp"

#include <algorithm>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

incident_kind kind_of_cause(cause_type type) noexcept {
  switch (type) {
  case cause_type::target:
  case cause_type::region: return incident_kind::target;
  case cause_type::source: return incident_kind::source;
  case cause_type::path: return incident_kind::path;
  case cause_type::prober: break;
  }
  return incident_kind::prober;
}

/// What stops everybody from reaching something, or all probers, is critical.
incident_severity severity_of(const cause& c) noexcept {
  if (c.type == cause_type::prober) {
    return c.scope == cause_scope::all ? incident_severity::critical : incident_severity::warning;
  }
  const bool lesser =
      c.partial || c.degraded || (c.type == cause_type::path && c.scope != cause_scope::all);
  return lesser ? incident_severity::warning : incident_severity::critical;
}

side side_of(const cause& c) noexcept {
  return c.type == cause_type::source || c.type == cause_type::prober ? side::source : side::target;
}

name_keys keys_of(const std::vector<std::uint32_t>& numbers, side of, const incident_names& names) {
  name_keys keys;
  keys.reserve(numbers.size());
  for (const auto number : numbers) {
    keys.push_back(hash_bytes(names.name(of, number)));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

/// The first names, however the numbers run.
std::vector<std::string> first_names(const std::vector<std::uint32_t>& numbers, side of,
                                     const incident_names& names) {
  std::vector<std::string_view> all;
  all.reserve(numbers.size());
  for (const auto number : numbers) {
    all.push_back(names.name(of, number));
  }
  const auto wanted = std::min(all.size(), incident_side::most_names);
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(wanted), all.end());
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(wanted)};
}

std::string plural_subject(const cause& c, const incident_names& names) {
  const auto of = side_of(c);
  const auto what = std::string{to_string(c.type)} + "s";
  switch (c.scope) {
  case cause_scope::group: return what + " of " + names.group(of, c.group);
  case cause_scope::all: return "all " + what;
  default:
    return std::to_string(of == side::source ? c.sources.size() : c.targets.size()) + " " + what;
  }
}

std::string subject_of(const cause& c, const incident_names& names) {
  if (c.type != cause_type::path) {
    const auto of = side_of(c);
    const auto& blamed = of == side::source ? c.sources : c.targets;
    return blamed.size() == 1
               ? std::string{to_string(c.type)} + " " + std::string{names.name(of, blamed[0])}
               : plural_subject(c, names);
  }
  const auto end = [&](const std::vector<std::uint32_t>& numbers, side of, const char* what) {
    return numbers.size() == 1 ? std::string{names.name(of, numbers[0])}
                               : std::to_string(numbers.size()) + what;
  };
  return (c.scope == cause_scope::one ? "path from " : "paths from ") +
         end(c.sources, side::source, " sources") + " to " +
         end(c.targets, side::target, " targets");
}

void count_sides(const cause& c, const evidence& all, incident& shown) {
  shown.sources.affected = static_cast<std::uint32_t>(c.sources.size());
  shown.targets.affected = static_cast<std::uint32_t>(c.targets.size());
  shown.sources.of = all.known_lines(side::source);
  shown.targets.of = all.known_lines(side::target);
  auto& blamed = side_of(c) == side::source ? shown.sources : shown.targets;
  auto& met = side_of(c) == side::source ? shown.targets : shown.sources;
  if (c.type != cause_type::path) {
    blamed.of = blamed.affected + c.others.of;
    if (c.scope == cause_scope::one && c.type != cause_type::prober) {
      met.affected = c.evidence.bad;
      met.of = c.evidence.of;
    }
  }
  shown.sources.of = std::max(shown.sources.of, shown.sources.affected);
  shown.targets.of = std::max(shown.targets.of, shown.targets.affected);
}

/// What alerts are grouped by.
void label_finding(const cause& c, const incident_names& names, incident& shown) {
  const auto add = [&](std::string name, std::string_view value) {
    if (!value.empty()) {
      shown.labels.emplace_back(std::move(name), value);
    }
  };
  if (c.targets.size() == 1) {
    add("target", names.name(side::target, c.targets[0]));
    add("region", names.region(side::target, c.targets[0]));
    for (auto& label : names.labels(c.targets[0])) {
      shown.labels.push_back(std::move(label));
    }
  }
  if (c.sources.size() == 1 && c.type != cause_type::region) {
    add(c.type == cause_type::path ? "source_region" : "region",
        names.region(side::source, c.sources[0]));
  }
  if (c.scope == cause_scope::group && c.group != no_number) {
    const auto text = names.group(side_of(c), c.group);
    const auto equals = text.find('=');
    if (side_of(c) == side::source) {
      add("region", text);
    } else if (equals != std::string::npos) {
      add(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  // One value for each name: the program's own come first.
  std::stable_sort(shown.labels.begin(), shown.labels.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto end = std::unique(shown.labels.begin(), shown.labels.end(),
                               [](const auto& a, const auto& b) { return a.first == b.first; });
  shown.labels.erase(end, shown.labels.end());
}

} // namespace

finding name_cause(const cause& c, const evidence& all, const incident_names& names,
                   std::string_view probe_type) {
  finding made;
  made.type = c.type;
  made.scope = c.scope;
  made.run = c.type == cause_type::prober ? 0 : c.run;
  made.sources = keys_of(c.sources, side::source, names);
  made.targets = keys_of(c.targets, side::target, names);
  auto& shown = made.shown;
  shown.kind = kind_of_cause(c.type);
  shown.severity = severity_of(c);
  shown.probe_type = probe_type;
  shown.pairs = made.pairs();
  if (c.type == cause_type::prober) {
    shown.reason = to_string(c.trouble);
  } else if (c.reason != no_number) {
    auto failure = names.failure(c.reason);
    shown.reason = std::move(failure.reason);
    shown.phase = std::move(failure.phase);
    shown.detail = std::move(failure.detail);
  }
  shown.summary = subject_of(c, names) + ": " + evidence_text(c);
  if (!shown.reason.empty() && c.type != cause_type::prober) {
    shown.summary += " (" + shown.reason + ")";
  }
  count_sides(c, all, shown);
  shown.sources.names = first_names(c.sources, side::source, names);
  shown.targets.names = first_names(c.targets, side::target, names);
  label_finding(c, names, shown);
  return made;
}

} // namespace xprober
