#include "xprober/store/snapshot.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/store/store_table.hpp"

namespace xprober {

namespace {

using aggregates = store_aggregates;

/// The place of a built-in kind in the table, behind all of them for another.
std::size_t rank_of(const probe_kind& kind) {
  const auto all = builtin_kinds();
  const bool inside = &kind >= all.data() && &kind < all.data() + all.size();
  return inside ? static_cast<std::size_t>(&kind - all.data()) : all.size();
}

bool same_kind(const probe_kind& a, const probe_kind& b) { return &a == &b || a == b; }

/// The order of kinds in a snapshot. Of those with one name the description decides, so that it is
/// the same every time.
bool comes_before(const kind_results& a, const kind_results& b) {
  const auto a_rank = rank_of(*a.kind);
  const auto b_rank = rank_of(*b.kind);
  if (a_rank != b_rank || a.kind->name != b.kind->name) {
    return std::tie(a_rank, a.kind->name) < std::tie(b_rank, b.kind->name);
  }
  return a.kind != b.kind && encode_kind(*a.kind) < encode_kind(*b.kind);
}

/// Of one kind, either the address or the target region tells two groups of a source apart.
auto key_of(const kind_results& of, const stored_group& g) {
  return std::tie(g.source_region,
                  of.kind->grouped_by == result_group::pair ? g.target_region : g.address);
}

/// Merges a sorted list into another; what is in both adds up.
void merge_groups(kind_results& whole, const kind_results& part) {
  std::vector<stored_group> merged;
  merged.reserve(std::max(whole.groups.size(), part.groups.size()));
  auto mine = whole.groups.begin();
  const auto end = whole.groups.end();
  for (const auto& theirs : part.groups) {
    const auto key = key_of(part, theirs);
    for (; mine != end && key_of(whole, *mine) < key; ++mine) {
      merged.push_back(std::move(*mine));
    }
    if (mine == end || key_of(whole, *mine) != key) {
      merged.push_back(theirs);
      continue;
    }
    merged.push_back(std::move(*mine++));
    auto& both = merged.back();
    both.sums.add(theirs.sums);
    both.target_region = std::min(both.target_region, theirs.target_region);
  }
  std::move(mine, end, std::back_inserter(merged));
  whole.groups = std::move(merged);
}

class snapshot_maker {
public:
  explicit snapshot_maker(const store_table& table) : table_(table) {}

  /// A row that is in the table's aggregates and too old to be shown.
  void leave_out(const store_table::view& v) {
    stale_.add({v.source_region, v.target_region, v.address}, table_.kinds()[v.latest->kind],
               *v.latest);
  }

  void add_row(const store_table::view& v) {
    const auto& kind = table_.kinds()[v.latest->kind];
    stored_target row;
    row.source_region = table_.text(v.source_region);
    row.agent = table_.text(v.agent);
    row.kind = kind.kind;
    row.target = {table_.text(v.target_region), table_.text(v.address),
                  prober_name{table_.text(v.prober)}};
    row.unix_seconds = v.latest->unix_seconds;
    row.success = v.latest->get(0);
    row.values = columns_of(*row.kind, *v.latest);
    for (const auto cell : kind.mean_cells) {
      if (v.latest->get(cell).value_or(0) < 0) {
        row.values.clear(kind.columns[cell]);
      }
    }
    snapshot_.targets.push_back(std::move(row));
  }

  store_snapshot finish() {
    for (std::size_t number = 0; number < table_.aggregates().kinds(); ++number) {
      add_kind(static_cast<kind_number>(number));
    }
    std::ranges::sort(snapshot_.kinds, comes_before);
    return std::move(snapshot_);
  }

private:
  void add_kind(kind_number number) {
    const auto& groups = table_.aggregates().of(number);
    if (groups.empty()) {
      return;
    }
    const auto& kind = table_.kinds()[number].kind;
    kind_results results{kind, mean_columns(*kind), {}};
    const auto& stale = stale_.of(number);
    for (const auto& [key, all] : groups) {
      const auto found = stale.find(key);
      if (found == stale.end()) {
        add_group(results, key, all);
      } else {
        auto fresh = all;
        fresh.remove(found->second);
        add_group(results, key, fresh);
      }
    }
    if (!results.groups.empty()) {
      std::ranges::sort(results.groups, {},
                        [&](const stored_group& g) { return key_of(results, g); });
      snapshot_.kinds.push_back(std::move(results));
    }
  }

  void add_group(kind_results& to, aggregates::key key, const aggregates::group& group) {
    if (group.sums.rows == 0) {
      return;
    }
    stored_group out{table_.text(aggregates::source_of(key)), {}, {}, group.sums};
    if (to.kind->grouped_by == result_group::pair) {
      out.target_region = table_.text(aggregates::other_of(key));
    } else {
      out.address = table_.text(aggregates::other_of(key));
      // The first by name, where an address stands under several.
      const auto region = std::ranges::min_element(group.regions, {}, [&](const auto& entry) {
        return std::string_view{table_.text(entry.first)};
      });
      out.target_region = table_.text(region->first);
    }
    to.groups.push_back(std::move(out));
  }

  const store_table& table_;
  aggregates stale_;
  store_snapshot snapshot_;
};

} // namespace

const measured_mean* kind_results::find_mean(const stored_group& group, std::size_t column) const {
  const auto found = std::ranges::find(averaged, column);
  const auto place = static_cast<std::size_t>(found - averaged.begin());
  return place < group.sums.means.size() ? &group.sums.means[place] : nullptr;
}

const measured_mean* kind_results::find_mean(const stored_group& group, column_role role) const {
  const auto column = kind->find(role);
  return column ? find_mean(group, *column) : nullptr;
}

std::optional<double> kind_results::mean(const stored_group& group, std::size_t column) const {
  const auto* found = find_mean(group, column);
  return found != nullptr ? found->value() : std::nullopt;
}

std::optional<double> kind_results::mean(const stored_group& group, column_role role) const {
  const auto* found = find_mean(group, role);
  return found != nullptr ? found->value() : std::nullopt;
}

std::optional<double> kind_results::headline_ms(const stored_group& group) const {
  if (kind->find(column_role::duration)) {
    return mean(group, column_role::duration);
  }
  double sum = 0;
  bool any = false;
  for (const auto column : averaged) {
    if (kind->columns[column].role != column_role::phase) {
      continue;
    }
    const auto ms = mean(group, column);
    if (!ms) {
      return std::nullopt;
    }
    sum += *ms;
    any = true;
  }
  return any ? std::optional{sum} : std::nullopt;
}

store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets) {
  snapshot_maker maker{table};
  table.for_each_stale(now, [&](const store_table::view& v) { maker.leave_out(v); });
  if (with_targets) {
    table.for_each_fresh(now, [&](const store_table::view& v) { maker.add_row(v); });
  }
  return maker.finish();
}

void merge_snapshot(store_snapshot& whole, const store_snapshot& part) {
  for (const auto& theirs : part.kinds) {
    const auto mine = std::ranges::find_if(
        whole.kinds, [&](const kind_results& k) { return same_kind(*k.kind, *theirs.kind); });
    if (mine != whole.kinds.end()) {
      merge_groups(*mine, theirs);
    } else {
      whole.kinds.push_back(theirs);
    }
  }
  std::ranges::sort(whole.kinds, comes_before);
  whole.targets.insert(whole.targets.end(), part.targets.begin(), part.targets.end());
}

} // namespace xprober
