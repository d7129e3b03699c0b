#include "xprober/domain/targets/discovery.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/targets/target_catalog.hpp"
#include "xprober/domain/targets/target_labels.hpp"

namespace xprober {

namespace {

constexpr std::string_view region_label = "region";
constexpr std::string_view sources_label = "source_regions";
/// The first that is there counts.
constexpr std::array<std::string_view, 3> type_labels{"prober_type", "__module__",
                                                      "__param_module"};

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    if (const auto part = ascii::trim(text.substr(begin, end - begin)); !part.empty()) {
      parts.emplace_back(part);
    }
    begin = end + 1;
  }
  return parts;
}

/// Takes a label out; empty if it is not there.
std::string take(label_map& labels, std::string_view name) {
  const auto node = labels.extract(std::string{name});
  return node.empty() ? std::string{} : std::string{ascii::trim(node.mapped())};
}

std::string take_type(label_map& labels, const std::string& fallback) {
  std::string found;
  for (const auto name : type_labels) {
    auto value = take(labels, name);
    if (found.empty()) {
      found = std::move(value);
    }
  }
  return found.empty() ? fallback : found;
}

/// The first kind that takes targets of a form.
const probe_kind& kind_taking(target_form form) noexcept {
  const auto kinds = builtin_kinds();
  return *std::ranges::find(kinds, form, &probe_kind::takes);
}

/// What a target without a type is probed with: its form decides.
const probe_kind& kind_of_form(std::string_view target) noexcept {
  const auto is = [&](std::string_view scheme) {
    return target.size() > scheme.size() && ascii::starts_with(target, scheme);
  };
  return kind_taking(is("http://") || is("https://") ? target_form::url : target_form::address);
}

/// The targets of a group by the type that their form means.
void add_by_form(const target_entry& common, const std::vector<std::string>& targets,
                 std::vector<target_entry>& out) {
  for (const auto form : {target_form::url, target_form::address}) {
    const auto& kind = kind_taking(form);
    auto entry = common;
    entry.prober_type = kind.name;
    std::ranges::copy_if(targets, std::back_inserter(entry.target),
                         [&](const auto& target) { return &kind_of_form(target) == &kind; });
    if (!entry.target.empty()) {
      out.push_back(std::move(entry));
    }
  }
}

std::string region_problem(std::string_view what, std::string_view region) {
  return is_region_name(region)
             ? std::string{}
             : std::string{what} + " " + shown_text(region) +
                   " is not a region's name; allowed are 1 to " + std::to_string(max_region_bytes) +
                   " bytes of text without control characters";
}

/// What is wrong with how and from where a group is to be probed.
std::string group_problem(const target_entry& entry) {
  if (entry.region.empty()) {
    return "the group has no region; allowed is a label region, or region: beside the source in "
           "the server's file";
  }
  if (auto problem = region_problem("region", entry.region); !problem.empty()) {
    return problem;
  }
  for (const auto& region : entry.source_regions) {
    if (auto problem = region_problem("source_regions:", region); !problem.empty()) {
      return problem;
    }
  }
  return entry.prober_type.empty() || is_prober_name(entry.prober_type)
             ? std::string{}
             : "prober_type " + shown_text(entry.prober_type) + " cannot be used: allowed are " +
                   std::string{kind_names()} + " and the names of agents' modules";
}

/// A label with a meaning that is there and says nothing: nobody means a default by it.
std::string blank_label_problem(const label_map& labels) {
  for (const auto& [name, value] : labels) {
    const auto* const blanks = name == sources_label ? ", \t" : " \t";
    if (!value.empty() && label_has_meaning(name) &&
        value.find_first_not_of(blanks) == value.npos) {
      return "label " + name + " is blank; fill it or remove it";
    }
  }
  return {};
}

