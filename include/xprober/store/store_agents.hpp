#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/string_hash.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_texts.hpp"

namespace xprober {

/// The agents whose rows a store has, by region and address, each with the number of its rows: one
/// without rows goes. Their names are among the store's texts.
class store_agents {
public:
  struct key {
    slot region = no_slot;
    slot address = no_slot;
    bool operator==(const key&) const = default;
  };

  /// `no_slot` for one that is not there. Whoever was found last is looked at first: all results of
  /// a batch are of one agent.
  slot find(const store_texts& texts, std::string_view region, std::string_view address) const;
  /// One that is not there yet, without a row: it goes with `remove_row`.
  slot add(store_texts& texts, std::string_view region, std::string_view address);
  const key& operator[](slot agent) const noexcept { return agents_[agent].names; }

  void add_row(slot agent) noexcept { ++agents_[agent].rows; }
  bool has_rows(slot agent) const noexcept { return agents_[agent].rows > 0; }
  void remove_row(store_texts& texts, slot agent);

  /// The agents of a region, in no order. Good until one comes or goes.
  std::span<const slot> of_region(slot region) const;

  std::size_t size() const noexcept { return agents_.size(); }

private:
  struct stored {
    key names;
    std::uint32_t rows = 0;
  };
  struct traits {
    using key = store_agents::key;
    static const key& key_of(const stored& a) { return a.names; }
    static std::uint64_t hash(const key& k) {
      return combine_hash(std::uint64_t{k.region}, std::uint64_t{k.address});
    }
  };

  slot_table<stored, traits> agents_;
  mutable slot found_ = no_slot; ///< last; `no_slot` if it has gone
  std::unordered_map<slot, std::vector<slot>> regions_;
};

} // namespace xprober
