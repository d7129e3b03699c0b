#include "xprober/store/snapshot.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/store/never_row.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/stored_row.hpp"

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
void merge_groups(const kind_results& kind, std::vector<stored_group>& whole,
                  const std::vector<stored_group>& part) {
  std::vector<stored_group> merged;
  merged.reserve(std::max(whole.size(), part.size()));
  auto mine = whole.begin();
  const auto end = whole.end();
  for (const auto& theirs : part) {
    const auto key = key_of(kind, theirs);
    for (; mine != end && key_of(kind, *mine) < key; ++mine) {
      merged.push_back(std::move(*mine));
    }
    if (mine == end || key_of(kind, *mine) != key) {
      merged.push_back(theirs);
      continue;
    }
    merged.push_back(std::move(*mine++));
    auto& both = merged.back();
    both.sums.add(theirs.sums);
    both.target_region = std::min(both.target_region, theirs.target_region);
  }
  std::move(mine, end, std::back_inserter(merged));
  whole = std::move(merged);
}

/// What is silent in one part may have results in the other.
void merge_kinds(kind_results& whole, const kind_results& part) {
  auto all = std::move(whole.groups);
  for (const auto* list : {&std::as_const(whole.silent), &part.groups, &part.silent}) {
    merge_groups(part, all, *list);
  }
  whole.groups.clear();
  whole.silent.clear();
  for (auto& group : all) {
    (group.sums.rows > 0 ? whole.groups : whole.silent).push_back(std::move(group));
  }
}

class snapshot_maker {
public:
  explicit snapshot_maker(const store_table& table) : table_(table) {}

  /// A row that is in the table's aggregates and too old to be shown.
  void leave_out(const store_table::view& v) {
    stale_.add({v.source_region, v.target_region, v.address}, table_.kinds()[v.latest->kind],
               *v.latest);
  }

  void add_row(const store_table::view& v, bool fresh) {
    snapshot_.targets.push_back(stored_row(table_, v, fresh));
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
    kind_results results{kind, mean_columns(*kind), {}, {}};
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
    if (results.groups.empty() && results.silent.empty()) {
      return;
    }
    for (auto* groups_of : {&results.groups, &results.silent}) {
      std::ranges::sort(*groups_of, {}, [&](const stored_group& g) { return key_of(results, g); });
    }
    snapshot_.kinds.push_back(std::move(results));
  }

  void add_group(kind_results& to, aggregates::key key, const aggregates::group& group) {
    if (group.sums.empty()) {
      return;
    }
    stored_group out{table_.text(aggregates::source_of(key)), {}, {}, group.sums};
    if (to.kind->grouped_by == result_group::pair) {
      out.target_region = table_.text(aggregates::other_of(key));
    } else {
      out.address = table_.text(aggregates::other_of(key));
      // The first by name, where an address stands under several; none where it has no results.
      const auto region = std::ranges::min_element(group.regions, {}, [&](const auto& entry) {
        return std::string_view{table_.text(entry.first)};
      });
      out.target_region = region == group.regions.end() ? "" : table_.text(region->first);
    }
    (out.sums.rows > 0 ? to.groups : to.silent).push_back(std::move(out));
  }

  const store_table& table_;
  aggregates stale_;
  store_snapshot snapshot_;
};

} // namespace

const measured_mean* kind_results::find_mean(const stored_group& group, std::size_t column) const {
  const auto found = std::ranges::find(averaged, column);
  const auto place = static_cast<std::size_t>(found - averaged.begin());
  return place < averaged.size() && place < group.sums.means.size() ? &group.sums.means[place]
                                                                    : nullptr;
}

const measured_mean* kind_results::usual_ms(const stored_group& group) const {
  return group.sums.means.size() > averaged.size() ? &group.sums.means.back() : nullptr;
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

namespace {

void add_never_rows(store_snapshot& to, const never_series& never) {
  std::size_t room = most_never_rows;
  never.for_each([&](const never_target& each) {
    if (room == 0) {
      return false;
    }
    --room;
    to.targets.push_back(never_row(each));
    return true;
  });
  to.never_left_out = never.size() - (most_never_rows - room);
}

} // namespace

store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets) {
  snapshot_maker maker{table};
  table.for_each_stale(now, [&](const store_table::view& v) { maker.leave_out(v); });
  if (with_targets) {
    table.for_each_fresh(now, [&](const store_table::view& v) { maker.add_row(v, true); });
    table.for_each_silent([&](const store_table::view& v) { maker.add_row(v, false); });
  }
  auto snapshot = maker.finish();
  snapshot.never = table.never_groups();
  if (with_targets) {
    add_never_rows(snapshot, table.never());
  }
  return snapshot;
}

void merge_snapshot(store_snapshot& whole, const store_snapshot& part) {
  for (const auto& theirs : part.kinds) {
    const auto mine = std::ranges::find_if(
        whole.kinds, [&](const kind_results& k) { return same_kind(*k.kind, *theirs.kind); });
    if (mine != whole.kinds.end()) {
      merge_kinds(*mine, theirs);
    } else {
      whole.kinds.push_back(theirs);
    }
  }
  std::ranges::sort(whole.kinds, comes_before);
  whole.targets.insert(whole.targets.end(), part.targets.begin(), part.targets.end());
  if (!part.never.empty()) {
    std::vector<never_group> sum{whole.never.begin(), whole.never.end()};
    merge_never(sum, {part.never.begin(), part.never.end()});
    bound_never(sum, most_never_groups);
    whole.never = never_list{std::move(sum)};
  }
  whole.never_left_out += part.never_left_out;
}

} // namespace xprober
