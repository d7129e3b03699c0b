#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// How long the last work for something took. What was never worked for is quick.
enum class pace : std::uint8_t { quick, slow };

/// Remembers what was slow when it was last seen, and since when, by a hash of its identity. What
/// is gone is forgotten: one that was not noted for one to two spans counts as quick. So it holds
/// no more than what was slow in two spans.
class pace_history {
public:
  static constexpr std::chrono::minutes span{10};

  pace of(std::uint64_t key, monotonic_time now);
  /// When it was last noted as slow; nothing: it is quick.
  std::optional<monotonic_time> noted_slow(std::uint64_t key, monotonic_time now);
  void note(std::uint64_t key, pace seen, monotonic_time now);
  std::size_t size() const noexcept { return young_.size() + old_.size(); }
  /// Where nothing is slow it need not be known who is asked for.
  bool empty() const noexcept { return young_.empty() && old_.empty(); }

private:
  using times = std::unordered_map<std::uint64_t, monotonic_time>;

  void advance(monotonic_time now);

  monotonic_time since_{};
  times young_;
  times old_;
};

/// Places for work, of which each piece is quick or slow, and who gets one, so that targets that
/// hang never starve the others. In the words of an engine of probes:
///
/// - Each pace is sure of a quarter of the places. The other half goes to quick ones, and to slow
///   ones while no quick one waits. With less than four places only the order counts.
/// - A probe that began as quick and still runs after `limit` has lost its claim: when a quick one
///   waits and no place is free, it gives its place back and begins anew among the slow ones. The
///   one that lost its claim last goes first: it loses the least.
///
/// Slow probes hold at most three quarters and every other place is free again within `limit`, so
/// of W quick probes that wait the last one begins within about 4 W / places times `limit`,
/// whatever the slow ones do. Does no I/O and knows no clock.
class places {
public:
  struct holder {
    monotonic_time begun;
    enum class kind : std::uint8_t { young, aged, slow, leaving } now;
    void* who; ///< the caller's
  };
  /// A place that is held.
  using ticket = std::list<holder>::iterator;

  places(std::size_t count, monotonic_clock::duration limit) { resize(count, limit); }

  /// Fewer places than are held take nothing away: none is given until enough were given back.
  void resize(std::size_t count, monotonic_clock::duration limit) noexcept;

  std::size_t count() const noexcept { return count_; }
  std::size_t held() const noexcept {
    return young_.size() + aged_.size() + slow_.size() + leaving_.size();
  }
  monotonic_clock::duration limit() const noexcept { return limit_; }

  /// Who begins next; the numbers are the order in which the first of each pace came, nothing
  /// where none waits.
  std::optional<pace> next(std::optional<std::uint64_t> quick,
                           std::optional<std::uint64_t> slow) const noexcept;

  ticket take(pace as, monotonic_time now, void* who);
  void give_back(ticket held) noexcept;

  /// The next holder that is to give its place back because `quick_waiting` quick probes wait and
  /// no place is free; it counts as leaving from then on, until `give_back`.
  std::optional<ticket> yielding(std::size_t quick_waiting, monotonic_time now);

  /// When `yielding` may find one where it finds none now; nothing if not without a place being
  /// given back.
  std::optional<monotonic_time> next_yield() const noexcept;

private:
  std::size_t reserve() const noexcept { return count_ / 4; }
  std::list<holder>& list_of(ticket held) noexcept;

  std::size_t count_ = 1;
  monotonic_clock::duration limit_{};
  std::list<holder> young_; ///< began as quick, in the order they began
  std::list<holder> aged_;  ///< began as quick and lost their claim, in the order they did
  std::list<holder> slow_;
  std::list<holder> leaving_;
  std::list<holder> spare_; ///< places that were given back, for those that are taken next
};

} // namespace xprober
