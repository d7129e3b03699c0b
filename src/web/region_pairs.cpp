#include "xprober/web/region_pairs.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "xprober/domain/kind_table.hpp"

namespace xprober::web {

namespace {

/// Not of those that nobody can probe, nor of many pairs together.
bool is_of_pair(const never_group& group, std::string_view kind) {
  return !group.source_region.empty() && !group.target_region.empty() && group.kind->name == kind &&
         group.kind->grouped_by == result_group::pair;
}

} // namespace

std::optional<series_state> worst_state(const state_numbers& counts) noexcept {
  for (const auto state : {series_state::failing, series_state::degraded, series_state::ok,
                           series_state::prober_fault, series_state::stale, series_state::never}) {
    if (counts[static_cast<std::size_t>(state)] > 0) {
      return state;
    }
  }
  return std::nullopt;
}

std::vector<region_pair> region_pairs(const store_snapshot& store, std::string_view kind,
                                      bool silent, std::string_view source_region,
                                      std::string_view target_region) {
  const auto is_wanted = [&](const auto& group) {
    return (source_region.empty() || group.source_region == source_region) &&
           (target_region.empty() || group.target_region == target_region);
  };
  std::map<std::pair<std::string_view, std::string_view>, region_pair> pairs;
  for (const auto& results : store.kinds) {
    if (results.kind->name != kind || results.kind->grouped_by != result_group::pair) {
      continue;
    }
    const auto add = [&](const stored_group& group) {
      if (!is_wanted(group)) {
        return;
      }
      auto& pair = pairs[{group.source_region, group.target_region}];
      pair.source_region = group.source_region;
      pair.target_region = group.target_region;
      pair.failed = results.kind->failed;
      pair.successes.add(group.sums.successes);
      if (const auto* usual = results.usual_ms(group)) {
        pair.usual_ms.add(*usual);
      }
      for (std::size_t i = 0; i < series_state_count; ++i) {
        pair.states[i] += group.sums.states[i];
      }
      if (const auto* mean = results.find_mean(group, column_role::duration)) {
        pair.duration_ms.add(*mean);
      }
      if (const auto* mean = results.find_mean(group, column_role::loss)) {
        pair.loss_percent.add(*mean);
      }
    };
    std::ranges::for_each(results.groups, add);
    if (silent) {
      std::ranges::for_each(results.silent, add);
    }
  }
  for (const auto& group : store.never) {
    if (silent && is_of_pair(group, kind) && is_wanted(group)) {
      auto& pair = pairs[{group.source_region, group.target_region}];
      pair.source_region = group.source_region;
      pair.target_region = group.target_region;
      pair.failed = group.kind->failed;
      pair.states[static_cast<std::size_t>(series_state::never)] += group.targets;
    }
  }
  std::vector<region_pair> sorted;
  sorted.reserve(pairs.size());
  for (const auto& [key, pair] : pairs) {
    sorted.push_back(pair);
  }
  return sorted;
}

std::set<std::string_view> regions_of_pairs(const store_snapshot& store, std::string_view kind,
                                            std::size_t most) {
  std::set<std::string_view> regions;
  // Pairs lie beside those of the same source: it is looked up once.
  std::optional<std::string_view> last_source;
  const auto add = [&](std::string_view source, std::string_view target) {
    if (source != last_source) {
      regions.insert(source);
      last_source = source;
    }
    regions.insert(target);
    return regions.size() <= most;
  };
  for (const auto& results : store.kinds) {
    if (results.kind->name != kind || results.kind->grouped_by != result_group::pair) {
      continue;
    }
    for (const auto* groups : {&results.groups, &results.silent}) {
      for (const auto& group : *groups) {
        if (!add(group.source_region, group.target_region)) {
          return regions;
        }
      }
    }
  }
  for (const auto& group : store.never) {
    if (is_of_pair(group, kind) && !add(group.source_region, group.target_region)) {
      return regions;
    }
  }
  return regions;
}

std::vector<std::string> kinds_grouped_by(const store_snapshot& store, result_group group) {
  std::vector<std::string> names;
  const auto add = [&](const probe_kind& kind) {
    if (kind.grouped_by == group && std::ranges::find(names, kind.name) == names.end()) {
      names.push_back(kind.name);
    }
  };
  for (const auto& kind : builtin_kinds()) {
    add(kind);
  }
  for (const auto& results : store.kinds) {
    add(*results.kind);
  }
  return names;
}

} // namespace xprober::web
