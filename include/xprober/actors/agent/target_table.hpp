#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "xprober/domain/target.hpp"
#include "xprober/domain/targets/target_catalog.hpp"

namespace xprober {

/// The targets of an agent. Each has an index, which is given away again once it is free, so that
/// vectors by index stay as short as there ever were targets at the same time.
class target_table {
public:
  /// Room for so many targets, so that no table has to grow in the midst of them.
  void reserve(std::uint64_t targets);

  std::uint64_t size() const noexcept { return slots_.size() - free_.size(); }

  /// All indices are below this.
  target_index end_index() const noexcept { return static_cast<target_index>(slots_.size()); }

  /// So many targets, and vectors by index as long as that, need no more memory.
  std::size_t capacity() const noexcept { return slots_.capacity(); }

  /// The target with this index; null if the index is free or was never given away.
  const target_ref& at(target_index index) const noexcept;

  /// The index of this target; nothing if it is not there. `hash` is the uid's `stable_hash`.
  std::optional<target_index> find(const target_uid& uid, std::uint64_t hash) const;

  /// The index of a target with this hash; nothing if there is none.
  std::optional<target_index> find(std::uint64_t hash) const;

  /// Adds a target that is not there yet, with the user of its URL.
  const target_ref& add(target_uid uid, std::uint64_t hash, std::optional<std::string> user);

  /// Removes a target that is there; its index is free from now on.
  void remove(target_index index);

  /// Removes all targets and gives up all indices.
  void clear();

  /// By type.
  const target_counts& counts() const noexcept { return counts_; }

private:
  std::vector<target_ref> slots_; ///< by index; null: free
  std::vector<target_index> free_;
  std::unordered_multimap<std::uint64_t, target_index> by_hash_;
  target_counts counts_;
};

} // namespace xprober
