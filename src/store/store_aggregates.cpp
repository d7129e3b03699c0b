#include "xprober/store/store_aggregates.hpp"

#include <algorithm>

namespace xprober {

namespace {

void add_values(icmp_aggregate& to, const probe_values& values) {
  to.latency_ms.add(values.get(metric_index::ping_latency));
  to.drop_rate.add(values.get(metric_index::ping_drop_rate));
  to.successes.add(values.get(metric_index::success));
}

void remove_values(icmp_aggregate& from, const probe_values& values) {
  from.latency_ms.remove(values.get(metric_index::ping_latency));
  from.drop_rate.remove(values.get(metric_index::ping_drop_rate));
  from.successes.remove(values.get(metric_index::success));
}

void add_values(http_aggregate& to, const probe_values& values) {
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    to.phases_ms[i].add(values.get(metric_index::first_http_phase + i));
  }
  to.successes.add(values.get(metric_index::success));
}

void remove_values(http_aggregate& from, const probe_values& values) {
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    from.phases_ms[i].remove(values.get(metric_index::first_http_phase + i));
  }
  from.successes.remove(values.get(metric_index::success));
}

void remove_region(store_aggregates::url_aggregate& url, slot region, std::uint64_t rows) {
  const auto found =
      std::ranges::find(url.regions, region, [](const auto& entry) { return entry.first; });
  if (found != url.regions.end() && (found->second -= rows) == 0) {
    url.regions.erase(found);
  }
}

} // namespace

void store_aggregates::url_aggregate::remove(const url_aggregate& part) {
  values.remove(part.values);
  for (const auto& [region, rows] : part.regions) {
    remove_region(*this, region, rows);
  }
}

void store_aggregates::add(const place& row, const probe_values& values) {
  if (values.type == probe_type::icmp) {
    auto& pair = pairs_[key_of(row.source_region, row.target_region)];
    add_values(pair, values);
    ++pair.rows;
    return;
  }
  auto& url = urls_[key_of(row.source_region, row.address)];
  add_values(url.values, values);
  ++url.values.rows;
  const auto found = std::ranges::find(url.regions, row.target_region,
                                       [](const auto& entry) { return entry.first; });
  if (found == url.regions.end()) {
    url.regions.emplace_back(row.target_region, 1);
  } else {
    ++found->second;
  }
}

void store_aggregates::remove(const place& row, const probe_values& values) {
  if (values.type == probe_type::icmp) {
    const auto found = pairs_.find(key_of(row.source_region, row.target_region));
    remove_values(found->second, values);
    if (--found->second.rows == 0) {
      pairs_.erase(found);
    }
    return;
  }
  const auto found = urls_.find(key_of(row.source_region, row.address));
  remove_values(found->second.values, values);
  remove_region(found->second, row.target_region, 1);
  if (--found->second.values.rows == 0) {
    urls_.erase(found);
  }
}

void store_aggregates::replace(const place& row, const probe_values& before,
                               const probe_values& after) {
  if (before.type != after.type) {
    remove(row, before);
    add(row, after);
  } else if (after.type == probe_type::icmp) {
    auto& pair = pairs_.find(key_of(row.source_region, row.target_region))->second;
    remove_values(pair, before);
    add_values(pair, after);
  } else {
    auto& url = urls_.find(key_of(row.source_region, row.address))->second;
    remove_values(url.values, before);
    add_values(url.values, after);
  }
}

} // namespace xprober
