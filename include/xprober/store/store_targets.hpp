#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_texts.hpp"

namespace xprober {

/// The targets that a store has rows of, and those that were forgotten: their stragglers (results
/// of agents that do not know yet) are told from others until none has come within the time to
/// live, or until the target is welcome again. Their names are among the store's texts.
class store_targets {
public:
  struct name {
    std::string_view region;
    std::string_view address;
    std::string_view prober;
  };
  /// The same as numbers of texts.
  struct key {
    slot region = no_slot;
    slot address = no_slot;
    slot prober = no_slot;
    bool operator==(const key&) const = default;
  };

  slot find(const store_texts& texts, const name& of) const;
  /// A target that is not there yet, without a row: it goes with `remove_row` or `expire`.
  slot add(store_texts& texts, const name& of);
  const key& operator[](slot target) const noexcept { return targets_[target].names; }

  void add_row(slot target) noexcept { ++targets_[target].rows; }
  /// The target goes with its last row, unless it was forgotten.
  void remove_row(store_texts& texts, slot target);
  bool has_rows(slot target) const noexcept { return targets_[target].rows > 0; }
  std::uint32_t rows(slot target) const noexcept { return targets_[target].rows; }

  void forget(slot target, monotonic_time now);
  bool forgotten(slot target) const noexcept { return targets_[target].forgotten; }
  void note_straggler(slot target, monotonic_time now) noexcept {
    targets_[target].last_straggler = now;
  }
  void welcome(slot target) noexcept { targets_[target].forgotten = false; }
  /// Lets go of forgotten targets of which nothing has come within `ttl`.
  void expire(store_texts& texts, monotonic_time now, nanoseconds ttl);

  std::size_t size() const noexcept { return targets_.size(); } ///< the forgotten included

private:
  struct stored {
    key names;
    bool forgotten = false;
    bool listed = false; ///< stands in `forgotten_`, which alone may let go of it then
    std::uint32_t rows = 0;
    monotonic_time last_straggler{}; ///< of a forgotten one; at first, when it was forgotten
  };
  struct traits {
    using key = store_targets::key;
    static const key& key_of(const stored& t) { return t.names; }
    static std::uint64_t hash(const key& k);
  };

  void release(store_texts& texts, slot target);

  slot_table<stored, traits> targets_;
  std::vector<slot> forgotten_; ///< each once; one that is welcome again leaves at the next sweep
};

} // namespace xprober
