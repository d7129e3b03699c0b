#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "xprober/domain/places.hpp"

namespace xprober::dns {

/// Which of the names that wait is asked for next, so that names that no server answers never
/// starve the others (`places` has the rules and the bounds).
///
/// - A name that was not answered in time when it was last asked for is slow, until it was
///   answered. The others are quick.
/// - Quick names come in the order they asked in. Of slow ones the one that was last asked for the
///   longest time ago comes first: where there are more of them than places, each has its turn, and
///   has it early enough to be waited for.
/// - A quick name that holds its place for more than `limit` while others wait gives it up and is
///   overdue: still asked for, until its own timeout. So at most timeout / limit times as many
///   names as there are places are asked for at once, in the worst case.
///
/// Does no I/O and knows no clock.
class turns {
public:
  /// When a name's turn is: slow ones by when they were last slow, all in the order they came.
  using order = std::pair<monotonic_time, std::uint64_t>;

  /// What is known of a name here. Kept by the caller, at one address until `leave`.
  struct item {
    enum class kind : std::uint8_t { idle, waiting, placed, overdue };

    explicit item(std::uint64_t hash) noexcept : key(hash) {}

    std::uint64_t key; ///< a hash of the name
    kind now = kind::idle;
    pace known = pace::quick;
    order turn{};
    places::ticket place{};
  };

  turns(std::size_t count, monotonic_clock::duration limit) : seats_(count, limit) {}

  void resize(std::size_t count, monotonic_clock::duration limit) noexcept {
    seats_.resize(count, limit);
  }

  /// A name begins to wait.
  void wait(item& who, monotonic_time now);

  /// The next one to ask for; it has a place now. Null: nobody waits, or may begin.
  item* next(monotonic_time now);

  /// Takes the place of a name that is overdue, if somebody waits for one: true if there may be a
  /// `next` again.
  bool make_room(monotonic_time now);

  /// When `make_room` may do something where it does nothing now; nothing if not without a name
  /// that leaves.
  std::optional<monotonic_time> next_room() const noexcept;

  /// A name waits no more, or is not asked for any more.
  void leave(item& who) noexcept;

  /// How asking for it ended.
  void note(const item& who, pace seen, monotonic_time now) { history_.note(who.key, seen, now); }

  monotonic_clock::duration limit() const noexcept { return seats_.limit(); }
  std::size_t count() const noexcept { return seats_.count(); }
  std::size_t waiting() const noexcept { return quick_.size() + slow_.size(); }
  std::size_t waiting_slow() const noexcept { return slow_.size(); }
  std::uint64_t yielded() const noexcept { return yielded_; }

private:
  using queue = std::map<order, item*>;

  queue& queue_of(const item& who) noexcept { return who.known == pace::quick ? quick_ : slow_; }

  places seats_;
  pace_history history_;
  queue quick_;
  queue slow_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t yielded_ = 0;
};

} // namespace xprober::dns
