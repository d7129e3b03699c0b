#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xprober/verdict/cell_matrix.hpp"

namespace xprober {

/// The counts of pairs of regions, by the numbers of both. Of a pair that is well there is one
/// number, in its row's list, which is as long as the highest target's number; a pair that is
/// anything else is kept whole, once for all that say the same. So a full mesh, in which each
/// region probes each other, costs 4 bytes a pair, and some more while it fails.
class pair_cells {
public:
  cell_counts get(std::uint32_t from, std::uint32_t to) const;
  void set(std::uint32_t from, std::uint32_t to, const cell_counts& counts);
  /// True where some pair toward this region has counts.
  bool has_target(std::uint32_t to) const noexcept {
    return to < columns_.size() && columns_[to] > 0;
  }
  /// Pairs that are not only well.
  std::size_t kept_whole() const noexcept { return others_.size(); }

private:
  std::vector<std::vector<std::uint32_t>> well_; ///< series that are well, by source and target
  cell_matrix<cell_counts> others_;
  std::vector<std::uint32_t> columns_; ///< pairs with counts, by target
};

} // namespace xprober
