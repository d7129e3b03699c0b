#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include <caf/all.hpp>

#include "xprober/actors/compact_actor.hpp"

namespace xprober {

/// Lets compact actors that get messages in one go run in one go. As long as a round is open on a
/// thread, those whom messages of this thread wake are gathered; at its end all of them are one job
/// of the scheduler, which costs a lock, an allocation and perhaps another thread's waking up. They
/// run one after the other in the order in which they were woken, each as it would alone.
///
/// What is handed over, not sent, needs no message either: it lies in the round itself until its
/// actor takes it.
///
/// Rounds nest: the outermost one's end counts. What was sent is in the mailboxes at once; only the
/// running waits, so nothing may be waited for within a round.
class actor_round {
public:
  actor_round() noexcept { open(); }
  ~actor_round() { close(); }
  actor_round(const actor_round&) = delete;
  actor_round& operator=(const actor_round&) = delete;

  /// As the constructor and the destructor, for those who know no actors.
  static void open() noexcept;
  static void close() noexcept;

  /// Gathers an actor that has been woken and holds a reference for it; false where no round is
  /// open on this thread.
  static bool gather(compact_actor& woken) noexcept;

  /// Has an actor that waits for messages take something when the round runs, by `to.take(Item&)`.
  /// Where it does not wait, or no round is open on this thread, that is a message. Either way it
  /// comes behind what was sent to it before, and before what is sent after.
  template <class Actor, class Item>
  static void hand(Actor& to, Item&& item, caf::execution_unit* host = nullptr);

  /// The same for who has a reference to the actor, which is handed on with the item: `to` is null
  /// then. Where there is no memory for a message it throws, and `to` is as before.
  template <class Actor, class Item>
  static void hand(caf::strong_actor_ptr& to, Item&& item);

  /// What actors of a round hand on together: called after them, on their thread.
  using ending = void (*)(caf::execution_unit* host);

  /// Has `hand_on` called once when the actors that run together with this one have run; false
  /// where this thread runs no round. To be called by actors, anew in each of their turns.
  static bool at_end(ending hand_on);

  /// The head of what lies in a round, with the item behind it.
  struct parcel {
    /// Has the actor take it, or lets go of it where `host` is null. Ends the parcel.
    void (*deliver)(parcel& self, caf::execution_unit* host, std::size_t most);
    compact_actor* to; ///< with a reference
    std::size_t bytes; ///< up to the next one
  };

private:
  template <class Item>
  struct parcel_with : parcel {
    Item item;
  };

  template <class Actor, class Item>
  static void deliver_item(parcel& self, caf::execution_unit* host, std::size_t most);

  /// Whether the actor could be seized, and the item lies in the round. Its reference is missing.
  template <class Actor, class Item>
  static bool lay(Actor& to, Item& item);

  /// What parcels of a type take, so that the next one is aligned.
  template <class Parcel>
  static constexpr std::size_t room_of() noexcept {
    constexpr auto unit = alignof(std::max_align_t);
    static_assert(alignof(Parcel) <= unit);
    return (sizeof(Parcel) + unit - 1) / unit * unit;
  }

  /// Room in the round that is open on this thread; null where there is none.
  static void* place(std::size_t bytes) noexcept;
  /// Gives the last room back.
  static void give_back(std::size_t bytes) noexcept;
};

template <class Actor, class Item>
bool actor_round::lay(Actor& to, Item& item) {
  static_assert(std::is_nothrow_move_constructible_v<Item>); // once it is seized it must be run
  constexpr auto bytes = room_of<parcel_with<Item>>();
  void* const room = place(bytes);
  if (room == nullptr) {
    return false;
  }
  if (!to.seize()) {
    give_back(bytes);
    return false;
  }
  new (room) parcel_with<Item>{{deliver_item<Actor, Item>, &to, bytes}, std::move(item)};
  return true;
}

template <class Actor, class Item>
void actor_round::hand(Actor& to, Item&& item, caf::execution_unit* host) {
  static_assert(std::is_rvalue_reference_v<Item&&>);
  if (lay(to, item)) {
    to.intrusive_ptr_add_ref_impl();
  } else {
    to.eq_impl(caf::make_message_id(), nullptr, host, std::forward<Item>(item));
  }
}

template <class Actor, class Item>
void actor_round::hand(caf::strong_actor_ptr& to, Item&& item) {
  static_assert(std::is_rvalue_reference_v<Item&&>);
  auto& actor = static_cast<Actor&>(*caf::actor_cast<caf::abstract_actor*>(to));
  if (lay(actor, item)) {
    to.release(); // the parcel's now
  } else {
    actor.eq_impl(caf::make_message_id(), nullptr, nullptr, std::forward<Item>(item));
    to.reset();
  }
}

template <class Actor, class Item>
void actor_round::deliver_item(parcel& self, caf::execution_unit* host, std::size_t most) {
  auto& whole = static_cast<parcel_with<Item>&>(self);
  auto& to = static_cast<Actor&>(*self.to);
  if (host != nullptr) {
    to.run_seized(host, most, [&] { to.take(whole.item); });
  }
  to.intrusive_ptr_release_impl();
  whole.item.~Item();
}

} // namespace xprober
