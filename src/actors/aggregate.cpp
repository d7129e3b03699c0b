#include "xprober/actors/aggregate.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "xprober/domain/aggregates.hpp"

namespace xprober {

namespace {

/// Two texts of the table: source region with target region or with address.
constexpr std::uint64_t pair_key(slot first, slot second) noexcept {
  return (std::uint64_t{first} << 32U) | second;
}

constexpr slot first_of(std::uint64_t key) noexcept { return static_cast<slot>(key >> 32U); }
constexpr slot second_of(std::uint64_t key) noexcept { return static_cast<slot>(key); }

struct url_aggregate {
  http_aggregate values;
  slot target_region = no_slot; ///< the first by name, where a URL stands under several
};

std::optional<double> measured(std::optional<float> value) noexcept {
  if (!value || *value < 0) {
    return std::nullopt;
  }
  return static_cast<double>(*value);
}

class snapshot_maker {
public:
  explicit snapshot_maker(const store_table& table) : table_(table) {}

  void add(const store_table::view& v) {
    if (v.latest->type == probe_type::icmp) {
      auto& pair = icmp_[pair_key(v.source_region, v.target_region)];
      pair.latency_ms.add(v.latest->get(metric_index::ping_latency));
      pair.drop_rate.add(v.latest->get(metric_index::ping_drop_rate));
      pair.successes.add(v.latest->get(metric_index::success));
      return;
    }
    auto& url = http_[pair_key(v.source_region, v.address)];
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      url.values.phases_ms[i].add(v.latest->get(metric_index::first_http_phase + i));
    }
    url.values.successes.add(v.latest->get(metric_index::success));
    if (url.target_region == no_slot ||
        table_.text(v.target_region) < table_.text(url.target_region)) {
      url.target_region = v.target_region;
    }
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
    for (const auto& [key, values] : icmp_) {
      snapshot_.icmp.push_back({table_.text(first_of(key)), table_.text(second_of(key)),
                                values.latency_ms.value(), values.drop_rate.value(),
                                values.success(), values.successes.known(),
                                values.successes.failing()});
    }
    for (const auto& [key, url] : http_) {
      http_pair pair{table_.text(first_of(key)),
                     table_.text(second_of(key)),
                     table_.text(url.target_region),
                     {},
                     url.values.success()};
      for (std::size_t i = 0; i < http_phase_count; ++i) {
        pair.phases_ms[i] = url.values.phases_ms[i].value();
      }
      snapshot_.http.push_back(std::move(pair));
    }
    std::ranges::sort(snapshot_.icmp, {}, [](const icmp_pair& p) {
      return std::tie(p.source_region, p.target_region);
    });
    std::ranges::sort(snapshot_.http, {},
                      [](const http_pair& p) { return std::tie(p.source_region, p.addr); });
    return std::move(snapshot_);
  }

private:
  const store_table& table_;
  std::unordered_map<std::uint64_t, icmp_aggregate> icmp_;
  std::unordered_map<std::uint64_t, url_aggregate> http_;
  store_snapshot snapshot_;
};

} // namespace

store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets) {
  snapshot_maker maker{table};
  table.for_each_fresh(now, [&](const store_table::view& v) {
    maker.add(v);
    if (with_targets) {
      maker.add_row(v);
    }
  });
  return maker.finish();
}

} // namespace xprober
