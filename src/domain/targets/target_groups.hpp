#pragma once

// A universe as groups: what has one type and one region. Only looks at the addresses; whoever uses
// it keeps the universe.

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/targets/target_compose.hpp"

namespace xprober {

struct group_key {
  prober_name type;
  std::string_view region;

  auto operator<=>(const group_key&) const = default;
};

/// Where a group's addresses come from: a slice of the catalog, or the mesh members of a region.
/// Each address once.
struct target_source {
  const probe_rule* rule;
  std::span<const std::string> addresses;
  std::span<const agent_identity> members;

  bool is_mesh() const noexcept { return !members.empty(); }
  std::size_t size() const noexcept { return addresses.size() + members.size(); }
  std::string_view at(std::size_t i) const noexcept {
    return is_mesh() ? std::string_view{members[i].local_ip} : std::string_view{addresses[i]};
  }

  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::size_t i = 0; i < size(); ++i) {
      visit(at(i));
    }
  }
};

struct target_source_group {
  group_key key;
  std::vector<target_source> sources;

  std::size_t size_with_duplicates() const noexcept {
    std::size_t sum = 0;
    for (const auto& s : sources) {
      sum += s.size();
    }
    return sum;
  }
};

/// Groups in the order of their first mention.
class group_table {
public:
  void add(const group_key& key, const target_source& s) {
    const auto [i, fresh] = index_.try_emplace(key, groups_.size());
    if (fresh) {
      groups_.push_back({key, {}});
    }
    groups_[i->second].sources.push_back(s);
  }

  const std::vector<target_source_group>& groups() const noexcept { return groups_; }

  /// The sources of a group; none if there is no such group.
  std::span<const target_source> sources(const group_key& key) const {
    const auto i = index_.find(key);
    return i == index_.end() ? std::span<const target_source>{} : groups_[i->second].sources;
  }

private:
  std::vector<target_source_group> groups_;
  std::map<group_key, std::size_t> index_;
};

/// Members of the mesh are probed as icmp targets without `source_regions` are.
const probe_rule& mesh_rule() noexcept;

/// The groups of a universe. With `from` only what that region probes.
group_table groups_of(const target_universe& universe, const std::string_view* from = nullptr);

} // namespace xprober
