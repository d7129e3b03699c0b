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

store_aggregates::group& store_aggregates::at(const place& row, const stored_kind& kind,
                                              kind_number number) {
  if (number >= by_kind_.size()) {
    by_kind_.resize(number + std::size_t{1});
  }
  auto& found = by_kind_[number][key_for(row, kind)];
  const bool pair = kind.kind->grouped_by == result_group::pair;
  found.sums.means.resize(kind.mean_cells.size() + (pair ? 1 : 0));
  return found;
}

void store_aggregates::drop_if_empty(const place& row, const stored_kind& kind,
                                     kind_number number) {
  auto& all = by_kind_[number];
  const auto found = all.find(key_for(row, kind));
  if (found->second.sums.empty()) {
    all.erase(found);
  }
}

void store_aggregates::add_state(const place& row, const stored_kind& kind, kind_number number,
                                 series_state state) {
  auto& to = at(row, kind, number);
  ++to.sums.states[static_cast<std::size_t>(state)];
}

void store_aggregates::remove_state(const place& row, const stored_kind& kind, kind_number number,
                                    series_state state) {
  auto& from = at(row, kind, number);
  --from.sums.states[static_cast<std::size_t>(state)];
  drop_if_empty(row, kind, number);
}

void store_aggregates::change_state(const place& row, const stored_kind& kind, kind_number number,
                                    series_state before, series_state after) {
  auto& states = at(row, kind, number).sums.states;
  --states[static_cast<std::size_t>(before)];
  ++states[static_cast<std::size_t>(after)];
}

void store_aggregates::change_usual(const place& row, const stored_kind& kind, kind_number number,
                                    float before, float after) {
  if (kind.kind->grouped_by != result_group::pair || before == after) {
    return;
  }
  auto& usual = at(row, kind, number).sums.means.back();
  if (before > 0) {
    usual.remove(before);
  }
  if (after > 0) {
    usual.add(after);
  }
}

void store_aggregates::add(const place& row, const stored_kind& kind, const probe_values& values) {
  auto& to = at(row, kind, values.kind);
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
  auto& from = at(row, kind, values.kind);
  remove_values(from.sums, kind, values);
  remove_region(from, row.target_region, 1);
  --from.sums.rows;
  drop_if_empty(row, kind, values.kind);
}

void store_aggregates::replace(const place& row, const stored_kind& kind,
                               const probe_values& before, const probe_values& after) {
  auto& sums = at(row, kind, after.kind).sums;
  remove_values(sums, kind, before);
  add_values(sums, kind, after);
}

} // namespace xprober
