#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "xprober/verdict/losses.hpp"
#include "xprober/verdict/steps.hpp"

namespace xprober {

namespace {

/// A line has a part that fails from three cells on; two are pairs.
constexpr std::uint32_t least_part = 3;
/// Runs of results.
constexpr std::uint8_t once = 1;
constexpr std::uint8_t twice = 2;

/// A line belongs to a block if so much of the block's cells on it is bad: of the others some have
/// no results, and of what a block is grown from some is noise.
constexpr double block_share = 0.6;
/// So much of it for long: what is lost now and then as a whole fails in between for a result, and
/// begins to be lossy anew.
constexpr double settled_share = 0.4;
constexpr std::uint32_t least_settled = 2;
/// A block must explain so many times what the line alone does: two sources that lose half of the
/// targets each have a quarter in common by chance.
constexpr double block_gain = 1.5;

/// Parts of lines and blocks of cells, those with the most cells first.
class part_search {
public:
  part_search(trouble& t, const chance& noise)
      : trouble_(t), noise_(noise), counts_{std::vector<toward>(t.lines(side::source).size()),
                                            std::vector<toward>(t.lines(side::target).size())} {}

  void run(std::vector<cause>& causes) {
    for (const auto of : {side::source, side::target}) {
      for (std::uint32_t index = 0; index < trouble_.lines(of).size(); ++index) {
        push(of, index);
      }
    }
    while (!queue_.empty()) {
      const auto top = queue_.top();
      queue_.pop();
      const auto& l = trouble_.at(top.of, top.index);
      if (l.left != top.left) {
        push(top.of, top.index);
      } else if (auto found = explain(top.of, top.index)) {
        causes.push_back(std::move(*found));
        push(top.of, top.index);
      }
    }
  }

private:
  struct seed {
    std::uint32_t left = 0;
    side of = side::source;
    std::uint32_t index = 0;

    bool operator<(const seed& b) const noexcept {
      return std::tuple{left, of, -std::int64_t{index}} <
             std::tuple{b.left, b.of, -std::int64_t{b.index}};
    }
  };

  void push(side of, std::uint32_t index) {
    const auto& l = trouble_.at(of, index);
    if (!l.blamed && l.left >= least_part) {
      queue_.push({l.left, of, index});
    }
  }

  /// The cells that a line is bad in, of those that are so for `least_run` results. Targets that
  /// nobody else probes are not a part of their source: each is to blame itself, once chance does
  /// not explain it.
  std::vector<std::uint32_t> cells_of(side of, std::uint32_t index, std::uint8_t least_run) const {
    std::vector<std::uint32_t> cells;
    trouble_.for_each_left(of, index, [&](std::uint32_t cell) {
      const bool alone = of == side::source && column_of(cell).open() == 1;
      if (!alone && trouble_.at(cell).what->run >= least_run) {
        cells.push_back(cell);
      }
    });
    return cells;
  }

  /// For how many results a cell must be bad so that noise makes less than half a one on a line.
  std::uint8_t settled_run(const trouble::line& l) const {
    auto run = twice;
    for (auto expected = l.open() * noise_.rate() * noise_.rate();
         expected >= 0.5 && run < longest_run; expected *= noise_.rate()) {
      ++run;
    }
    return run;
  }

  const trouble::line& column_of(std::uint32_t cell) const {
    return trouble_.at(side::target, trouble::index_in(trouble_.at(cell), side::target));
  }

