#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/store/aggregates.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

/// The aggregates over the rows of a store: of each kind, of each (source region, target region) or
/// (source region, address), as the kind is grouped. They are kept up as rows come, change and go,
/// so that looking at them costs nothing for the rows. Texts and kinds are numbers of the store's;
/// values come with their kind.
class store_aggregates {
public:
  /// Which aggregate a row belongs to, and under which region its address stands.
  struct place {
    slot source_region = no_slot;
    slot target_region = no_slot;
    slot address = no_slot;
  };

  /// A group, and of an address the regions that it stands under, each with its number of rows.
  struct group {
    group_sums sums;
    std::vector<std::pair<slot, std::uint64_t>> regions;

    void remove(const group& part);
  };

  /// Two texts: see `source_of` and `other_of`.
  using key = std::uint64_t;
  using groups = std::unordered_map<key, group>;
  static constexpr key key_of(slot source, slot other) noexcept {
    return (std::uint64_t{source} << 32U) | other;
  }
  static constexpr slot source_of(key k) noexcept { return static_cast<slot>(k >> 32U); }
  static constexpr slot other_of(key k) noexcept { return static_cast<slot>(k); }

  /// A series is there, or is no more, or is in another state.
  void add_state(const place& row, const stored_kind& kind, kind_number number, series_state state);
  void remove_state(const place& row, const stored_kind& kind, kind_number number,
                    series_state state);
  void change_state(const place& row, const stored_kind& kind, kind_number number,
                    series_state before, series_state after);

  /// The time of a series is usually another one, in ms; 0: not known. Nothing for a kind without
  /// pairs.
  void change_usual(const place& row, const stored_kind& kind, kind_number number, float before,
                    float after);

  /// What was measured, of a series that is there.
  void add(const place& row, const stored_kind& kind, const probe_values& values);
  /// Undoes an `add` of the same values.
  void remove(const place& row, const stored_kind& kind, const probe_values& values);
  /// The row has other values of the same kind now.
  void replace(const place& row, const stored_kind& kind, const probe_values& before,
               const probe_values& after);

  /// Kinds with numbers below this may have groups.
  std::size_t kinds() const noexcept { return by_kind_.size(); }
  const groups& of(kind_number kind) const;

private:
  group& at(const place& row, const stored_kind& kind, kind_number number);
  void drop_if_empty(const place& row, const stored_kind& kind, kind_number number);

  std::vector<groups> by_kind_;
};

} // namespace xprober
