#include "xprober/verdict/trouble.hpp"

#include <algorithm>

namespace xprober {

namespace {

/// Lines with bad cells by number, and for each number its place among them.
std::vector<std::uint32_t> lay_out_lines(const std::vector<evidence::line>& from,
                                         std::vector<std::uint32_t>&& with_bad,
                                         std::vector<trouble::line>& to) {
  std::sort(with_bad.begin(), with_bad.end());
  with_bad.erase(std::unique(with_bad.begin(), with_bad.end()), with_bad.end());
  std::vector<std::uint32_t> index_of(from.size());
  std::uint32_t first = 0;
  to.reserve(with_bad.size());
  for (const auto number : with_bad) {
    index_of[number] = static_cast<std::uint32_t>(to.size());
    const auto& l = from[number];
    to.push_back({number, l.ok, l.bad, l.bad, 0, first, false});
    first += l.bad;
  }
  return index_of;
}

} // namespace

trouble::trouble(const evidence& all) : all_(all) {
  const auto& bad = all.bad_cells();
  std::array<std::vector<std::uint32_t>, 2> index_of;
  for (const auto of : {side::source, side::target}) {
    const auto& from = all.lines(of);
    std::vector<std::uint32_t> with_bad;
    if (bad.size() < from.size() / 16) {
      for (const auto& [k, what] : bad) {
        with_bad.push_back(of == side::source ? evidence::source_of(k) : evidence::target_of(k));
      }
    } else {
      for (std::uint32_t number = 0; number < from.size(); ++number) {
        if (from[number].bad > 0) {
          with_bad.push_back(number);
        }
      }
    }
    index_of[place(of)] = lay_out_lines(from, std::move(with_bad), lines_[place(of)]);
  }
  // Sorted by column, and then, in that order, by row.
  auto& rows = lines_[0];
  auto& columns = lines_[1];
  std::vector<entry> unsorted(bad.size());
  std::vector<std::uint32_t> next(columns.size());
  std::transform(columns.begin(), columns.end(), next.begin(),
                 [](const line& l) { return l.first; });
  for (const auto& [k, what] : bad) {
    const auto row = index_of[0][evidence::source_of(k)];
    const auto column = index_of[1][evidence::target_of(k)];
    unsorted[next[column]++] = {{row, column}, false, &what};
    rows[row].results += what.run;
    columns[column].results += what.run;
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
    l.results -= c.what->run;
  }
}

} // namespace xprober
