#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

namespace xprober {

/// Cells that were bad when their results stopped, until there are others: that they do not fail
/// any more does not say that they are well. No more of them than have failed.
class unheard_cells {
public:
  /// `silent`: it has no results of the target, and is probed.
  void note(std::uint32_t source, std::uint32_t target, bool was_bad, bool silent);

  bool contains(std::uint32_t source, std::uint32_t target) const;
  std::uint32_t of_source(std::uint32_t source) const { return count(by_source_, source); }
  std::uint32_t of_target(std::uint32_t target) const { return count(by_target_, target); }
  std::size_t size() const noexcept { return cells_.size(); }

private:
  using counts = std::unordered_map<std::uint32_t, std::uint32_t>;

  static std::uint32_t count(const counts& by, std::uint32_t number);
  static void take_one(counts& by, std::uint32_t number);

  std::unordered_set<std::uint64_t> cells_;
  counts by_source_;
  counts by_target_;
};

} // namespace xprober
