#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "xprober/verdict/trouble.hpp"

namespace xprober {

/// Cells that are to have one cause, and which of them it does not explain.
///
/// Where most of them are slow or have losses, some are down by these losses; but what is down may
/// also have a cause of its own, and something lesser must not hide it. Such a cell is not
/// explained if it has been down for longer than the losses make likely, or if its row or its
/// column is down in more cells than they do. A region of which a part is dead is degraded as a
/// whole: there what is down is more of the same.
class losses {
public:
  /// `cells`: of `t`, explained by nothing yet, none of them twice.
  losses(const trouble& t, std::span<const std::uint32_t> cells);

  /// True where the cause explains a cell, which is one of those; before anything else of them is
  /// explained.
  bool explain(std::uint32_t cell) const;

private:
  /// Of the cells, those on one line.
  struct own {
    std::uint32_t line = 0;
    std::uint32_t cells = 0;
    std::uint32_t down = 0;
  };

  void count_lines(std::span<const std::uint32_t> cells, side of);
  bool is_of_line(std::uint32_t cell, side of) const;

  const trouble& trouble_;
  std::uint32_t cells_ = 0;
  std::uint32_t down_ = 0;
  bool slow_ = false;
  std::array<std::vector<own>, 2> lines_; ///< those that have a cell that is down, in order
};

/// Those of the cells that one cause of all of them explains.
std::vector<std::uint32_t> explained_together(const trouble& t, std::vector<std::uint32_t> cells);

} // namespace xprober
