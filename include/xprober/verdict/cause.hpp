#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/verdict/evidence.hpp"

namespace xprober {

/// What a cause lies with.
enum class cause_type : std::uint8_t {
  target, ///< the sources fail to reach it
  source, ///< it fails to reach the targets
  region, ///< both: nobody reaches it, and it reaches nobody or says nothing
  path,   ///< between some sources and some targets; neither end is bad in general
  prober, ///< a source's own trouble; nothing is said of targets
};

std::string_view to_string(cause_type type) noexcept;
std::string_view to_string(prober_trouble trouble) noexcept;

/// How many are named together.
enum class cause_scope : std::uint8_t {
  one,        ///< one target, source, region, prober or pair
  group,      ///< `group`: a label or prefix of targets, a region of sources
  all,        ///< nearly all that there are on its side; of paths, on both
  together,   ///< targets, or pairs, that share nothing but the minute they began to fail in
  some_pairs, ///< a path with several pairs
};

/// "bad of all".
struct share {
  std::uint32_t bad = 0;
  std::uint32_t of = 0;

  bool operator==(const share&) const = default;
};

/// One cause of what fails, with its evidence.
struct cause {
  cause_type type = cause_type::path;
  cause_scope scope = cause_scope::one;
  bool partial = false;   ///< the smaller part of its cells speaks for it, below `whole_share`
  bool degraded = false;  ///< at least half of its cells are degraded and not failing
  bool mixed = false;     ///< together: some of them are degraded, and others fail
  bool undecided = false; ///< of a path: nothing tells which end it is
  /// It may be over, or another one, when sources that are behind have said what they know: most of
  /// its cells are of such, or they can make its targets be to blame where it blames something
  /// else, or less. Never a prober's.
  bool unsettled = false;
  bool of_before = false;        ///< unsettled because most of its cells are of such sources
  bool partly_of_before = false; ///< some of them are
  prober_trouble trouble = prober_trouble::none; ///< of a prober; `silent` also of a region
  std::uint32_t group = no_number;               ///< see `cause_scope::group`
  /// The sources that are blamed, or a path's; of a region the region alone. In order.
  std::vector<std::uint32_t> sources{};
  std::vector<std::uint32_t> targets{}; ///< likewise
  /// Of one target: the first sources that fail to reach it, by number; of one source: the first
  /// targets that it fails to reach. Empty otherwise.
  std::vector<std::uint32_t> met{};
  static constexpr std::size_t most_met = 10'000;
  /// Of a target: sources that fail to reach it. Of a source: targets that it fails to reach. Of
  /// several: the pairs of them. Of a path: its pairs that fail. Of a prober: its series with own
  /// faults, or without results; none where it is lost. What another cause explains is not counted.
  share evidence{};
  share members{};                  ///< of a group or all: how many of its targets or sources fail
  share others{};                   ///< on its side: how many others are blamed; none for a path
  std::uint64_t failing_series = 0; ///< of the cells that it explains
  std::uint64_t known_series = 0;   ///< of these cells
  std::uint32_t reason = no_number; ///< of most cells that it explains; the caller's number
  std::uint32_t reason_cells = 0;   ///< how many these are
  std::uint32_t sentence = no_number; ///< of the first of them that has one
  std::uint32_t since_s = 0;          ///< when the first of its cells began; 0: not known
  /// More than half of its cells have been bad for so many results in a row, `longest_run` at most;
  /// 0: it explains no cells, as where a prober says nothing.
  std::uint32_t run = 0;
  /// Likewise so many of them that it would be as bad without the others: `whole_share`.
  std::uint32_t whole_run = 0;

  bool operator==(const cause&) const = default;
};

/// What is counted on the two sides of a matrix.
struct counted_ends {
  std::string_view source;
  std::string_view sources;
  std::string_view target;
  std::string_view targets;
};
inline constexpr counted_ends sources_and_targets{"source", "sources", "target", "targets"};
/// Where targets are regions, and so sources are.
inline constexpr counted_ends regions_alone{"region", "regions", "region", "regions"};

/// The evidence in words: "37 of 40 sources fail to reach it; 2 of 40 others are failing".
std::string evidence_text(const cause& c, const counted_ends& ends = sources_and_targets);
/// "3 sources", "1 region".
std::string count_text(std::size_t count, std::string_view one, std::string_view several);

} // namespace xprober
