#include "xprober/verdict/losses.hpp"

#include <algorithm>
#include <cmath>

#include "xprober/verdict/chance.hpp"

namespace xprober {

namespace {

/// Cells that are down by losses for so long, or so many on a line: fewer have another cause.
constexpr double down_by_losses = 0.01;

std::size_t place(side of) noexcept { return static_cast<std::size_t>(of); }

} // namespace

losses::losses(const trouble& t, std::span<const std::uint32_t> cells)
    : trouble_(t), cells_(static_cast<std::uint32_t>(cells.size())) {
  std::uint32_t parts = 0;
  for (const auto cell : cells) {
    const auto& what = t.what(cell);
    down_ += what.down ? 1U : 0U;
    parts += !what.down && what.failing > 0 ? 1U : 0U;
  }
  slow_ = down_ > 0 && down_ * 2 <= cells_ && parts * 2 <= cells_ - down_;
  if (slow_) {
    count_lines(cells, side::source);
    count_lines(cells, side::target);
  }
}

void losses::count_lines(std::span<const std::uint32_t> cells, side of) {
  auto& lines = lines_[place(of)];
  for (const auto cell : cells) {
    if (trouble_.what(cell).down) {
      lines.push_back({trouble::index_in(trouble_.at(cell), of), 0, 0});
    }
  }
  const auto before = [](const own& a, const own& b) { return a.line < b.line; };
  std::sort(lines.begin(), lines.end(), before);
  lines.erase(std::unique(lines.begin(), lines.end(),
                          [](const own& a, const own& b) { return a.line == b.line; }),
              lines.end());
  for (const auto cell : cells) {
    const auto line = trouble::index_in(trouble_.at(cell), of);
    const auto at = std::lower_bound(lines.begin(), lines.end(), own{line, 0, 0}, before);
    if (at != lines.end() && at->line == line) {
      ++at->cells;
      at->down += trouble_.what(cell).down ? 1U : 0U;
    }
  }
}

bool losses::explain(std::uint32_t cell) const {
  const auto& what = trouble_.what(cell);
  if (!slow_ || !what.down) {
    return true;
  }
  // The rate that may be behind what was seen: one standard deviation more.
  const auto share = std::min((down_ + std::sqrt(down_) + 0.5) / cells_, 1.0);
  return cells_ * std::pow(share, what.run) >= down_by_losses && !is_of_line(cell, side::source) &&
         !is_of_line(cell, side::target);
}

/// So much of the line is down that the losses, as all other cells have them, do not make it so.
bool losses::is_of_line(std::uint32_t cell, side of) const {
  const auto index = trouble::index_in(trouble_.at(cell), of);
  const auto& l = trouble_.at(of, index);
  if (l.blamed) {
    return false;
  }
  const auto& lines = lines_[place(of)];
  const auto at = std::lower_bound(lines.begin(), lines.end(), index,
                                   [](const own& o, std::uint32_t line) { return o.line < line; });
  const auto rate = (down_ - at->down + 0.5) / (cells_ - at->cells + 1.0);
  return std::log(cells_) + log_choices(l.open(), l.down) + l.down * std::log(rate) <
         std::log(down_by_losses);
}

std::vector<std::uint32_t> explained_together(const trouble& t, std::vector<std::uint32_t> cells) {
  const losses all{t, cells};
  std::erase_if(cells, [&](std::uint32_t cell) { return !all.explain(cell); });
  return cells;
}

} // namespace xprober