  /// The lines of side `of` that are bad toward most of these lines of the other side.
  std::vector<std::uint32_t> bad_toward(side of, const std::vector<std::uint32_t>& others,
                                        std::uint8_t least_run) {
    auto& counts = counts_[static_cast<std::size_t>(of)];
    std::vector<std::uint32_t> seen;
    for (const auto index : others) {
      for (const auto cell : cells_of(other(of), index, once)) {
        const auto line = trouble::index_in(trouble_.at(cell), of);
        if (counts[line].bad++ == 0) {
          seen.push_back(line);
        }
        counts[line].settled += trouble_.at(cell).what->run >= least_run ? 1U : 0U;
      }
    }
    std::vector<std::uint32_t> found;
    const auto size = static_cast<double>(others.size());
    for (const auto line : seen) {
      const auto [bad, settled] = std::exchange(counts[line], {});
      const bool enough = settled >= least_settled && settled >= settled_share * size;
      if (settled >= block_share * size || (enough && bad >= block_share * size)) {
        found.push_back(line);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  /// That some have failed for long does not speak for the others, which may be noise beside them.
  std::uint64_t results_of(const std::vector<std::uint32_t>& cells) const {
    std::uint32_t least = longest_run;
    for (const auto cell : cells) {
      least = std::min<std::uint32_t>(least, trouble_.at(cell).what->run);
    }
    std::uint64_t results = 0;
    for (const auto cell : cells) {
      results += std::min<std::uint32_t>(2 * least, trouble_.at(cell).what->run);
    }
    return results;
  }

  std::optional<cause> explain(side of, std::uint32_t index) {
    // At best without those that may be noise.
    const auto& l = trouble_.at(of, index);
    for (const auto run : {settled_run(l), twice, once}) {
      const auto cells = cells_of(of, index, run);
      const auto results = results_of(cells);
      if (cells.size() >= least_part && noise_.excludes(cells.size(), l.open(), results)) {
        return explain_with(of, index, cells, run);
      }
    }
    return std::nullopt;
  }

  /// `cells` are those of a line that are bad for `run` results or more.
  cause explain_with(side of, std::uint32_t index, const std::vector<std::uint32_t>& cells,
                     std::uint8_t run) {
    std::vector<std::uint32_t> across;
    across.reserve(cells.size());
    for (const auto cell : cells) {
      across.push_back(trouble::index_in(trouble_.at(cell), other(of)));
    }
    across = bad_toward(other(of), bad_toward(of, across, run), run);
    const auto lines = bad_toward(of, across, run);
    if (lines.size() > 1 && across.size() > 1) {
      const auto block = cells_between(of, lines, across, run);
      if (static_cast<double>(block.size()) >= block_gain * static_cast<double>(cells.size())) {
        return explain_block(cells_between(of, lines, across, once));
      }
    }
    const auto& l = trouble_.at(of, index);
    if (l.left >= part_share * l.open()) {
      cause_maker maker{trouble_, of == side::source ? cause_type::source : cause_type::target,
                        cause_scope::one};
      maker.made().partial = !l.whole();
      maker.blame(of, index);
      return maker.finish();
    }
    return explain_pairs(cells);
  }

  std::vector<std::uint32_t> cells_between(side of, const std::vector<std::uint32_t>& lines,
                                           const std::vector<std::uint32_t>& across,
                                           std::uint8_t least_run) const {
    std::vector<std::uint32_t> cells;
    for (const auto index : lines) {
      for (const auto cell : cells_of(of, index, least_run)) {
        if (std::binary_search(across.begin(), across.end(),
                               trouble::index_in(trouble_.at(cell), other(of)))) {
          cells.push_back(cell);
        }
      }
    }
    return cells;
  }

  cause explain_pairs(const std::vector<std::uint32_t>& cells) {
    cause_maker maker{trouble_, cause_type::path, cause_scope::some_pairs};
    maker.take(explained_together(trouble_, cells));
    return maker.finish();
  }

  /// Pairs that are well and pairs that nobody probes are not told apart, but a region does not
  /// probe itself; and what another cause explains, or has to, is no evidence.
  cause explain_block(const std::vector<std::uint32_t>& cells) {
    auto made = explain_pairs(cells);
    std::size_t pairs = made.sources.size() * made.targets.size();
    for (const auto source : made.sources) {
      const auto is_target = [&](std::uint32_t number) {
        return std::binary_search(made.targets.begin(), made.targets.end(), number);
      };
      bool itself = false;
      std::size_t bad = 0;
      trouble_.for_each_bad(side::source, *trouble_.find(side::source, source),
                            [&](std::uint32_t cell) {
                              const auto target = column_of(cell).number;
                              itself = itself || target == source;
                              bad += is_target(target) ? 1 : 0;
                            });
      pairs -= bad + (trouble_.all().pairs() && !itself && is_target(source) ? 1 : 0);
    }
    made.evidence.of += static_cast<std::uint32_t>(pairs);
    return made;
  }

  trouble& trouble_;
  const chance& noise_;
  struct toward {
    std::uint32_t bad = 0;
    std::uint32_t settled = 0;
  };
  std::array<std::vector<toward>, 2> counts_; ///< of each line; 0 between its uses
  std::priority_queue<seed> queue_;
};

/// The cell the other way between two regions; nothing where it needs no cause.
std::optional<std::uint32_t> way_back(const trouble& t, std::uint32_t cell) {
  const auto source = t.at(side::source, t.at(cell).lines[0]).number;
  const auto row = t.find(side::source, t.at(side::target, t.at(cell).lines[1]).number);
  if (!row) {
    return std::nullopt;
  }
  std::optional<std::uint32_t> found;
  t.for_each_left(side::source, *row, [&](std::uint32_t back) {
    if (t.at(side::target, t.at(back).lines[1]).number == source) {
      found = back;
    }
  });
  return found;
}

void find_pairs(trouble& t, const chance& noise, std::vector<cause>& causes) {
  const auto is_path = [&](std::uint32_t cell) {
    return !t.at(cell).explained && noise.excludes(1, 1, t.at(cell).what->run);
  };
  for (std::uint32_t i = 0; i < t.cells(); ++i) {
    if (!is_path(i)) {
      continue;
    }
    const auto back = t.all().pairs() ? way_back(t, i) : std::nullopt;
    const bool both = back && *back != i && is_path(*back);
    cause_maker maker{t, cause_type::path, both ? cause_scope::some_pairs : cause_scope::one};
    const auto& pair = t.at(i);
    maker.made().undecided =
        !both && t.at(side::source, pair.lines[0]).ok + t.at(side::target, pair.lines[1]).ok == 0;
    const auto cells = both ? std::vector{i, *back} : std::vector{i};
    const bool fails = std::any_of(cells.begin(), cells.end(),
                                   [&](std::uint32_t cell) { return t.at(cell).what->down; });
    maker.take(cells);
    causes.push_back(maker.finish());
    causes.back().degraded = !fails; // of two ways the worse one says what it is
  }
}

} // namespace

void find_parts(trouble& t, const chance& noise, std::vector<cause>& causes) {
  part_search{t, noise}.run(causes);
  find_pairs(t, noise, causes);
}

} // namespace xprober
