#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/target.hpp"
#include "xprober/domain/target_catalog.hpp"
#include "xprober/domain/wire.hpp"

// How the configured targets and the mesh become the target list of each region:
//
//   entries --expand_targets--> target_catalog --+
//                                                +--compose_targets(region)--> list and revision
//   members of the mesh (sorted) ----------------+
//
// Blocks are expanded once for each configuration; a region's list is put together from the
// catalog's parts when an agent of the region asks.

namespace xprober {

/// All targets that exist: the configured ones, and one icmp target for each member of the mesh, in
/// the member's region. Members are sorted by region, then address.
struct target_universe {
  catalog_ptr catalog; ///< null: nothing is configured
  std::vector<agent_identity> mesh;
};

/// The list of one region.
struct composed_targets {
  target_list list;       ///< one group for each type and region: configured ones first, as written
  std::string revision;   ///< see `list_revision`
  std::uint64_t size = 0; ///< targets in the list
};

/// What agents of `source_region` probe. A member of the mesh is probed from every region but its
/// own.
composed_targets compose_targets(const target_universe& universe, std::string_view source_region);

/// 16 hexadecimal digits (XXH3) that depend on the list alone: equal lists have equal revisions in
/// every process and after every restart.
std::string list_revision(const target_list& list);

/// The regions whose lists differ from the list of a region that nobody has heard of: those with
/// icmp targets or mesh members of their own, and those that `source_regions` names.
std::set<std::string, std::less<>> regions_with_own_list(const target_universe& universe);

/// How two universes differ, wherever the targets are probed from.
struct target_changes {
  std::vector<target_uid> gone;
  std::vector<target_uid> come;
};

/// Cheap where little changed: parts that both share are looked up, never copied.
target_changes diff_universes(const target_universe& before, const target_universe& after);

/// Distinct targets, configured ones and those of the mesh.
target_counts count_targets(const target_universe& universe);

} // namespace xprober
