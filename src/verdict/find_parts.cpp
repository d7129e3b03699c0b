#include <algorithm>
#include <cstdint>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "xprober/verdict/block_finder.hpp"
#include "xprober/verdict/losses.hpp"
#include "xprober/verdict/steps.hpp"

namespace xprober {

namespace {

/// Runs of results.
constexpr std::uint8_t once = 1;
constexpr std::uint8_t twice = 2;

/// A block must explain so many times what the line alone does: two sources that lose half of the
/// targets each have a quarter in common by chance.
constexpr double block_gain = 1.5;

/// Parts of lines and blocks of cells, those with the most cells first.
class part_search {
public:
  part_search(trouble& t, const chance& noise) : trouble_(t), noise_(noise), blocks_(t, noise) {}

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

  const trouble::line& column_of(std::uint32_t cell) const {
    return trouble_.at(side::target, trouble::index_in(trouble_.at(cell), side::target));
  }

  /// That some have failed for long does not speak for the others, which may be noise beside them.
  std::uint64_t results_of(const std::vector<std::uint32_t>& cells) const {
    std::uint32_t least = longest_run;
    for (const auto cell : cells) {
      least = std::min<std::uint32_t>(least, trouble_.what(cell).run);
    }
    std::uint64_t results = 0;
    for (const auto cell : cells) {
      results += std::min<std::uint32_t>(2 * least, trouble_.what(cell).run);
    }
    return results;
  }

  std::optional<cause> explain(side of, std::uint32_t index) {
    // At best without those that may be noise.
    const auto& l = trouble_.at(of, index);
    for (const auto run : {blocks_.settled_run(l), twice, once}) {
      const auto cells = blocks_.cells_of(of, index, run);
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
    const auto block = blocks_.grow(of, cells, run);
    if (block.lines.size() > 1 && block.across.size() > 1) {
      const auto between = blocks_.cells_between(of, block, run);
      if (static_cast<double>(between.size()) >= block_gain * static_cast<double>(cells.size())) {
        return explain_block(blocks_.cells_between(of, block, once));
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
  block_finder blocks_;
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
    return !t.at(cell).explained && noise.excludes(1, 1, t.what(cell).run);
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
                                   [&](std::uint32_t cell) { return t.what(cell).down; });
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
