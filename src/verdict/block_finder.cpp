#include "xprober/verdict/block_finder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace xprober {

namespace {

/// What has failed for one result only may be noise, whatever its rate.
constexpr std::uint8_t shortest_settled = 2;

/// A line belongs to a block if so much of the block's cells on it is bad: of what a block is grown
/// from some is noise.
constexpr double block_share = 0.6;
/// So much of it for long: what is lost now and then as a whole fails in between for a result, and
/// begins to be lossy anew.
constexpr double settled_share = 0.4;
constexpr std::uint32_t least_settled = 2;

/// One line too many in a thousand blocks.
const double log_wrong_lines = std::log(1000.0);

/// A block gets lines on both sides in turn; by then it has them.
constexpr int most_rounds = 6;

} // namespace

bool block_finder::is_alone(std::uint32_t cell) const {
  const auto column = trouble::index_in(trouble_.at(cell), side::target);
  return trouble_.at(side::target, column).open() == 1;
}

std::vector<std::uint32_t> block_finder::cells_of(side of, std::uint32_t index,
                                                  std::uint8_t least_run) const {
  std::vector<std::uint32_t> cells;
  trouble_.for_each_left(of, index, [&](std::uint32_t cell) {
    if (trouble_.what(cell).run >= least_run && !(of == side::source && is_alone(cell))) {
      cells.push_back(cell);
    }
  });
  return cells;
}

std::uint8_t block_finder::settled_run(const trouble::line& l) const {
  auto run = shortest_settled;
  for (auto expected = l.open() * noise_.rate() * noise_.rate();
       expected >= 0.5 && run < longest_run; expected *= noise_.rate()) {
    ++run;
  }
  return run;
}

/// Cells of a line without results: it has so many of those that are there on the other side.
std::uint32_t block_finder::gaps_of(side of, std::uint32_t index) const {
  const auto& l = trouble_.at(of, index);
  const auto known = l.ok + l.bad + (trouble_.all().pairs() ? 1U : 0U);
  return std::max(trouble_.all().known_lines(other(of)), known) - known;
}

/// By how much it is less likely that so many of the line's cells toward a block have no results
/// than that they have; without end where it has not so many without.
double block_finder::cost_of_gaps(side of, std::uint32_t index, std::uint32_t gaps) const {
  const auto& l = trouble_.at(of, index);
  const auto without = gaps_of(of, index);
  if (without < gaps) {
    return std::numeric_limits<double>::infinity();
  }
  double cost = 0;
  for (std::uint32_t i = 0; i < gaps; ++i) {
    cost += std::log(static_cast<double>(l.ok + l.bad + without - i) / (without - i));
  }
  return cost;
}

/// Counts what each line of side `of` has toward some of the other; returns those that have
/// something.
std::vector<std::uint32_t> block_finder::count_toward(side of,
                                                      const std::vector<std::uint32_t>& others,
                                                      std::uint8_t least_run) {
  auto& counts = counts_[static_cast<std::size_t>(of)];
  counts.resize(trouble_.lines(of).size());
  std::vector<std::uint32_t> seen;
  const auto cost_of_pair = static_cast<float>(noise_.cost_of_pair());
  const auto cost_of_result = static_cast<float>(-std::log(noise_.rate()));
  for (const auto index : others) {
    trouble_.for_each_bad(other(of), index, [&](std::uint32_t cell) {
      const auto& c = trouble_.at(cell);
      const auto line = trouble::index_in(c, of);
      auto& to = counts[line];
      if (to.bad + to.others == 0) {
        seen.push_back(line);
      }
      if (c.explained || (of == side::target && is_alone(cell))) {
        ++to.others;
        return;
      }
      ++to.bad;
      const auto run = trouble_.what(cell).run;
      to.settled += run >= least_run ? 1U : 0U;
      to.gain += std::min(static_cast<float>(run) * cost_of_result, cost_of_pair);
    });
  }
  return seen;
}

/// Those of `others` that a line has nothing bad toward, but itself.
std::vector<std::uint32_t>
block_finder::gaps_toward(side of, std::uint32_t index,
                          const std::vector<std::uint32_t>& others) const {
  std::vector<std::uint32_t> bad;
  trouble_.for_each_bad(of, index, [&](std::uint32_t cell) {
    bad.push_back(trouble::index_in(trouble_.at(cell), other(of)));
  });
  std::sort(bad.begin(), bad.end());
  std::vector<std::uint32_t> gaps;
  for (const auto line : others) {
    const bool itself = trouble_.all().pairs() &&
                        trouble_.at(of, index).number == trouble_.at(other(of), line).number;
    if (!itself && !std::binary_search(bad.begin(), bad.end(), line)) {
      gaps.push_back(line);
    }
  }
  return gaps;
}

