#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/places.hpp"

namespace xprober::stream {

/// The sessions that run, each with the place that it holds. Who could not begin holds none: what
/// throws on the way, for want of memory, leaves nothing behind.
template <class Session>
class seating {
public:
  /// `seats` must outlive it.
  explicit seating(places& seats) : seats_(seats) {}

  /// Gives `who` a place and calls `start()`, which has it call `leave` some time later. If either
  /// throws, the place is free again.
  template <class Start>
  void enter(const std::shared_ptr<Session>& who, pace as, monotonic_time now, Start&& start) {
    const auto at = held_.emplace(who.get(), holder{who, {}}).first;
    try {
      at->second.place = seats_.take(as, now, who.get());
      std::forward<Start>(start)();
    } catch (...) {
      leave(who.get());
      throw;
    }
  }

  /// It has ended; whoever does not keep it alive himself has lost it.
  void leave(Session* who) {
    if (const auto at = held_.find(who); at != held_.end()) {
      remove(at);
    }
  }

  std::size_t size() const noexcept { return held_.size(); }
  bool empty() const noexcept { return held_.empty(); }

  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const auto& [who, held] : held_) {
      visit(*held.session);
    }
  }

private:
  struct holder {
    std::shared_ptr<Session> session;
    std::optional<places::ticket> place;
  };
  using table = std::unordered_map<Session*, holder>;

  void remove(typename table::iterator at) {
    if (at->second.place) {
      seats_.give_back(*at->second.place);
    }
    held_.erase(at);
  }

  places& seats_;
  table held_;
};

} // namespace xprober::stream
