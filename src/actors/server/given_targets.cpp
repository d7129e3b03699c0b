#include "xprober/actors/server/given_targets.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober {

void given_targets::enter(const target_universe& universe) {
  entered_ = entered_ || universe.catalog;
  if (universe.catalog && universe.catalog != now_.catalog) {
    for (const auto& slice : universe.catalog->slices) {
      add(slice);
    }
  }
  add_mesh(universe.mesh);
  now_ = universe;
  allowed_.clear();
  source_.clear();
}

void given_targets::rotate() {
  earlier_ = std::exchange(fresh_, {});
  const auto now = std::exchange(now_, {});
  enter(now);
}

/// The number of a rule, which the group has from now on.
std::uint32_t given_targets::rule_of(const prober_name& type, const std::string& region,
                                     const probe_rule& rule) {
  const auto [found, fresh] =
      numbers_.try_emplace(rule, static_cast<std::uint32_t>(numbers_.size()));
  if (fresh) {
    rules_.push_back(rule);
  }
  auto& entry = groups_[{std::string{to_string(type)}, region}];
  entry.type = type;
  if (std::ranges::find(entry.rules, found->second) == entry.rules.end()) {
    entry.rules.push_back(found->second);
  }
  return found->second;
}

void given_targets::add(const target_slice& slice) {
  const auto rule = rule_of(slice.type, slice.region, slice.rule);
  const auto type = to_string(slice.type);
  const bool with_user = may_hold_user(slice.type);
  std::optional<std::uint32_t> of_all;
  std::string bare;
  for (const auto& address : slice.addresses) {
    std::string_view name = address;
    auto as = rule;
    if (with_user && may_hold_secret(address)) {
      bare = address;
      // Results come without its secrets. Whose share it is they decide, too: any agent may have
      // it.
      if (take_user(slice.type, bare) && slice.rule.sharding) {
        if (!of_all) {
          of_all = rule_of(slice.type, slice.region, {slice.rule.source_regions, false});
        }
        as = *of_all;
      }
      name = bare;
    }
    fresh_.insert(combine_hash(stable_hash(slice.region, name, type), std::uint64_t{as}));
  }
}

void given_targets::add_mesh(const std::vector<agent_identity>& mesh) {
  const prober_name type{mesh_kind()};
  const probe_rule everywhere;
  const std::string* last = nullptr;
  std::uint32_t rule = 0;
  for (const auto& member : mesh) {
    if (last == nullptr || *last != member.region) {
      rule = rule_of(type, member.region, everywhere);
      last = &member.region;
    }
    fresh_.insert(combine_hash(stable_hash(member.region, member.local_ip, to_string(type)),
                               std::uint64_t{rule}));
  }
}

/// The rules by which agents of a region probe targets of a type and region.
void given_targets::find_rules(std::string_view source_region, std::string_view type,
                               std::string_view region) {
  if (source_ == source_region && last_.first == type && last_.second == region) {
    return;
  }
  source_ = source_region;
  last_ = {std::string{type}, std::string{region}};
  allowed_.clear();
  const auto found = groups_.find(last_);
  if (found == groups_.end()) {
    return;
  }
  for (const auto rule : found->second.rules) {
    if (probed_from(rules_[rule], found->second.type, region, source_region)) {
      allowed_.push_back(rule);
    }
  }
}

given_targets::kept_by given_targets::find_hash(std::uint64_t target) const {
  auto found = kept_by::nobody;
  for (const auto rule : allowed_) {
    const auto hash = combine_hash(target, std::uint64_t{rule});
    if (fresh_.contains(hash) || earlier_.contains(hash)) {
      found = std::max(found, rules_[rule].sharding ? kept_by::one_agent : kept_by::all_agents);
    }
  }
  return found;
}

given_targets::kept_by given_targets::find(std::string_view source_region, std::string_view type,
                                           std::string_view region, std::string_view address) {
  find_rules(source_region, type, region);
  if (allowed_.empty()) {
    return kept_by::nobody;
  }
  const auto found = find_hash(stable_hash(region, address, type));
  if (found != kept_by::nobody || !may_hold_secret(address)) {
    return found;
  }
  std::string bare{address}; // an agent of another make tells them, too
  return take_user(prober_name{type}, bare) ? find_hash(stable_hash(region, bare, type))
                                            : kept_by::nobody;
}

} // namespace xprober