/// The lines of side `of` that belong to a block with these lines of the other side.
std::vector<std::uint32_t> block_finder::bad_toward(side of,
                                                    const std::vector<std::uint32_t>& others,
                                                    std::uint8_t least_run) {
  std::vector<std::uint32_t> found;
  std::vector<std::uint32_t> perhaps;
  for (const auto line : count_toward(of, others, least_run)) {
    const auto what = std::exchange(counts_[static_cast<std::size_t>(of)][line], {});
    const auto size = static_cast<std::uint32_t>(others.size()) - what.others;
    const auto share = block_share * size;
    const bool enough = what.settled >= least_settled && what.settled >= settled_share * size;
    if (what.bad > 0 && (what.settled >= share || (enough && what.bad >= share))) {
      found.push_back(line);
    } else if (what.bad > 0 && what.gain > cost_of_line(of)) {
      perhaps.push_back(line);
      gains_.push_back(what.gain);
    }
  }
  add_with_gaps(of, others, perhaps, found);
  std::sort(found.begin(), found.end());
  return found;
}

double block_finder::cost_of_line(side of) const {
  return std::log(trouble_.all().known_lines(of)) + log_wrong_lines;
}

/// A gap is one of both of its lines: each has only so many.
void block_finder::add_with_gaps(side of, const std::vector<std::uint32_t>& others,
                                 const std::vector<std::uint32_t>& perhaps,
                                 std::vector<std::uint32_t>& found) {
  const auto gains = std::exchange(gains_, {});
  if (perhaps.empty()) {
    return;
  }
  std::map<std::uint32_t, std::uint32_t> left;
  for (const auto line : others) {
    left[line] = gaps_of(other(of), line);
  }
  const auto take = [&](const std::vector<std::uint32_t>& gaps) {
    for (const auto line : gaps) {
      left[line] -= left[line] > 0 ? 1U : 0U;
    }
  };
  for (const auto line : found) {
    take(gaps_toward(of, line, others));
  }
  for (std::size_t i = 0; i < perhaps.size(); ++i) {
    const auto gaps = gaps_toward(of, perhaps[i], others);
    const auto cost = cost_of_gaps(of, perhaps[i], static_cast<std::uint32_t>(gaps.size()));
    if (gains[i] > cost_of_line(of) + cost &&
        std::all_of(gaps.begin(), gaps.end(), [&](std::uint32_t l) { return left[l] > 0; })) {
      take(gaps);
      found.push_back(perhaps[i]);
    }
  }
}

line_block block_finder::grow(side of, const std::vector<std::uint32_t>& cells, std::uint8_t run) {
  line_block block;
  block.across.reserve(cells.size());
  for (const auto cell : cells) {
    block.across.push_back(trouble::index_in(trouble_.at(cell), other(of)));
  }
  std::sort(block.across.begin(), block.across.end());
  for (int round = 0; round < most_rounds; ++round) {
    block.lines = bad_toward(of, block.across, run);
    auto across = bad_toward(other(of), block.lines, run);
    if (across == block.across) {
      break;
    }
    block.across = std::move(across);
  }
  block.lines = bad_toward(of, block.across, run);
  return block;
}

std::vector<std::uint32_t> block_finder::cells_between(side of, const line_block& block,
                                                       std::uint8_t least_run) const {
  std::vector<std::uint32_t> cells;
  for (const auto index : block.lines) {
    for (const auto cell : cells_of(of, index, least_run)) {
      if (std::binary_search(block.across.begin(), block.across.end(),
                             trouble::index_in(trouble_.at(cell), other(of)))) {
        cells.push_back(cell);
      }
    }
  }
  return cells;
}

bool block_finder::is_of_block(side of, std::uint32_t index) {
  const auto& l = trouble_.at(of, index);
  if (l.left < least_settled) {
    return false;
  }
  const auto run = settled_run(l);
  const auto settled = cells_of(of, index, run);
  if (settled.size() < least_settled ||
      static_cast<double>(settled.size()) >= whole_share * l.open()) {
    return false;
  }
  const auto block = grow(of, settled, run);
  if (block.lines.size() < 2 || block.across.size() < 2 ||
      !std::binary_search(block.lines.begin(), block.lines.end(), index)) {
    return false;
  }
  std::uint32_t inside = 0;
  std::uint32_t outside = 0;
  std::uint32_t results = 0;
  trouble_.for_each_left(of, index, [&](std::uint32_t cell) {
    const bool is_inside = std::binary_search(block.across.begin(), block.across.end(),
                                              trouble::index_in(trouble_.at(cell), other(of)));
    ++(is_inside ? inside : outside);
    results += is_inside ? 0U : trouble_.what(cell).run;
  });
  return outside == 0 || !noise_.excludes(outside, l.open() - inside, results);
}

} // namespace xprober
