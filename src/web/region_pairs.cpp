#include "xprober/web/region_pairs.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "xprober/domain/kind_table.hpp"

namespace xprober::web {

std::vector<region_pair> region_pairs(const store_snapshot& store, std::string_view kind) {
  std::map<std::pair<std::string_view, std::string_view>, region_pair> pairs;
  for (const auto& results : store.kinds) {
    if (results.kind->name != kind || results.kind->grouped_by != result_group::pair) {
      continue;
    }
    for (const auto& group : results.groups) {
      auto& pair = pairs[{group.source_region, group.target_region}];
      pair.source_region = group.source_region;
      pair.target_region = group.target_region;
      pair.failed = results.kind->failed;
      pair.successes.add(group.sums.successes);
      if (const auto* mean = results.find_mean(group, column_role::duration)) {
        pair.duration_ms.add(*mean);
      }
      if (const auto* mean = results.find_mean(group, column_role::loss)) {
        pair.loss_percent.add(*mean);
      }
    }
  }
  std::vector<region_pair> sorted;
  sorted.reserve(pairs.size());
  for (const auto& [key, pair] : pairs) {
    sorted.push_back(pair);
  }
  return sorted;
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
