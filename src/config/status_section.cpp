#include <algorithm>
#include <array>

#include "xprober/config/checks.hpp"
#include "xprober/config/list_items.hpp"
#include "xprober/config/read.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/targets/target_labels.hpp"

namespace xprober::config {

namespace {

constexpr std::size_t most_status_groups = 50;
constexpr std::size_t longest_status_text = 200;
constexpr std::string_view status_fields =
    "region, source_region, probe_type, target and label.NAME";

std::string check_region_label(std::string_view name) {
  return is_label_name(name) && !name.starts_with("__")
             ? std::string{}
             : in_quotes(name) + " is not a label name; allowed are letters, digits and '_', with "
                                 "no digit first and no \"__\" first";
}

std::string check_status_text(std::string_view text) {
  return text.size() <= longest_status_text && is_clean_text(text)
             ? std::string{}
             : in_quotes(text) + " is not fit to be shown; allowed are " +
                   std::to_string(longest_status_text) +
                   " bytes of text without control characters";
}

std::string check_status_field(std::string_view name) {
  constexpr std::array<std::string_view, 4> known{"region", "source_region", "probe_type",
                                                  "target"};
  constexpr std::string_view label = "label.";
  const bool is_known = std::ranges::find(known, name) != known.end() ||
                        (name.starts_with(label) && is_label_name(name.substr(label.size())));
  return is_known
             ? std::string{}
             : in_quotes(name) + " is not a matcher; allowed are " + std::string{status_fields};
}

std::string check_status_value(std::string_view text) {
  constexpr std::size_t longest = 2048; // bytes: an address is not longer
  return !text.empty() && text.size() <= longest
             ? std::string{}
             : "a matcher's value is empty or too long; allowed is a text of at most " +
                   std::to_string(longest) + " bytes, in which * stands for any characters";
}

void read_status_group(section group, std::vector<status_group>& out) {
  status_group one;
  for (const auto* needed : {"name", "match"}) {
    if (!group.has(needed)) {
      group.report(needed, "is missing; every group needs name and match");
    }
  }
  group.text("name", one.name, check_status_text);
  group.text_map("match", one.match, check_status_field, check_status_value);
  if (group.has("name") && one.name.empty()) {
    group.report("name", "is empty; allowed is a name to show");
  }
  if (group.has("match") && one.match.empty()) {
    group.report("match", "matches nothing; allowed are " + std::string{status_fields} +
                              ", as in {label.team: shop}");
  }
  if (std::ranges::find(out, one.name, &status_group::name) != out.end()) {
    group.report("name", "is named before; each group has a name of its own");
  }
  group.finish();
  out.push_back(std::move(one));
}

} // namespace

void read_region_labels(section& top, std::map<std::string, label_map>& out) {
  constexpr std::string_view name = "region_labels";
  const auto all = top.value(name);
  if (!all || all->kind == node::type::null) {
    return;
  }
  if (all->kind != node::type::map) {
    top.report(name, "is " + std::string{to_string(all->kind)} +
                         "; allowed are regions with their labels, as in {eu-west: {continent: "
                         "europe}}");
    return;
  }
  const auto full = top.full_name(name);
  section regions{all, full + ".", full + "[].", top.found()};
  for (std::size_t i = 0; i + 1 < all->children.size(); i += 2) {
    const auto& region = *all->children[i];
    if (region.kind != node::type::scalar) {
      continue; // which the section has reported
    }
    if (auto problem = check_region(region.text); !problem.empty()) {
      top.found().add(region, full, std::move(problem));
      continue;
    }
    regions.text_map(region.text, out[region.text], check_region_label,
                     [](std::string_view value) { return check_status_text(value); });
  }
}

void read_status(section status, status_config& out) {
  status.boolean("enabled", out.enabled);
  status.text("title", out.title, check_status_text);
  status.boolean("show_targets", out.show_targets);
  constexpr std::string_view allowed = "groups with name and match";
  for_each_item(status, "groups", allowed, [&](const node_ptr& item, const std::string& name) {
    if (item->kind == node::type::map) {
      read_status_group({item, name + ".", status.found()}, out.groups);
    } else {
      status.found().add(*item, name, "is a single value; allowed are " + std::string{allowed});
    }
  });
  if (out.groups.size() > most_status_groups) {
    status.report("groups", "has " + std::to_string(out.groups.size()) + " groups; allowed are " +
                                std::to_string(most_status_groups));
  }
  if (out.enabled && out.groups.empty()) {
    status.report("enabled", "shows nothing without groups; allowed are true with groups, and "
                             "false");
  }
  status.finish();
}

} // namespace xprober::config
