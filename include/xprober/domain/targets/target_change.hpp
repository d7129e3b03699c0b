#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/targets/target_compose.hpp"

// What has changed between two universes, and what that means for one list: the list itself is not
// needed for it, and nothing that stayed is looked at twice.

namespace xprober {

/// Targets of one type and region that other agents probe than before.
struct changed_targets {
  prober_name type;
  std::string region;
  std::vector<probe_rule> before; ///< of the entries that named them; empty: they have come
  std::vector<probe_rule> after;  ///< of those that name them now; empty: they have gone
  std::vector<std::string> addresses;
};

struct universe_change {
  std::vector<changed_targets> groups;
  std::uint64_t size = 0; ///< addresses in all groups
  /// False if the rules are not all there (more than 60 entries with different rules name targets
  /// of one type and region): it tells who came and went, and is of no use for lists.
  bool complete = true;
};

/// Cheap where little changed: what both share is compared, not copied.
universe_change compare_universes(const target_universe& before, const target_universe& after);

/// How two universes differ, wherever the targets are probed from.
struct target_changes {
  std::vector<target_uid> gone;
  std::vector<target_uid> come;
};

target_changes ends_of(const universe_change& change);

/// Takes those out of `gone` that the universe still names in another spelling: the same URL with
/// another user is the same target.
void keep_named(target_changes& ends, const target_universe& universe);
target_changes diff_universes(const target_universe& before, const target_universe& after);

/// What one list gains and loses over some changes, in the order in which they came about; what
/// came and went again is in neither. Only looks at what it is given: that has to stay.
class list_difference {
public:
  /// A change of the universe, with the viewer's crew as it was.
  void add(const universe_change& change, const list_viewer& viewer);

  /// The crew of the viewer's region has changed.
  void reassign(const target_universe& universe, const list_viewer& before,
                const list_viewer& after);

  std::uint64_t size() const noexcept; ///< targets that are added or removed
  target_list added() const { return list(+1); }
  target_list removed() const { return list(-1); }

private:
  struct group {
    std::string_view type;
    std::string_view region;
    std::unordered_map<std::string_view, int> moves; ///< +1: added, -1: removed, 0: neither
  };

  group& group_of(std::string_view type, std::string_view region);
  target_list list(int sign) const;

  std::map<std::pair<std::string_view, std::string_view>, group> groups_;
};

} // namespace xprober
