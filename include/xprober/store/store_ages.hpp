#pragma once

#include <algorithm>
#include <chrono>

#include "xprober/domain/clock.hpp"
#include "xprober/store/store_slots.hpp"

namespace xprober {

/// Chains rows from the newest to the oldest by `renewed`, when something new arrived. Rows are
/// found by number in `rows` and have the links themselves: `slot newer, older` and a time of the
/// monotonic clock, `renewed`.
///
/// Mostly a row goes to the new end. What is replayed after newer rows comes in its own order, so
/// that each stands close behind the last such one.
class store_ages {
public:
  slot newest() const noexcept { return newest_; }
  slot oldest() const noexcept { return oldest_; }

  /// Puts a row in its place. Its `renewed` becomes that of a neighbour where the order of arrival
  /// is off by less than `slack`.
  template <class Rows>
  void link(Rows& rows, slot s) {
    auto& r = rows[s];
    const auto follows = [&](slot other) {
      if (other == no_slot || rows[other].renewed - r.renewed > slack) {
        return false;
      }
      r.renewed = std::max(r.renewed, rows[other].renewed);
      return true;
    };
    slot older = newest_;
    if (newest_ != no_slot && !follows(newest_)) {
      older = follows(late_) ? late_ : no_slot;
      for (slot next = older == no_slot ? oldest_ : rows[older].newer;
           next != no_slot && rows[next].renewed <= r.renewed; next = rows[next].newer) {
        older = next;
      }
      late_ = s;
    }
    r.older = older;
    r.newer = older == no_slot ? oldest_ : rows[older].newer;
    (r.newer == no_slot ? newest_ : rows[r.newer].older) = s;
    (r.older == no_slot ? oldest_ : rows[r.older].newer) = s;
  }

  template <class Rows>
  void unlink(Rows& rows, slot s) {
    const auto& r = rows[s];
    if (late_ == s) {
      late_ = r.older;
    }
    (r.newer == no_slot ? newest_ : rows[r.newer].older) = r.older;
    (r.older == no_slot ? oldest_ : rows[r.older].newer) = r.newer;
  }

private:
  /// So far the order of what is replayed can be off.
  static constexpr std::chrono::seconds slack{1};

  slot newest_ = no_slot;
  slot oldest_ = no_slot;
  slot late_ = no_slot; ///< the last row that went in behind newer ones
};

} // namespace xprober