/// The line of what is wrong with a group, and what it is; empty where nothing is.
std::string problem_of(const discovered_group& group, const target_entry& entry) {
  auto problem = blank_label_problem(group.labels);
  if (problem.empty()) {
    problem = group_problem(entry);
  }
  return problem.empty() ? problem : std::to_string(group.line) + ": " + problem;
}

/// A group as an entry without targets; takes its labels apart.
target_entry entry_of(const discovered_group& group, const discovery_defaults& defaults,
                      const std::string& name) {
  auto labels = group.labels;
  target_entry entry;
  entry.line = group.line;
  entry.origin = name;
  entry.sharding = defaults.sharding;
  entry.prober_type = take_type(labels, defaults.prober_type);
  entry.region = take(labels, region_label);
  if (entry.region.empty()) {
    entry.region = defaults.region;
  }
  entry.source_regions = split_at_commas(take(labels, sources_label));
  if (entry.source_regions.empty()) {
    entry.source_regions = defaults.source_regions;
  }
  labels.insert(defaults.labels.begin(), defaults.labels.end()); // its own are kept
  entry.labels = series_labels(labels);
  return entry;
}

} // namespace

void left_out::add(std::string what) {
  ++count;
  if (named.size() < max_named) {
    named.push_back(std::move(what));
  }
}

void left_out::add(const left_out& more) {
  const auto room = std::min(max_named - named.size(), more.named.size());
  named.insert(named.end(), more.named.begin(),
               more.named.begin() + static_cast<std::ptrdiff_t>(room));
  count += more.count;
}

std::string label_problem(std::string_view name, std::string_view value) {
  if (!is_label_name(name)) {
    return (is_clean_text(name) && name.size() <= max_label_bytes ? "\"" + std::string{name} + "\""
                                                                  : std::string{"something"}) +
           " is not a label's name; allowed are letters, digits and '_', no digit first";
  }
  const auto most = name == sources_label ? max_source_regions_bytes : max_label_bytes;
  if (name.size() > max_label_bytes || value.size() > most || !is_utf8(value)) {
    return "label " + std::string{name.substr(0, max_label_bytes)} +
           " has a value that is not UTF-8 text of at most " + std::to_string(most) + " bytes";
  }
  return {};
}

bool is_label_kept(std::string_view name) noexcept {
  return !name.starts_with("__") || label_has_meaning(name);
}

bool label_has_meaning(std::string_view name) noexcept {
  return name == region_label || name == sources_label ||
         std::ranges::find(type_labels, name) != type_labels.end();
}

discovered_entries entries_of(const std::vector<discovered_group>& groups,
                              const discovery_defaults& defaults, const std::string& name) {
  discovered_entries result;
  for (const auto& group : groups) {
    auto entry = entry_of(group, defaults, name);
    if (const auto problem = problem_of(group, entry); !problem.empty()) {
      auto told = name;
      result.bad.add(told.append(":").append(problem));
    } else if (entry.prober_type.empty()) {
      add_by_form(entry, group.targets, result.entries);
    } else if (!group.targets.empty()) {
      entry.target = group.targets;
      result.entries.push_back(std::move(entry));
    }
  }
  // Nobody means to take all targets away by a mistake.
  if (result.entries.empty() && result.bad.count > 0) {
    result.error = result.bad.named.front();
  }
  return result;
}

list_measure measure_list(const std::vector<discovered_group>& groups,
                          const discovery_defaults& defaults, const std::string& name,
                          const target_room& room) {
  auto found = entries_of(groups, defaults, name);
  auto fits = expand_targets(found.entries, room.max_targets, room.beside);
  if (fits.catalog) {
    found.bad.add({fits.catalog->bad.count, fits.catalog->bad.first});
  }
  auto error = found.error.empty() ? std::move(fits.error) : std::move(found.error);
  if (error.empty() && fits.written == 0 && found.bad.count > 0) {
    error = found.bad.named.front();
  }
  return {fits.written, std::move(found.bad), std::move(error)};
}

} // namespace xprober
