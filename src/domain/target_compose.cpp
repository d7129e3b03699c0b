#include "xprober/domain/target_compose.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <map>
#include <span>
#include <unordered_set>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

struct group_key {
  prober_name type;
  std::string_view region;

  auto operator<=>(const group_key&) const = default;
};

/// Where a group's addresses come from: a slice of the catalog, or the mesh members of a region.
/// Only looks at them; no address is copied before the list is written.
struct source {
  std::span<const std::string> addresses;
  std::span<const agent_identity> members;

  std::size_t size() const noexcept { return addresses.size() + members.size(); }

  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const auto& address : addresses) {
      visit(std::string_view{address});
    }
    for (const auto& member : members) {
      visit(std::string_view{member.local_ip});
    }
  }
};

struct group {
  group_key key;
  std::vector<source> sources;

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
  void add(const group_key& key, const source& s) {
    const auto [i, fresh] = index_.try_emplace(key, groups_.size());
    if (fresh) {
      groups_.push_back({key, {}});
    }
    groups_[i->second].sources.push_back(s);
  }

  const std::vector<group>& groups() const noexcept { return groups_; }

  /// The sources of a group; none if there is no such group.
  std::span<const source> sources(const group_key& key) const {
    const auto i = index_.find(key);
    return i == index_.end() ? std::span<const source>{} : groups_[i->second].sources;
  }

private:
  std::vector<group> groups_;
  std::map<group_key, std::size_t> index_;
};

/// The groups of a universe. With `from` only what that region probes.
group_table groups_of(const target_universe& universe, const std::string_view* from = nullptr) {
  group_table table;
  if (universe.catalog) {
    for (const auto& slice : universe.catalog->slices) {
      if (from == nullptr || slice.probed_from(*from)) {
        table.add({slice.type, slice.region}, {slice.addresses, {}});
      }
    }
  }
  const auto& mesh = universe.mesh;
  for (auto i = mesh.begin(); i != mesh.end();) {
    const auto end =
        std::find_if(i, mesh.end(), [&](const auto& m) { return m.region != i->region; });
    if (from == nullptr || i->region != *from) {
      table.add({probe_type::icmp, i->region}, {{}, {i, end}});
    }
    i = end;
  }
  return table;
}

/// The addresses of a group, each once, in order.
std::vector<std::string> merged_addresses(const group& g) {
  std::vector<std::string> merged;
  merged.reserve(g.size_with_duplicates());
  // One source has each address once; only several can name the same.
  std::unordered_set<std::string_view> seen;
  if (g.sources.size() > 1) {
    seen.reserve(g.size_with_duplicates());
  }
  for (const auto& s : g.sources) {
    s.for_each([&](std::string_view address) {
      if (g.sources.size() == 1 || seen.insert(address).second) {
        merged.emplace_back(address);
      }
    });
  }
  return merged;
}

bool same_addresses(const source& a, const source& b) {
  if (a.addresses.empty() || a.addresses.size() != b.addresses.size()) {
    return false;
  }
  return a.addresses.data() == b.addresses.data() || std::ranges::equal(a.addresses, b.addresses);
}

/// Appends what `g` has and `others` have not.
void append_missing(const group& g, std::span<const source> others, std::vector<target_uid>& out) {
  std::unordered_set<std::string_view> missing;
  for (const auto& s : g.sources) {
    const bool shared =
        std::ranges::any_of(others, [&](const auto& other) { return same_addresses(s, other); });
    if (!shared) {
      s.for_each([&](std::string_view address) { missing.insert(address); });
    }
  }
  for (const auto& other : others) {
    if (missing.empty()) {
      return;
    }
    other.for_each([&](std::string_view address) { missing.erase(address); });
  }
  for (const auto& s : g.sources) {
    s.for_each([&](std::string_view address) {
      if (missing.erase(address) > 0) {
        out.push_back({std::string{g.key.region}, std::string{address}, g.key.type});
        if (!g.key.type.is(probe_type::icmp)) {
          take_user_info(out.back().address); // results come without it
        }
      }
    });
  }
}

} // namespace

composed_targets compose_targets(const target_universe& universe, std::string_view source_region) {
  composed_targets composed;
  const auto table = groups_of(universe, &source_region);
  for (const auto& g : table.groups()) {
    if (g.size_with_duplicates() == 0) {
      continue;
    }
    composed.list.push_back(
        {std::string{to_string(g.key.type)}, std::string{g.key.region}, merged_addresses(g)});
    composed.size += composed.list.back().targets.size();
  }
  composed.revision = list_revision(composed.list);
  return composed;
}

std::string list_revision(const target_list& list) {
  std::uint64_t hash = 0;
  for (const auto& g : list) {
    hash = combine_hash(hash, g.prober_type);
    hash = combine_hash(hash, g.region);
    hash = combine_hash(hash, std::uint64_t{g.targets.size()});
    for (const auto& target : g.targets) {
      hash = combine_hash(hash, target);
    }
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (auto i = text.rbegin(); i != text.rend(); ++i) {
    *i = digits[hash & 0xFU];
    hash >>= 4U;
  }
  return text;
}

std::set<std::string, std::less<>> regions_with_own_list(const target_universe& universe) {
  std::set<std::string, std::less<>> regions;
  if (universe.catalog) {
    for (const auto& slice : universe.catalog->slices) {
      if (!slice.source_regions.empty()) {
        regions.insert(slice.source_regions.begin(), slice.source_regions.end());
      } else if (slice.type.is(probe_type::icmp)) {
        regions.insert(slice.region);
      }
    }
  }
  for (const auto& member : universe.mesh) {
    regions.insert(member.region);
  }
  return regions;
}

target_changes diff_universes(const target_universe& before, const target_universe& after) {
  target_changes changes;
  const auto old_groups = groups_of(before);
  const auto new_groups = groups_of(after);
  for (const auto& g : old_groups.groups()) {
    append_missing(g, new_groups.sources(g.key), changes.gone);
  }
  for (const auto& g : new_groups.groups()) {
    append_missing(g, old_groups.sources(g.key), changes.come);
  }
  return changes;
}

target_counts count_targets(const target_universe& universe) {
  target_counts count;
  if (universe.catalog) {
    count = universe.catalog->count;
  }
  // What the mesh adds to the catalog.
  const auto all = groups_of(universe);
  const auto configured = groups_of({universe.catalog, {}});
  std::vector<target_uid> added;
  for (const auto& g : all.groups()) {
    append_missing(g, configured.sources(g.key), added);
  }
  count.of(probe_type::icmp) += added.size();
  return count;
}

} // namespace xprober
