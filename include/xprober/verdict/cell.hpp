#pragma once

#include <cstdint>

namespace xprober {

/// No text of a reason, no group, no region: wherever a number is asked for.
inline constexpr std::uint32_t no_number = 0xFFFFFFFF;

/// What is known of one source (a region or an agent) and one target (a region or an address), by
/// one kind of probe: how many series are in which state. What is `stale` or `never` is unknown.
struct cell_counts {
  std::uint32_t ok = 0;
  std::uint32_t degraded = 0;
  std::uint32_t failing = 0;
  std::uint32_t fault = 0;   ///< the prober's own: no evidence of the target
  std::uint32_t unknown = 0; ///< wanted and without results
  /// Of the degraded and failing series: for how many results in a row each is so, added up. It
  /// need not be kept up where they have more than `longest_run` on average; 0 is read as one each.
  std::uint32_t results = 0;
  /// The caller's number of the leading reason and phase; `no_number`: none.
  std::uint32_t reason = no_number;
  /// And of its sentence, which may be another one for each cell.
  std::uint32_t sentence = no_number;
  /// When it began to fail, in seconds on the caller's clock; 0: not known.
  std::uint32_t since_s = 0;

  std::uint32_t known() const noexcept { return ok + degraded + failing; }
  std::uint32_t bad() const noexcept { return degraded + failing; }

  bool operator==(const cell_counts&) const = default;
};

std::uint64_t hash_cell(const cell_counts& cell) noexcept;

/// What the counts of a cell come to.
enum class cell_state : std::uint8_t {
  unknown,  ///< no series with a result of the target
  ok,       ///< fewer than a tenth of the known series are bad, or a fiftieth for three results
  degraded, ///< so many or more are
  failing,  ///< more than half of them fail
};

cell_state state_of(const cell_counts& cell) noexcept;

inline bool is_bad(cell_state state) noexcept { return state >= cell_state::degraded; }

/// The longest run that is told from a longer one: one bad result in three would make one of 20
/// once in 3e9.
inline constexpr std::uint32_t longest_run = 20;

/// How many results in a row the bad series of a cell are bad, on average: 1 to `longest_run`.
std::uint32_t run_of(const cell_counts& cell) noexcept;

} // namespace xprober
