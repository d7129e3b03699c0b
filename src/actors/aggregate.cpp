#include "xprober/actors/aggregate.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "xprober/domain/aggregates.hpp"

namespace xprober {

namespace {

std::optional<double> measured(std::optional<float> value) noexcept {
  if (!value || *value < 0) {
    return std::nullopt;
  }
  return static_cast<double>(*value);
}

using aggregates = store_aggregates;

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
      snapshot_.icmp.push_back({table_.text(aggregates::source_of(key)),
                                table_.text(aggregates::other_of(key)), values.latency_ms.value(),
                                values.drop_rate.value(), values.success(),
                                values.successes.known(), values.successes.failing()});
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
    http_pair pair{table_.text(aggregates::source_of(key)),
                   table_.text(aggregates::other_of(key)),
                   table_.text(region->first),
                   {},
                   url.values.success()};
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      pair.phases_ms[i] = url.values.phases_ms[i].value();
    }
    snapshot_.http.push_back(std::move(pair));
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

} // namespace xprober
