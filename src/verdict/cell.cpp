#include "xprober/verdict/cell.hpp"

#include <algorithm>
#include <array>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

/// From this share on a cell is bad. A region with one dead machine of five is degraded; one series
/// of twenty that fails by chance is not.
constexpr std::uint64_t series_to_one_bad = 10;
/// And from this share on if it has been so for `settled_run` results, which chance has no part in:
/// one dead machine of fifty.
constexpr std::uint64_t series_to_one_settled = 50;
constexpr std::uint32_t settled_run = 3;

} // namespace

std::uint64_t hash_cell(const cell_counts& cell) noexcept {
  const std::array<std::uint32_t, 9> fields{cell.ok,     cell.degraded, cell.failing,
                                            cell.fault,  cell.unknown,  cell.results,
                                            cell.reason, cell.sentence, cell.since_s};
  return hash_bytes({reinterpret_cast<const char*>(fields.data()), sizeof(fields)});
}

cell_state state_of(const cell_counts& cell) noexcept {
  const std::uint64_t known = cell.known();
  if (known == 0) {
    return cell_state::unknown;
  }
  if (std::uint64_t{cell.failing} * 2 > known) {
    return cell_state::failing;
  }
  const std::uint64_t bad = cell.bad();
  const auto least = run_of(cell) < settled_run ? series_to_one_bad : series_to_one_settled;
  return bad > 0 && bad * least >= known ? cell_state::degraded : cell_state::ok;
}

std::uint32_t run_of(const cell_counts& cell) noexcept {
  return std::clamp(cell.results / std::max(cell.bad(), 1U), 1U, longest_run);
}

} // namespace xprober
