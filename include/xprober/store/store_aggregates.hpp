#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/store/aggregates.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

/// The aggregates over the rows of a store: of each (source region, target region) for icmp, of
/// each (source region, address) for http. They are kept up as rows come, change and go, so that
/// looking at them costs nothing for the rows. Texts are numbers of the store's.
class store_aggregates {
public:
  /// Which aggregate a row belongs to, and under which region its URL stands.
  struct place {
    slot source_region = no_slot;
    slot target_region = no_slot;
    slot address = no_slot;
  };

  /// One URL and the regions that it stands under, each with its number of rows.
  struct url_aggregate {
    http_aggregate values;
    std::vector<std::pair<slot, std::uint64_t>> regions;

    void remove(const url_aggregate& part);
  };

  /// Two texts: see `source_of` and `other_of`.
  using key = std::uint64_t;
  static constexpr key key_of(slot source, slot other) noexcept {
    return (std::uint64_t{source} << 32U) | other;
  }
  static constexpr slot source_of(key k) noexcept { return static_cast<slot>(k >> 32U); }
  static constexpr slot other_of(key k) noexcept { return static_cast<slot>(k); }

  void add(const place& row, const probe_values& values);
  /// Undoes an `add` of the same values.
  void remove(const place& row, const probe_values& values);
  /// The row has other values now.
  void replace(const place& row, const probe_values& before, const probe_values& after);

  const std::unordered_map<key, icmp_aggregate>& pairs() const noexcept { return pairs_; }
  const std::unordered_map<key, url_aggregate>& urls() const noexcept { return urls_; }

private:
  std::unordered_map<key, icmp_aggregate> pairs_;
  std::unordered_map<key, url_aggregate> urls_;
};

} // namespace xprober
