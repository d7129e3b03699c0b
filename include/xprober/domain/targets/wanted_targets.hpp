#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/targets/target_compose.hpp"

namespace xprober {

/// A region that agents are to probe from.
struct probing_region {
  std::string name;             ///< empty: where nobody is there that could probe a target
  std::uint32_t since_unix = 0; ///< when it was named first, or its first agent came
  bool known = false;           ///< it has agents; they may be lost
  bool there = false;           ///< one of them asks for its targets

  bool operator==(const probing_region&) const = default;
};

/// Regions that a group is probed from: places in `wanted_targets::regions`, in their order. Groups
/// share them, but for one that each may leave out: of a mesh of many regions each has nearly all.
class probing_places {
public:
  using list = std::shared_ptr<const std::vector<std::uint32_t>>;

  probing_places() = default;
  /// All of them but one; one that is not among them leaves out none.
  explicit probing_places(list all, std::optional<std::uint32_t> but = std::nullopt);

  std::size_t size() const noexcept { return all_ ? all_->size() - (is_whole() ? 0 : 1) : 0; }
  bool empty() const noexcept { return size() == 0; }
  std::uint32_t operator[](std::size_t i) const noexcept {
    return (*all_)[i < left_out_ ? i : i + 1];
  }
  /// Its index, where it is one of them.
  std::optional<std::size_t> find(std::uint32_t place) const noexcept;

  bool operator==(const probing_places& other) const noexcept;

private:
  bool is_whole() const noexcept { return left_out_ >= all_->size(); }

  list all_; ///< null: there are none
  std::size_t left_out_ = std::numeric_limits<std::size_t>::max();
};

/// Targets of one type and region that the same regions probe: a slice of the catalog, or the
/// members of the mesh in a region.
struct wanted_group {
  prober_name type;
  std::string_view region;
  std::uint32_t first = 0; ///< the number of its first target; the others follow it
  std::uint32_t size = 0;
  /// Whence they are to be probed. Where no other is, from the nameless region; members of the
  /// mesh from none, as they are there for other regions.
  probing_places sources;
};

/// All targets that are wanted, and from which regions: where `source_regions` names regions, from
/// these, whether they have agents or not; else from the regions of all agents that are known and
/// that the kind lets probe them.
///
/// Never changes after its creation, so all parts of a store share one. It keeps the catalog, has
/// none of its texts twice, and takes 20 bytes for each target beside it.
class wanted_targets {
public:
  /// A target by the hash of its uid. One that several entries name has as many numbers.
  struct named {
    std::uint64_t uid_hash = 0;
    std::uint32_t number = 0;
  };

  /// `known`: the agents that are known, the lost ones included; `active`: those that ask for their
  /// targets. `before`: what was wanted until now, whose times go on; null: nothing. `now_unix`:
  /// since when what is new is wanted.
  wanted_targets(const target_universe& universe, const std::vector<agent_identity>& known,
                 const std::vector<agent_identity>& active, const wanted_targets* before,
                 std::uint32_t now_unix);
  // Groups look at the texts of the universe.
  wanted_targets(const wanted_targets&) = delete;
  wanted_targets& operator=(const wanted_targets&) = delete;
  ~wanted_targets() = default;

  /// True if another one of the same would say the same.
  bool is_of(const target_universe& universe, const std::vector<agent_identity>& known,
             const std::vector<agent_identity>& active) const;

  /// True if both name the same targets, by the same numbers, from the same regions: only what
  /// agents the regions have may differ.
  bool names_what(const wanted_targets& other) const;

  /// Sorted by name; the first one is nameless.
  const std::vector<probing_region>& regions() const noexcept { return regions_; }
  std::optional<std::uint32_t> find_region(std::string_view name) const noexcept;

  const std::vector<wanted_group>& groups() const noexcept { return groups_; }
  /// The place of the group that a number is of.
  std::size_t group_of(std::uint32_t number) const noexcept;
  /// As results name it: without the user of a URL and the secrets of its query. `index`: in its
  /// group.
  std::string_view address(std::size_t group, std::uint32_t index) const;
  /// Since when a target is wanted, by its number.
  std::uint32_t since_unix(std::uint32_t number) const noexcept { return since_[number]; }

  /// The numbers of a target, in order; none: it is not wanted.
  std::span<const named> find(std::uint64_t uid_hash) const noexcept;
  /// All of them, by hash, then number.
  std::span<const named> all() const noexcept { return names_; }

private:
  static std::vector<probing_region> regions_of(const target_universe& universe,
                                                const std::vector<agent_identity>& known,
                                                const std::vector<agent_identity>& active);
  void add_group(const prober_name& type, std::string_view region, const probe_rule& rule,
                 std::size_t size, bool of_mesh);
  void add_groups();
  void add_names(const wanted_targets* before);
  void name_group(std::size_t group);
  void keep_times(const wanted_targets& before);
  std::uint32_t catalog_size() const noexcept;

  target_universe universe_;
  std::vector<probing_region> regions_;
  probing_places::list known_;       ///< those of `regions_` that have agents
  std::vector<wanted_group> groups_; ///< the catalog's slices in their order, then the mesh
  std::uint32_t size_ = 0;           ///< numbers
  std::vector<named> names_;         ///< by hash, then number
  std::vector<std::uint32_t> since_; ///< by number
  /// Addresses that were written with a user or with secrets, without them, by number.
  std::unordered_map<std::uint32_t, std::string> without_user_;
};

using wanted_targets_ptr = std::shared_ptr<const wanted_targets>;

} // namespace xprober
