#pragma once

#include <chrono>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/compact_actor.hpp"

namespace xprober {

/// A tick that begins later than this after its due time counts as late.
inline constexpr std::chrono::milliseconds late_tick_threshold{50};

/// Where a message comes from that names no sender: a kind of actor, or the engine of a kind of
/// probes, which answers from a thread of its own.
struct message_origin {
  // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): either says who it is
  message_origin(actor_kind from) noexcept : kind(from) {}
  // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions)
  message_origin(const probe_kind& from) noexcept : engine(&from) {}

  actor_kind kind = actor_kind::stats;
  const probe_kind* engine = nullptr; ///< lives as long as the program; null: it is `kind`
};

/// Measures one handler: how long it ran, how deep its actor's mailbox was, and whose message it
/// handles. Declared first in a handler. The counts are kept for each worker thread and sent to
/// `stats` about twice a second from whichever handler runs then, so a million actors cost no
/// message of their own.
///
/// Without an origin it is the sender that the message names; one that names none comes from
/// outside: a session, a timer's thread, the start of the program.
class handler_meter {
public:
  handler_meter(caf::scheduled_actor* self, actor_kind kind, const stats_actor& stats) noexcept;
  handler_meter(caf::scheduled_actor* self, actor_kind kind, const stats_actor& stats,
                message_origin from) noexcept;
  handler_meter(compact_actor& self, actor_kind kind, const stats_actor& stats,
                message_origin from) noexcept;
  ~handler_meter();
  handler_meter(const handler_meter&) = delete;
  handler_meter& operator=(const handler_meter&) = delete;

private:
  const stats_actor& stats_;
  std::chrono::steady_clock::time_point begin_;
  std::size_t waiting_; ///< messages in the mailbox when the handler began
  std::size_t from_;    ///< the node of the graph that the message comes from
  actor_kind kind_;
  bool asks_; ///< it wants an answer
};

/// Counts a probe that an actor has given to the engine of its kind.
void record_probe(actor_kind from, const probe_kind& engine);

/// What a target makes of a tick.
enum class tick_fate : std::uint8_t {
  probe,
  busy,    ///< skipped: the last probe is still running
  overload ///< skipped: too many outcomes wait for `results`
};

/// Counts one tick on this worker thread; sent together with the handlers' counts.
void record_tick(std::chrono::nanoseconds lag, tick_fate fate);

/// Counts a tick whose outcome was the shared measurement that the target has told already.
void record_repeat();

} // namespace xprober
