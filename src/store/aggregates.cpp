#include "xprober/store/aggregates.hpp"

#include <algorithm>

namespace xprober {

std::vector<std::size_t> mean_columns(const probe_kind& kind) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    const auto& column = kind.columns[i];
    if (column.kept && (column.role == column_role::duration || column.role == column_role::loss ||
                        column.role == column_role::phase)) {
      places.push_back(i);
    }
  }
  return places;
}

bool group_sums::empty() const noexcept {
  return rows == 0 && std::ranges::all_of(states, [](auto series) { return series == 0; });
}

void group_sums::add(const group_sums& part) {
  successes.add(part.successes);
  rows += part.rows;
  for (std::size_t i = 0; i < states.size(); ++i) {
    states[i] += part.states[i];
  }
  means.resize(std::max(means.size(), part.means.size()));
  for (std::size_t i = 0; i < part.means.size(); ++i) {
    means[i].add(part.means[i]);
  }
}

void group_sums::remove(const group_sums& part) {
  successes.remove(part.successes);
  rows -= part.rows;
  for (std::size_t i = 0; i < states.size(); ++i) {
    states[i] -= part.states[i];
  }
  for (std::size_t i = 0; i < std::min(means.size(), part.means.size()); ++i) {
    means[i].remove(part.means[i]);
  }
}

} // namespace xprober
