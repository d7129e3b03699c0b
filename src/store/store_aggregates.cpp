#include "xprober/store/store_aggregates.hpp"

#include <algorithm>

namespace xprober {

namespace {

store_aggregates::key key_for(const store_aggregates::place& row, const stored_kind& kind) {
  const bool pair = kind.kind->grouped_by == result_group::pair;
  return store_aggregates::key_of(row.source_region, pair ? row.target_region : row.address);
}

void add_values(group_sums& to, const stored_kind& kind, const probe_values& values) {
  for (std::size_t i = 0; i < kind.mean_cells.size(); ++i) {
    to.means[i].add(values.get(kind.mean_cells[i]));
  }
  to.successes.add(values.get(0));
}

void remove_values(group_sums& from, const stored_kind& kind, const probe_values& values) {
  for (std::size_t i = 0; i < kind.mean_cells.size(); ++i) {
    from.means[i].remove(values.get(kind.mean_cells[i]));
  }
  from.successes.remove(values.get(0));
}

auto find_region(store_aggregates::group& in, slot region) {
  return std::ranges::find(in.regions, region, [](const auto& entry) { return entry.first; });
}

void remove_region(store_aggregates::group& from, slot region, std::uint64_t rows) {
  const auto found = find_region(from, region);
  if (found == from.regions.end()) {
    return;
  }
  found->second -= rows;
  if (found->second == 0) {
    from.regions.erase(found);
  }
}

} // namespace

void store_aggregates::group::remove(const group& part) {
  sums.remove(part.sums);
  for (const auto& [region, rows] : part.regions) {
    remove_region(*this, region, rows);
  }
}

const store_aggregates::groups& store_aggregates::of(kind_number kind) const {
  static const groups none;
  return kind < by_kind_.size() ? by_kind_[kind] : none;
}

void store_aggregates::add(const place& row, const stored_kind& kind, const probe_values& values) {
  if (values.kind >= by_kind_.size()) {
    by_kind_.resize(values.kind + std::size_t{1});
  }
  auto& to = by_kind_[values.kind][key_for(row, kind)];
  to.sums.means.resize(kind.mean_cells.size());
  add_values(to.sums, kind, values);
  ++to.sums.rows;
  if (kind.kind->grouped_by == result_group::pair) {
    return;
  }
  const auto region = find_region(to, row.target_region);
  if (region == to.regions.end()) {
    to.regions.emplace_back(row.target_region, 1);
  } else {
    ++region->second;
  }
}

void store_aggregates::remove(const place& row, const stored_kind& kind,
                              const probe_values& values) {
  auto& all = by_kind_[values.kind];
  const auto found = all.find(key_for(row, kind));
  auto& from = found->second;
  remove_values(from.sums, kind, values);
  remove_region(from, row.target_region, 1);
  if (--from.sums.rows == 0) {
    all.erase(found);
  }
}

void store_aggregates::replace(const place& row, const stored_kind& kind,
                               const probe_values& before, const probe_values& after) {
  auto& sums = by_kind_[after.kind].find(key_for(row, kind))->second.sums;
  remove_values(sums, kind, before);
  add_values(sums, kind, after);
}

} // namespace xprober
