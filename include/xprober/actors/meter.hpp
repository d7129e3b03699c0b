#pragma once

#include <chrono>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/compact_actor.hpp"

namespace xprober {

/// A tick that begins later than this after its due time counts as late.
inline constexpr std::chrono::milliseconds late_tick_threshold{50};

/// Measures one handler: how long it ran, and how deep its actor's mailbox was. Declared first in a
/// handler. The counts are kept for each worker thread and sent to `stats` about twice a second
/// from whichever handler runs then, so a million actors cost no message of their own.
class handler_meter {
public:
  handler_meter(caf::scheduled_actor* self, actor_kind kind, const stats_actor& stats) noexcept;
  handler_meter(compact_actor& self, actor_kind kind, const stats_actor& stats) noexcept;
  ~handler_meter();
  handler_meter(const handler_meter&) = delete;
  handler_meter& operator=(const handler_meter&) = delete;

private:
  const stats_actor& stats_;
  std::chrono::steady_clock::time_point begin_;
  std::size_t waiting_; ///< messages in the mailbox when the handler began
  actor_kind kind_;
};

/// Counts one tick on this worker thread; sent together with the handlers' counts.
void record_tick(std::chrono::nanoseconds lag, bool skipped_busy);

/// Counts a tick whose outcome was the shared measurement that the target has told already.
void record_repeat();

} // namespace xprober
