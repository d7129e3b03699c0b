#include "xprober/actors/meter.hpp"

#include <algorithm>
#include <array>
#include <memory>

namespace xprober {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds flush_interval{500};

struct kind_meter {
  std::uint64_t messages = 0;
  std::uint64_t mailbox_now = 0;
  std::uint64_t mailbox_max = 0;
  histogram handler_ns;
};

struct tick_meter {
  std::uint64_t due = 0;
  std::uint64_t late = 0;
  std::uint64_t skipped_busy = 0;
  std::uint64_t repeated = 0;
  histogram lag_us;
};

// One for each worker thread and never seen by another.
struct thread_meters {
  std::array<kind_meter, actor_kind_count> kinds;
  tick_meter ticks;
  clock::time_point next_flush = clock::now() + flush_interval;

  void flush(const stats_actor& stats) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      auto& meter = kinds[i];
      if (meter.messages == 0) {
        continue;
      }
      handler_report report{static_cast<actor_kind>(i), meter.messages, meter.mailbox_now,
                            meter.mailbox_max, std::make_shared<const histogram>(meter.handler_ns)};
      caf::anon_send(stats, std::move(report));
      meter.messages = 0;
      meter.mailbox_max = 0;
      meter.handler_ns.clear();
    }
    if (ticks.due > 0 || ticks.repeated > 0) {
      tick_report report;
      report.due = ticks.due;
      report.late = ticks.late;
      report.skipped_busy = ticks.skipped_busy;
      report.repeated = ticks.repeated;
      report.lag_us = std::make_shared<const histogram>(ticks.lag_us);
      caf::anon_send(stats, std::move(report));
      ticks.due = ticks.late = ticks.skipped_busy = ticks.repeated = 0;
      ticks.lag_us.clear();
    }
  }
};

thread_meters& meters() {
  // On the heap: the tables are too large for thread-local storage of every thread.
  thread_local const auto table = std::make_unique<thread_meters>();
  return *table;
}

} // namespace

handler_meter::handler_meter(caf::scheduled_actor* self, actor_kind kind,
                             const stats_actor& stats) noexcept
    : stats_(stats), begin_(clock::now()), waiting_(self->mailbox().size()), kind_(kind) {}

handler_meter::handler_meter(compact_actor& self, actor_kind kind,
                             const stats_actor& stats) noexcept
    : stats_(stats), begin_(clock::now()), waiting_(self.mailbox_depth()), kind_(kind) {}

handler_meter::~handler_meter() {
  const auto end = clock::now();
  auto& table = meters();
  auto& meter = table.kinds[static_cast<std::size_t>(kind_)];
  ++meter.messages;
  meter.mailbox_now = waiting_;
  meter.mailbox_max = std::max(meter.mailbox_max, meter.mailbox_now);
  meter.handler_ns.record(static_cast<std::uint64_t>((end - begin_).count()));
  if (end >= table.next_flush && stats_) {
    table.next_flush = end + flush_interval;
    table.flush(stats_);
  }
}

void record_repeat() { ++meters().ticks.repeated; }

void record_tick(std::chrono::nanoseconds lag, bool skipped_busy) {
  auto& ticks = meters().ticks;
  ++ticks.due;
  ticks.late += lag > late_tick_threshold ? 1U : 0U;
  ticks.skipped_busy += skipped_busy ? 1U : 0U;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(lag).count();
  ticks.lag_us.record(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)));
}

} // namespace xprober
