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

using known_cell = std::pair<evidence::key, const evidence::bad_cell*>;

bad_lines lay_out_lines(const evidence& all, const std::vector<known_cell>& cells, side of,
                        std::vector<trouble::line>& to) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(cells.size());
  for (const auto& [k, what] : cells) {
    numbers.push_back(of == side::source ? evidence::source_of(k) : evidence::target_of(k));
  }
  const auto& from = all.lines(of);
  bad_lines with_bad{std::move(numbers), from.size()};
  std::uint32_t first = 0;
  to.reserve(with_bad.numbers().size());
  for (const auto number : with_bad.numbers()) {
    const auto& l = from[number];
    to.push_back({number, l.ok, l.bad, l.bad, 0, 0, first});
    first += l.bad;
  }
  return with_bad;
}

} // namespace

trouble::trouble(const evidence& all) : all_(all) {
  // Once through the table, whose cells lie anywhere in memory.
  std::vector<known_cell> bad;
  bad.reserve(all.bad_cells().size());
  for (const auto& [k, what] : all.bad_cells()) {
    bad.emplace_back(k, &what);
  }
  const auto row_index = lay_out_lines(all, bad, side::source, lines_[0]);
  const auto column_index = lay_out_lines(all, bad, side::target, lines_[1]);
  // Sorted by column, and then, in that order, by row.
  auto& rows = lines_[0];
  auto& columns = lines_[1];
  std::vector<entry> unsorted(bad.size());
  std::vector<std::uint32_t> next(columns.size());
  std::transform(columns.begin(), columns.end(), next.begin(),
                 [](const line& l) { return l.first; });
  for (const auto& [k, what] : bad) {
    const auto row = row_index.index_of(evidence::source_of(k));
    const auto column = column_index.index_of(evidence::target_of(k));
    unsorted[next[column]++] = {{row, column}, false, what};
    for (auto* l : {&rows[row], &columns[column]}) {
      l->down += what->down ? 1U : 0U;
      l->results += what->run;
    }
  }
  next.resize(rows.size());
  std::transform(rows.begin(), rows.end(), next.begin(), [](const line& l) { return l.first; });
  cells_.resize(bad.size());
  for (const auto& c : unsorted) {
    cells_[next[c.lines[0]]++] = c;
  }
  next.resize(columns.size());
  std::transform(columns.begin(), columns.end(), next.begin(),
                 [](const line& l) { return l.first; });
  by_target_.resize(bad.size());
  for (std::uint32_t i = 0; i < cells_.size(); ++i) {
    by_target_[next[cells_[i].lines[1]]++] = i;
  }
  note_behind();
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
        const auto& what = *cells_[cell].what;
        column.old_down += what.down && what.run > 1 ? 1U : 0U;
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
  const auto said = cells_[cell].what->down ? l.old_down : l.old;
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
    l.down -= c.what->down ? 1U : 0U;
    l.results -= c.what->run;
  }
}

} // namespace xprober
