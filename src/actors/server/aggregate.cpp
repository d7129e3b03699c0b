#include "xprober/actors/server/aggregate.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>

#include "xprober/store/aggregates.hpp"

namespace xprober {

namespace {

std::optional<double> measured(std::optional<float> value) noexcept {
  if (!value || *value < 0) {
    return std::nullopt;
  }
  return static_cast<double>(*value);
}

using aggregates = store_aggregates;

icmp_pair make_pair_of(std::string source, std::string target, const icmp_aggregate& sums) {
  return {
      std::move(source), std::move(target),      sums.latency_ms.value(),  sums.drop_rate.value(),
      sums.success(),    sums.successes.known(), sums.successes.failing(), sums};
}

http_pair make_url_of(std::string source, std::string address, std::string region,
                      const http_aggregate& sums) {
  http_pair url{std::move(source), std::move(address), std::move(region), {}, sums.success(), sums};
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    url.phases_ms[i] = sums.phases_ms[i].value();
  }
  return url;
}

auto key_of(const icmp_pair& p) { return std::tie(p.source_region, p.target_region); }
auto key_of(const http_pair& p) { return std::tie(p.source_region, p.addr); }

void add_part(icmp_pair& whole, const icmp_pair& part) {
  whole.sums.add(part.sums);
  whole = make_pair_of(std::move(whole.source_region), std::move(whole.target_region), whole.sums);
}

void add_part(http_pair& whole, const http_pair& part) {
  whole.sums.add(part.sums);
  auto& region = whole.target_region;
  whole =
      make_url_of(std::move(whole.source_region), std::move(whole.addr),
                  part.target_region < region ? part.target_region : std::move(region), whole.sums);
}

/// Merges a sorted list into another; what is in both adds up.
template <class Pair>
void merge_into(std::vector<Pair>& whole, const std::vector<Pair>& part) {
  std::vector<Pair> merged;
  merged.reserve(std::max(whole.size(), part.size()));
  auto mine = whole.begin();
  for (const auto& theirs : part) {
    for (; mine != whole.end() && key_of(*mine) < key_of(theirs); ++mine) {
      merged.push_back(std::move(*mine));
    }
    if (mine != whole.end() && key_of(*mine) == key_of(theirs)) {
      merged.push_back(std::move(*mine++));
      add_part(merged.back(), theirs);
    } else {
      merged.push_back(theirs);
    }
  }
  std::move(mine, whole.end(), std::back_inserter(merged));
  whole = std::move(merged);
}

class snapshot_maker {
public:
  explicit snapshot_maker(const store_table& table) : table_(table) {}

  /// A row that is in the table's aggregates and too old to be shown.
  void leave_out(const store_table::view& v) {
    stale_.add({v.source_region, v.target_region, v.address}, *v.latest);
  }

  void add_row(const store_table::view& v) {
    stored_target row;
    row.source_region = table_.text(v.source_region);
    row.agent = table_.text(v.agent);
    row.target = {table_.text(v.target_region), table_.text(v.address),
                  prober_name{table_.text(v.prober), v.latest->type}};
    row.unix_seconds = v.latest->unix_seconds;
    if (const auto success = v.latest->get(metric_index::success)) {
      row.success = static_cast<double>(*success); // -1 says something here
    }
    if (v.latest->type == probe_type::icmp) {
      row.latency_ms = measured(v.latest->get(metric_index::ping_latency));
      row.drop_rate = measured(v.latest->get(metric_index::ping_drop_rate));
    } else {
      for (std::size_t i = 0; i < http_phase_count; ++i) {
        row.phases_ms[i] = measured(v.latest->get(metric_index::first_http_phase + i));
      }
    }
    snapshot_.targets.push_back(std::move(row));
  }

  store_snapshot finish() {
    for (const auto& [key, all] : table_.aggregates().pairs()) {
      const auto found = stale_.pairs().find(key);
      if (found == stale_.pairs().end()) {
        add_pair(key, all);
      } else {
        auto fresh = all;
        fresh.remove(found->second);
        add_pair(key, fresh);
      }
    }
    for (const auto& [key, all] : table_.aggregates().urls()) {
      const auto found = stale_.urls().find(key);
      if (found == stale_.urls().end()) {
        add_url(key, all);
      } else {
        auto fresh = all;
        fresh.remove(found->second);
        add_url(key, fresh);
      }
    }
    std::ranges::sort(snapshot_.icmp, {}, [](const icmp_pair& p) {
      return std::tie(p.source_region, p.target_region);
    });
    std::ranges::sort(snapshot_.http, {},
                      [](const http_pair& p) { return std::tie(p.source_region, p.addr); });
    return std::move(snapshot_);
  }

private:
  void add_pair(aggregates::key key, const icmp_aggregate& values) {
    if (values.rows > 0) {
      snapshot_.icmp.push_back(make_pair_of(table_.text(aggregates::source_of(key)),
                                            table_.text(aggregates::other_of(key)), values));
    }
  }

  void add_url(aggregates::key key, const aggregates::url_aggregate& url) {
    if (url.values.rows == 0) {
      return;
    }
    // The first by name, where a URL stands under several.
    const auto region = std::ranges::min_element(url.regions, {}, [&](const auto& entry) {
      return std::string_view{table_.text(entry.first)};
    });
    snapshot_.http.push_back(make_url_of(table_.text(aggregates::source_of(key)),
                                         table_.text(aggregates::other_of(key)),
                                         table_.text(region->first), url.values));
  }

  const store_table& table_;
  aggregates stale_;
  store_snapshot snapshot_;
};

} // namespace

store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets) {
  snapshot_maker maker{table};
  table.for_each_stale(now, [&](const store_table::view& v) { maker.leave_out(v); });
  if (with_targets) {
    table.for_each_fresh(now, [&](const store_table::view& v) { maker.add_row(v); });
  }
  return maker.finish();
}

void merge_snapshot(store_snapshot& whole, const store_snapshot& part) {
  merge_into(whole.icmp, part.icmp);
  merge_into(whole.http, part.http);
  whole.targets.insert(whole.targets.end(), part.targets.begin(), part.targets.end());
}

} // namespace xprober
