#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "xprober/verdict/chance.hpp"
#include "xprober/verdict/trouble.hpp"

namespace xprober {

/// Some lines of one side that fail toward some of the other.
struct line_block {
  std::vector<std::uint32_t> lines;  ///< indexes, in order
  std::vector<std::uint32_t> across; ///< of the other side, in order
};

/// Finds blocks of cells that nothing explains yet.
///
/// A line belongs to a block if so much of the block's cells on it is bad that this is less than
/// what it would take to explain them otherwise: each as a pair of its own, or by chance. Against
/// it speak those that are not bad, as far as they cannot be cells without results: of a cell that
/// is well nothing is kept, but of each line how many there are.
class block_finder {
public:
  /// Both must outlive it.
  block_finder(const trouble& t, const chance& noise) : trouble_(t), noise_(noise) {}

  /// The cells of a line that are left and bad for `least_run` results. Targets that nobody else
  /// probes are no part of their source.
  std::vector<std::uint32_t> cells_of(side of, std::uint32_t index, std::uint8_t least_run) const;
  /// For how many results a cell must be bad so that noise makes less than half a one on a line.
  std::uint8_t settled_run(const trouble::line& l) const;

  /// The block that some cells of a line belong to, which are bad for `run` results: it may be that
  /// line alone.
  line_block grow(side of, const std::vector<std::uint32_t>& cells, std::uint8_t run);
  /// Its cells that are bad for `least_run` results. `of`: the side of its lines.
  std::vector<std::uint32_t> cells_between(side of, const line_block& block,
                                           std::uint8_t least_run) const;

  /// True where what is bad on a line is a part of a block and, beside it, noise: it does not fail
  /// as a whole.
  bool is_of_block(side of, std::uint32_t index);

private:
  /// What a line has toward some of the other side.
  struct toward {
    std::uint32_t bad = 0;
    std::uint32_t settled = 0;
    std::uint32_t others = 0; ///< that are explained
    float gain = 0;           ///< what it takes to explain the bad ones otherwise
  };

  std::vector<std::uint32_t> bad_toward(side of, const std::vector<std::uint32_t>& others,
                                        std::uint8_t least_run);
  std::vector<std::uint32_t> count_toward(side of, const std::vector<std::uint32_t>& others,
                                          std::uint8_t least_run);
  std::vector<std::uint32_t> gaps_toward(side of, std::uint32_t index,
                                         const std::vector<std::uint32_t>& others) const;
  void add_with_gaps(side of, const std::vector<std::uint32_t>& others,
                     const std::vector<std::uint32_t>& perhaps, std::vector<std::uint32_t>& found);
  std::uint32_t gaps_of(side of, std::uint32_t index) const;
  double cost_of_gaps(side of, std::uint32_t index, std::uint32_t gaps) const;
  double cost_of_line(side of) const;
  bool is_alone(std::uint32_t cell) const;

  const trouble& trouble_;
  const chance& noise_;
  std::array<std::vector<toward>, 2> counts_; ///< of each line, where asked; 0 between uses
  std::vector<float> gains_;                  ///< of those that may belong to a block
};

} // namespace xprober
