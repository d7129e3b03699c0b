#pragma once

#include <cstddef>
#include <deque>
#include <unordered_map>
#include <vector>

#include "xprober/store/series_change.hpp"
#include "xprober/store/store_slots.hpp"

namespace xprober {

/// Which rows of a store have another sight than who watches was told of: at first all of them,
/// which are gone through once by their numbers, then those that change. Nothing is noted until
/// somebody watches.
///
/// A row waits once, however often it changes before it is told, and what waits are numbers: so a
/// watcher that is slow costs some 50 bytes for each row that has changed meanwhile, and no more.
class state_feed {
public:
  bool watched() const noexcept { return watched_; }
  /// From now on, all rows first; or not any more.
  void watch(bool on);

  /// A row has another sight than `before`.
  void note(slot row, const series_sight& before);
  /// A row goes, with its number; the last sight was `before`.
  void note_gone(slot row, slot agent, slot target, const series_sight& before);
  /// A number stands for nothing any more: it is named anew where it is used again.
  void forget_agent(slot number) { forget(agents_, number); }
  void forget_target(slot number) { forget(targets_, number); }
  /// True for the first time that a number is told.
  bool names_agent(slot number) { return names(agents_, number); }
  bool names_target(slot number) { return names(targets_, number); }

  /// So many are worth a message of their own.
  static constexpr std::size_t enough = 20'000;
  /// So many are told in one: some milliseconds for the store, and again for who is told.
  static constexpr std::size_t piece = 5'000;
  bool has_enough() const noexcept { return listing_ || gone_.size() + changed_.size() >= enough; }
  bool empty() const noexcept { return !listing_ && gone_.empty() && changed_.empty(); }
  /// True until all rows were gone through once.
  bool listing() const noexcept { return listing_; }

  /// Moves at most `limit` rows that are gone to `out`.
  void take_gone(std::size_t limit, std::vector<series_change>& out);

  /// Calls `tell(row, before)` for at most `limit` rows that wait, the oldest first, and then goes
  /// on with the list of all, of `bound` numbers: with `before` empty, and also with numbers that
  /// no row has. To be called when nothing that is gone waits. Returns what is left of `limit`.
  template <class Tell>
  std::size_t take(std::size_t limit, slot bound, Tell&& tell) {
    for (; limit > 0 && !order_.empty(); order_.pop_front()) {
      // One that has gone meanwhile waits no more, and its number may wait again further on.
      if (const auto waiting = changed_.find(order_.front()); waiting != changed_.end()) {
        tell(waiting->first, waiting->second);
        changed_.erase(waiting);
        --limit;
      }
    }
    give_back();
    for (; listing_ && limit > 0 && listed_ < bound; --limit) {
      tell(listed_++, series_sight{});
    }
    listing_ = listing_ && listed_ < bound;
    return limit;
  }

private:
  using marks = std::vector<bool>;

  void give_back();

  static void forget(marks& of, slot number);
  static bool names(marks& of, slot number);

  bool watched_ = false;
  bool listing_ = false;
  slot listed_ = 0; ///< while it lists: rows from this number on were not told yet
  std::vector<series_change> gone_;
  std::deque<slot> order_;                         ///< of `changed_`
  std::unordered_map<slot, series_sight> changed_; ///< with what was told
  marks agents_;                                   ///< numbers that were named
  marks targets_;
};

} // namespace xprober
