#include "xprober/domain/targets/target_compose.hpp"

#include <algorithm>
#include <unordered_set>

#include "target_groups.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/targets/target_change.hpp"

namespace xprober {

const probe_rule& mesh_rule() noexcept {
  static const probe_rule rule;
  return rule;
}

group_table groups_of(const target_universe& universe, const std::string_view* from) {
  group_table table;
  if (universe.catalog) {
    for (const auto& slice : universe.catalog->slices) {
      if (from == nullptr || slice.probed_from(*from)) {
        table.add({slice.type, slice.region}, {&slice.rule, slice.addresses, {}});
      }
    }
  }
  const auto& mesh = universe.mesh;
  for (auto i = mesh.begin(); i != mesh.end();) {
    const auto end =
        std::find_if(i, mesh.end(), [&](const auto& m) { return m.region != i->region; });
    if (from == nullptr || i->region != *from) {
      table.add({mesh_kind(), i->region}, {&mesh_rule(), {}, {i, end}});
    }
    i = end;
  }
  return table;
}

namespace {

/// The addresses of a group that the viewer probes, each once, in order.
std::vector<std::string> merged_addresses(const target_source_group& g, const list_viewer& viewer) {
  std::vector<std::string> merged;
  const group_hash hash{to_string(g.key.type), g.key.region};
  const auto shared = [&](const target_source& s) { return s.rule->sharding && viewer.crew; };
  if (std::none_of(g.sources.begin(), g.sources.end(), shared)) {
    merged.reserve(g.size_with_duplicates());
  }
  // One source has each address once; only several can name the same.
  std::unordered_set<std::string_view> seen;
  if (g.sources.size() > 1) {
    seen.reserve(g.size_with_duplicates());
  }
  for (const auto& s : g.sources) {
    const bool choose = shared(s);
    s.for_each([&](std::string_view address) {
      if (choose && viewer.crew->owner(hash.of(address)) != viewer.self) {
        return;
      }
      if (g.sources.size() == 1 || seen.insert(address).second) {
        merged.emplace_back(address);
      }
    });
  }
  return merged;
}

} // namespace

composed_targets compose_targets(const target_universe& universe, const list_viewer& viewer) {
  composed_targets composed;
  const auto table = groups_of(universe, &viewer.region);
  for (const auto& g : table.groups()) {
    auto addresses = merged_addresses(g, viewer);
    if (!addresses.empty()) {
      composed.size += addresses.size();
      composed.list.push_back(
          {std::string{to_string(g.key.type)}, std::string{g.key.region}, std::move(addresses)});
    }
  }
  composed.revision = list_revision(composed.list);
  return composed;
}

composed_targets compose_targets(const target_universe& universe, std::string_view source_region) {
  return compose_targets(universe, list_viewer{source_region});
}

std::set<std::string, std::less<>> regions_with_own_list(const target_universe& universe) {
  std::set<std::string, std::less<>> regions;
  if (universe.catalog) {
    for (const auto& slice : universe.catalog->slices) {
      if (!slice.rule.source_regions.empty()) {
        regions.insert(slice.rule.source_regions.begin(), slice.rule.source_regions.end());
      } else if (slice.type.kind() != nullptr && !slice.type.kind()->own_region) {
        regions.insert(slice.region);
      }
    }
  }
  for (const auto& member : universe.mesh) {
    regions.insert(member.region);
  }
  return regions;
}

bool shares_targets(const target_universe& universe, std::string_view source_region) {
  return universe.catalog &&
         std::ranges::any_of(universe.catalog->slices, [&](const target_slice& slice) {
           return slice.rule.sharding && slice.probed_from(source_region);
         });
}

target_counts count_targets(const target_universe& universe) {
  target_counts count;
  if (universe.catalog) {
    count = universe.catalog->count;
  }
  // What the mesh adds to the catalog.
  const auto added = diff_universes({universe.catalog, {}}, universe).come;
  count.of(mesh_kind()) += added.size();
  return count;
}

} // namespace xprober
