#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/target.hpp"
#include "xprober/domain/targets/rendezvous.hpp"
#include "xprober/domain/targets/target_catalog.hpp"
#include "xprober/domain/targets/target_set.hpp"
#include "xprober/domain/wire/wire.hpp"

// How the configured targets and the mesh become the target list of each region:
//
//   entries --expand_targets--> target_catalog --+
//                                                +--compose_targets(viewer)--> list and revision
//   members of the mesh (sorted) ----------------+
//
// Blocks are expanded once for each configuration; a region's list is put together from the
// catalog's parts when an agent of the region asks. What has changed between two universes is in
// target_change.hpp.

namespace xprober {

/// All targets that exist: the configured ones, and one icmp target for each member of the mesh, in
/// the member's region. Members are sorted by region, then address.
struct target_universe {
  catalog_ptr catalog; ///< null: nothing is configured
  std::vector<agent_identity> mesh;
};

/// Whose list it is: that of all agents of a region or, where the region's agents share targets,
/// that of one of them.
struct list_viewer {
  std::string_view region;
  const rendezvous* crew = nullptr; ///< the region's agents; null: shared targets are for everybody
  std::size_t self = 0;             ///< index in `crew`

  /// True if the list has a target of that group which `rule` is for. `hash` is that of the target
  /// in its group.
  bool probes(const probe_rule& rule, const prober_name& type, std::string_view target_region,
              std::uint64_t hash) const noexcept {
    return probed_from(rule, type, target_region, region) &&
           (!rule.sharding || crew == nullptr || crew->owner(hash) == self);
  }
};

/// One list.
struct composed_targets {
  target_list list;       ///< one group for each type and region: configured ones first, as written
  std::string revision;   ///< see `list_revision`
  std::uint64_t size = 0; ///< targets in the list
};

/// What agents of a region probe. A member of the mesh is probed from every region but its own.
composed_targets compose_targets(const target_universe& universe, const list_viewer& viewer);
composed_targets compose_targets(const target_universe& universe, std::string_view source_region);

/// The regions whose lists differ from the list of a region that nobody has heard of: those with
/// icmp targets or mesh members of their own, and those that `source_regions` names.
std::set<std::string, std::less<>> regions_with_own_list(const target_universe& universe);

/// True if agents of the region share some targets, so that each has a list of its own.
bool shares_targets(const target_universe& universe, std::string_view source_region);

/// Distinct targets, configured ones and those of the mesh.
target_counts count_targets(const target_universe& universe);

} // namespace xprober
