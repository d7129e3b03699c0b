#include "xprober/verdict/finding.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

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

/// What one side has of names.
struct side_names {
  name_keys keys{};
  std::vector<std::string> first{}; ///< in order, however the numbers run
};

void add_first(std::string name, std::vector<std::string>& first) {
  const bool full = first.size() == incident_side::most_names;
  if (full && name >= first.back()) {
    return;
  }
  if (full) {
    first.pop_back();
  }
  const auto place = std::lower_bound(first.begin(), first.end(), name);
  first.insert(place, std::move(name));
}

/// Each name is asked for once: there may be a hundred thousand.
side_names names_of_side(const std::vector<std::uint32_t>& numbers, side of,
                         const incident_names& names) {
  side_names found;
  found.keys.reserve(numbers.size());
  for (const auto number : numbers) {
    auto name = names.name(of, number);
    found.keys.push_back(hash_bytes(name));
    add_first(std::move(name), found.first);
  }
  std::sort(found.keys.begin(), found.keys.end());
  found.keys.erase(std::unique(found.keys.begin(), found.keys.end()), found.keys.end());
  return found;
}

std::vector<std::string> first_names(const std::vector<std::uint32_t>& numbers, side of,
                                     const incident_names& names) {
  std::vector<std::string> first;
  for (const auto number : numbers) {
    add_first(names.name(of, number), first);
  }
  return first;
}

std::string plural_subject(const cause& c, const incident_names& names, const counted_ends& ends) {
  const auto of = side_of(c);
  const auto what = std::string{to_string(c.type)} + "s";
  switch (c.scope) {
  case cause_scope::group: return what + " of " + names.group(of, c.group);
  case cause_scope::all: return "all " + what;
  default:
    return std::to_string(of == side::source ? c.sources.size() : c.targets.size()) + " " +
           (c.type == cause_type::target ? std::string{ends.targets} : what);
  }
}

