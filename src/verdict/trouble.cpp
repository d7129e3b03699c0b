#include "xprober/verdict/trouble.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

namespace {

/// The lines of a side that have bad cells, in order.
class bad_lines {
public:
  /// `size`: of all lines. Where few of them have bad cells their numbers are sorted and looked up,
  /// so that it does not cost by all.
  bad_lines(std::vector<std::uint32_t>&& numbers, std::size_t size) : numbers_(std::move(numbers)) {
    if (numbers_.size() < size / 16) {
      std::sort(numbers_.begin(), numbers_.end());
      numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
      return;
    }
    index_of_.resize(size);
    for (const auto number : numbers_) {
      index_of_[number] = 1;
    }
    numbers_.clear();
    for (std::uint32_t number = 0; number < size; ++number) {
      if (index_of_[number] != 0) {
        index_of_[number] = static_cast<std::uint32_t>(numbers_.size());
        numbers_.push_back(number);
      }
    }
  }

  const std::vector<std::uint32_t>& numbers() const noexcept { return numbers_; }
  std::uint32_t index_of(std::uint32_t number) const noexcept {
    return index_of_.empty()
               ? static_cast<std::uint32_t>(
                     std::lower_bound(numbers_.begin(), numbers_.end(), number) - numbers_.begin())
               : index_of_[number];
  }

private:
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint32_t> index_of_; ///< by number; empty: looked up
};

/// `numbers`: of the lines of all bad cells.
bad_lines lay_out_lines(const evidence& all, std::vector<std::uint32_t>&& numbers, side of,
                        std::vector<trouble::line>& to) {
  bad_lines with_bad{std::move(numbers), all.line_numbers(of)};
  std::uint32_t first = 0;
  to.reserve(with_bad.numbers().size());
  for (const auto number : with_bad.numbers()) {
    const auto l = all.line_of(of, number);
    to.push_back({number, l.ok, l.bad, l.bad, 0, 0, first});
    first += l.bad;
  }
  return with_bad;
}

} // namespace

trouble::trouble(const evidence& all) : all_(all) {
  lay_out_cells();
  note_behind();
}

/// Of very many that fail this is what a verdict takes most memory for: nothing is there twice.
void trouble::lay_out_cells() {
  const auto& bad = all_.bad_cells();
  std::vector<std::uint32_t> sources;
  std::vector<std::uint32_t> targets;
  targets.reserve(bad.size());
  bad.for_each([&](std::uint32_t source, std::uint32_t target, std::uint32_t) {
    if (sources.empty() || sources.back() != source) {
      sources.push_back(source);
    }
    targets.push_back(target);
  });
  auto& rows = lines_[0];
  auto& columns = lines_[1];
  const auto row_index = lay_out_lines(all_, std::move(sources), side::source, rows);
  const auto column_index = lay_out_lines(all_, std::move(targets), side::target, columns);
  // They come by row; within it they are put into the order of their columns.
  cells_.reserve(bad.size());
  bad.for_each([&](std::uint32_t source, std::uint32_t target, std::uint32_t number) {
    cells_.push_back({{row_index.index_of(source), column_index.index_of(target)}, number, false});
    for (const auto of : {side::source, side::target}) {
      auto& l = lines_[place(of)][cells_.back().lines[place(of)]];
      l.down += bad.value(number).down ? 1U : 0U;
      l.results += bad.value(number).run;
    }
  });
  const auto by_column = [](const entry& a, const entry& b) { return a.lines[1] < b.lines[1]; };
  for (const auto& row : rows) {
    const auto first = cells_.begin() + row.first;
    if (!std::is_sorted(first, first + row.bad, by_column)) {
      std::sort(first, first + row.bad, by_column);
    }
  }
  std::vector<std::uint32_t> next(columns.size());
  std::transform(columns.begin(), columns.end(), next.begin(),
                 [](const line& l) { return l.first; });
  by_target_.resize(cells_.size());
  for (std::uint32_t i = 0; i < cells_.size(); ++i) {
    by_target_[next[cells_[i].lines[1]]++] = i;
  }
}

void trouble::note_behind() {
  const auto sources = all_.behind();
  behind_ = static_cast<std::uint32_t>(sources.size());
  for (const auto source : sources) {
    if (const auto row = find(side::source, source)) {
      lines_[0][*row].behind = true;
      for_each_bad(side::source, *row, [&](std::uint32_t cell) {
        auto& column = lines_[1][cells_[cell].lines[1]];
        ++column.old;
        const auto& said = what(cell);
        column.old_down += said.down && said.run > 1 ? 1U : 0U;
      });
    }
  }
}

bool may_turn_bad(std::uint32_t bad, std::uint32_t known, std::uint32_t unheard) noexcept {
  const auto most = bad + unheard;
  const auto of = std::max(known, most);
  return unheard > 0 &&
         (most >= whole_share * of || (most >= least_part && most >= part_share * of));
}

bool trouble::is_open(std::uint32_t cell) const noexcept {
  const auto& l = lines_[1][cells_[cell].lines[1]];
  const auto said = what(cell).down ? l.old_down : l.old;
  return may_turn_bad(l.bad, l.ok + l.bad, behind_ - std::min(said, behind_));
}

std::optional<std::uint32_t> trouble::find(side of, std::uint32_t number) const {
  const auto& lines = lines_[place(of)];
  const auto at =
      std::lower_bound(lines.begin(), lines.end(), number,
                       [](const line& l, std::uint32_t wanted) { return l.number < wanted; });
  return at != lines.end() && at->number == number
             ? std::optional{static_cast<std::uint32_t>(at - lines.begin())}
             : std::nullopt;
}

void trouble::explain(std::uint32_t cell) noexcept {
  auto& c = cells_[cell];
  if (c.explained) {
    return;
  }
  c.explained = true;
  for (const auto of : {side::source, side::target}) {
    auto& l = lines_[place(of)][c.lines[place(of)]];
    --l.left;
    l.down -= what(cell).down ? 1U : 0U;
    l.results -= what(cell).run;
  }
}

} // namespace xprober
