#include "xprober/verdict/cell.hpp"

#include <algorithm>

namespace xprober {

namespace {

/// From this share on a cell is bad. A region with one dead machine of five is degraded; one series
/// of twenty that fails by chance is not.
constexpr std::uint64_t series_to_one_bad = 10;

} // namespace

cell_state state_of(const cell_counts& cell) noexcept {
  const std::uint64_t known = cell.known();
  if (known == 0) {
    return cell_state::unknown;
  }
  if (std::uint64_t{cell.failing} * 2 > known) {
    return cell_state::failing;
  }
  const std::uint64_t bad = cell.bad();
  return bad > 0 && bad * series_to_one_bad >= known ? cell_state::degraded : cell_state::ok;
}

std::uint32_t run_of(const cell_counts& cell) noexcept {
  return std::clamp(cell.results / std::max(cell.bad(), 1U), 1U, longest_run);
}

} // namespace xprober
