#include "xprober/actors/agent/ticker.hpp"

#include <memory>
#include <typeinfo>

#include "xprober/actors/actor_round.hpp"
#include "xprober/actors/agent/target.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/prefetch.hpp"

namespace xprober {

void ticker_state::schedule(const schedule_target& what, const target_actor& target) {
  if (stopped) {
    return;
  }
  const auto now = self->clock().now();
  if (what.index >= targets.size()) {
    targets.resize(what.index + std::size_t{1});
  }
  // A wheel that slept stands in the past: a slot there would tick the newcomer at once and late.
  turn(now);
  targets[what.index] = target;
  wheel.add(what.index, what.phase_hash, now);
  if (*wheel.due_of(what.index) - now > first_tick_wait && may_tick_at_once(now)) {
    self->send(target, tick{now});
  }
  arm();
}

bool ticker_state::may_tick_at_once(monotonic_time now) {
  if (now - burst_began >= std::chrono::seconds{1}) {
    burst_began = now;
    burst_used = 0;
  }
  return burst_used++ < first_ticks_per_second;
}

void ticker_state::forget(target_index index) {
  wheel.remove(index);
  if (index < targets.size()) {
    targets[index] = nullptr;
  }
}

void ticker_state::set_period(nanoseconds period) {
  if (stopped) {
    return;
  }
  // What is due by now is due, however late the wheel is: under the new period nobody would know.
  const auto now = self->clock().now();
  turn(now);
  wheel.set_period(period, now);
  armed_for = monotonic_time::max();
  arm();
}

void ticker_state::advance(std::uint64_t timer_generation) {
  if (timer_generation != generation || stopped) {
    return;
  }
  armed_for = monotonic_time::max();
  turn(self->clock().now());
  arm();
}

void ticker_state::turn(monotonic_time now) {
  const actor_round together;
  const auto left_out =
      wheel.advance_slots(now, [this](std::span<const target_index> due_now, monotonic_time due) {
        tick_all(due_now, due);
      });
  if (left_out > 0 && stats) {
    tick_report report;
    report.due = left_out;
    report.skipped_behind = left_out;
    self->send(stats, std::move(report));
  }
}

void ticker_state::tick_all(std::span<const target_index> due_now, monotonic_time due) {
  constexpr std::size_t far = 16; // its place in the table
  constexpr std::size_t near = 8; // the actor
  for (std::size_t i = 0; i < due_now.size(); ++i) {
    if (i + far < due_now.size()) {
      prefetch(&targets[due_now[i + far]]);
    }
    if (i + near < due_now.size()) {
      compact_actor::prefetch_actor(
          *caf::actor_cast<caf::abstract_actor*>(targets[due_now[i + near]]));
    }
    const auto& to = targets[due_now[i]];
    auto& actor = *caf::actor_cast<caf::abstract_actor*>(to);
    if (typeid(actor) == typeid(target)) {
      actor_round::hand(static_cast<target&>(actor), tick{due}, self->context());
    } else {
      self->send(to, tick{due}); // somebody's that stands for one
    }
  }
}

void ticker_state::arm() {
  const auto due = wheel.next_due();
  if (!due || stopped || *due >= armed_for) {
    return;
  }
  armed_for = *due;
  self->scheduled_send(self, *due, wheel_due{++generation});
}

void ticker_state::stop() {
  stopped = true;
  targets.clear();
}

ticker_actor::behavior_type ticker(ticker_actor::stateful_pointer<ticker_state> self,
                                   stats_actor stats, caf::timespan period) {
  guard_actor(self, "ticker");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.wheel = tick_wheel{period};
  return {
      [self](const schedule_target& what, const target_actor& target) {
        const handler_meter meter{self, actor_kind::ticker, self->state.stats};
        self->state.schedule(what, target);
      },
      [self](const unschedule_target& gone) {
        const handler_meter meter{self, actor_kind::ticker, self->state.stats};
        self->state.forget(gone.index);
      },
      [self](const set_probe_interval& next) { self->state.set_period(next.length); },
      [self](const wheel_due& due) {
        const handler_meter meter{self, actor_kind::ticker, self->state.stats};
        self->state.advance(due.generation);
      },
      [self](stop_atom) {
        self->state.stop();
        return done_atom_v;
      },
  };
}

} // namespace xprober