std::string subject_of(const cause& c, const incident_names& names, const counted_ends& ends) {
  if (c.type != cause_type::path) {
    const auto of = side_of(c);
    const auto& blamed = of == side::source ? c.sources : c.targets;
    return blamed.size() == 1 ? std::string{to_string(c.type)} + " " + names.name(of, blamed[0])
                              : plural_subject(c, names, ends);
  }
  const auto end = [&](const std::vector<std::uint32_t>& numbers, side of, std::string_view what) {
    return numbers.size() == 1 ? names.name(of, numbers[0]) : count_text(numbers.size(), {}, what);
  };
  return (c.scope == cause_scope::one ? "path from " : "paths from ") +
         end(c.sources, side::source, ends.sources) + " to " +
         end(c.targets, side::target, ends.targets);
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

void name_failure(const cause& c, const incident_names& names, incident& shown) {
  failure_text failure;
  if (c.type == cause_type::prober) {
    failure = c.sources.empty() ? failure_text{} : names.trouble(c.sources.front());
    if (failure.reason.empty()) {
      failure.reason = to_string(c.trouble);
    }
  } else if (c.reason != no_number) {
    failure = names.failure(c.reason);
    if (auto sentence = names.sentence(c.sentence); !sentence.empty()) {
      failure.detail = std::move(sentence);
    }
  }
  shown.reason = std::move(failure.reason);
  shown.phase = std::move(failure.phase);
  shown.detail = std::move(failure.detail);
}

/// Of probers the evidence says what is wrong, but for which fault of their own it is.
bool is_said_already(const cause& c, std::string_view reason) {
  return c.type == cause_type::prober &&
         (c.trouble != prober_trouble::faults || reason == to_string(c.trouble));
}

/// "name=value" as a label; a group of another kind has none.
void add_group_label(const std::string& group, incident& shown) {
  const auto equals = group.find('=');
  if (equals != std::string::npos) {
    shown.labels.emplace_back(group.substr(0, equals), group.substr(equals + 1));
  }
}

/// The region and the labels that all targets have which are blamed together.
void label_together(const cause& c, const evidence& all, const incident_names& names,
                    incident& shown) {
  const auto region = names.region(side::target, c.targets.front());
  const bool in_one = std::ranges::all_of(c.targets, [&](std::uint32_t target) {
    return names.region(side::target, target) == region;
  });
  if (in_one && !region.empty()) {
    shown.labels.emplace_back("region", region);
  }
  const auto first = all.groups_of(side::target, c.targets.front());
  std::vector<std::uint32_t> common(first.begin(), first.end());
  for (const auto target : c.targets) {
    if (common.empty()) {
      break;
    }
    const auto own = all.groups_of(side::target, target);
    std::erase_if(common,
                  [&](std::uint32_t group) { return std::ranges::find(own, group) == own.end(); });
  }
  for (const auto group : common) {
    add_group_label(names.group(side::target, group), shown);
  }
}

/// What alerts are grouped by.
void label_finding(const cause& c, const evidence& all, const incident_names& names,
                   incident& shown) {
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
    if (side_of(c) == side::source) {
      add("region", text);
    } else {
      add_group_label(text, shown);
    }
  }
  if (c.type == cause_type::target && c.targets.size() > 1) {
    label_together(c, all, names, shown);
  }
  // One value for each name: the program's own come first.
  std::stable_sort(shown.labels.begin(), shown.labels.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto end = std::unique(shown.labels.begin(), shown.labels.end(),
                               [](const auto& a, const auto& b) { return a.first == b.first; });
  shown.labels.erase(end, shown.labels.end());
}

void add_keys_of(std::span<const std::string> names, name_keys& keys) {
  for (const auto& name : names) {
    keys.push_back(hash_bytes(name));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

/// Not the region: some of its agents, which nobody reaches.
void blame_agents(const cause& c, const unreached_agents& who, const std::string& region,
                  finding& made) {
  made.type = cause_type::region;
  made.run = std::min(made.run, who.run);
  made.whole_run = std::min(made.whole_run, who.run);
  made.also = std::exchange(made.targets, {});
  add_keys_of(who.names, made.targets);
  made.sources = made.targets;
  const auto count = static_cast<std::uint32_t>(who.names.size());
  auto& shown = made.shown;
  shown.kind = incident_kind::target;
  shown.ends = incident_ends::agents;
  shown.pairs = false;
  shown.targets = {count, count + who.others, who.names};
  shown.targets.names.resize(std::min(who.names.size(), incident_side::most_names));
  shown.sources = shown.targets;
  const bool one = count == 1;
  shown.summary =
      (one ? "agent " + who.names.front() : std::to_string(count) + " agents of " + region) + ": " +
      std::to_string(c.evidence.bad) + " of " + std::to_string(c.evidence.of) +
      (c.evidence.bad == 1 ? " regions fails" : " regions fail") + " to reach " +
      (one ? "it" : "them") +
      (!who.lost ? ""
       : one     ? ", and it is lost"
                 : ", and they are lost") +
      "; " + std::to_string(who.others) + " of " + region +
      (who.others == 1 ? " answers" : " answer");
  if (!shown.reason.empty()) {
    shown.summary += " (" + shown.reason + ")";
  }
  std::erase_if(shown.labels, [](const auto& label) { return label.first == "source_region"; });
  for (auto& [name, value] : shown.labels) {
    value = name == "target" && one ? who.names.front() : value;
  }
}

/// How what is blamed is known again when it is called otherwise.
void name_agents(const cause& c, const evidence& all, const incident_names& names, finding& made) {
  if (c.type == cause_type::prober || c.type == cause_type::region) {
    std::vector<std::string> all_names;
    for (const auto source : c.sources) {
      auto others = names.other_names(source);
      std::move(others.names.begin(), others.names.end(), std::back_inserter(all_names));
      made.unreached = made.unreached && others.unreached;
    }
    add_keys_of(all_names, made.also);
  }
  if (c.type == cause_type::source || c.type == cause_type::path) {
    std::vector<std::string> former;
    for (const auto source : c.sources) {
      if (auto name = names.former_name(source); !name.empty()) {
        former.push_back(std::move(name));
      }
    }
    add_keys_of(former, made.former);
  }
  const bool of_targets = c.type == cause_type::target || c.type == cause_type::region;
  const bool one = c.targets.size() == 1;
  if (!all.pairs() || !(of_targets || (c.type == cause_type::path && one))) {
    return;
  }
  for (const auto region : c.targets) {
    const auto who = names.unreached(region);
    if (who.names.empty()) {
      continue;
    }
    if (who.others > 0 && one && c.type != cause_type::region) {
      blame_agents(c, who, names.name(side::target, region), made);
      return;
    }
    add_keys_of(who.names, made.also);
    if (one && who.names.size() > 1) {
      made.run = std::min(made.run, who.run); // the last of them has to fail as long
      made.whole_run = std::min(made.whole_run, who.run);
    }
  }
}

} // namespace

finding name_cause(const cause& c, const evidence& all, const incident_names& names,
                   std::string_view probe_type) {
  finding made;
  made.type = c.type;
  made.scope = c.scope;
  made.run = c.type == cause_type::prober ? 0 : c.run;
  made.whole_run = c.whole_run;
  made.cells = c.evidence.bad;
  made.unsettled = c.unsettled;
  made.of_before = c.of_before;
  made.partly_of_before = c.partly_of_before;
  auto sources = names_of_side(c.sources, side::source, names);
  auto targets = names_of_side(c.targets, side::target, names);
  made.sources = std::move(sources.keys);
  made.targets = std::move(targets.keys);
  auto& shown = made.shown;
  shown.kind = kind_of_cause(c.type);
  shown.severity = severity_of(c);
  shown.probe_type = probe_type;
  shown.pairs = made.pairs();
  shown.ends = all.pairs() ? incident_ends::regions : incident_ends::sources_and_targets;
  name_failure(c, names, shown);
  const auto& ends = all.pairs() ? regions_alone : sources_and_targets;
  shown.summary = subject_of(c, names, ends) + ": " + evidence_text(c, ends);
  if (!shown.reason.empty() && !is_said_already(c, shown.reason)) {
    shown.summary += " (" + shown.reason + ")";
  }
  count_sides(c, all, shown);
  shown.sources.names = std::move(sources.first);
  shown.targets.names = std::move(targets.first);
  auto& met = side_of(c) == side::source ? shown.targets : shown.sources;
  if (c.type == cause_type::target || c.type == cause_type::source) {
    met.names = first_names(c.met, other(side_of(c)), names);
  }
  label_finding(c, all, names, shown);
  name_agents(c, all, names, made);
  return made;
}

} // namespace xprober
