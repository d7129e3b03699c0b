#include "xprober/actors/server/pair_cells.hpp"

namespace xprober {

namespace {

cell_counts only_well(std::uint32_t series) noexcept {
  cell_counts counts;
  counts.ok = series;
  return counts;
}

} // namespace

cell_counts pair_cells::get(std::uint32_t from, std::uint32_t to) const {
  if (from < well_.size() && to < well_[from].size() && well_[from][to] > 0) {
    return only_well(well_[from][to]);
  }
  const auto* known = others_.find(from, to);
  return known == nullptr ? cell_counts{} : *known;
}

void pair_cells::set(std::uint32_t from, std::uint32_t to, const cell_counts& counts) {
  const bool was = get(from, to) != cell_counts{};
  const bool is = counts != cell_counts{};
  if (was != is) {
    if (to >= columns_.size()) {
      columns_.resize(to + std::size_t{1});
    }
    columns_[to] += is ? 1U : ~0U;
  }
  const bool well = is && counts == only_well(counts.ok);
  if (well && from >= well_.size()) {
    well_.resize(from + std::size_t{1});
  }
  if (well && to >= well_[from].size()) {
    well_[from].resize(to + std::size_t{1});
  }
  if (from < well_.size() && to < well_[from].size()) {
    well_[from][to] = well ? counts.ok : 0;
  }
  if (is && !well) {
    others_.set(from, to, counts);
  } else {
    others_.erase(from, to);
  }
}

} // namespace xprober
