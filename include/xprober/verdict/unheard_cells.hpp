#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xprober/verdict/number_row.hpp"

namespace xprober {

/// Cells that were bad when their results stopped, until there are others: that they do not fail
/// any more does not say that they are well. No more of them than have failed.
class unheard_cells {
public:
  /// `silent`: it has no results of the target, and is probed.
  void note(std::uint32_t source, std::uint32_t target, bool was_bad, bool silent);

  bool contains(std::uint32_t source, std::uint32_t target) const noexcept;
  std::uint32_t of_source(std::uint32_t source) const noexcept;
  std::uint32_t of_target(std::uint32_t target) const noexcept;
  std::size_t size() const noexcept { return size_; }

private:
  std::vector<number_row> cells_; ///< by source: its targets
  number_row by_target_;          ///< how many sources
  std::size_t size_ = 0;
};

} // namespace xprober
