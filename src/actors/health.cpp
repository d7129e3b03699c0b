#include "xprober/actors/health.hpp"

#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

nanoseconds patience_of(actor_kind kind) noexcept {
  switch (kind) {
  case actor_kind::spool:
  case actor_kind::journal:
  case actor_kind::history:
  case actor_kind::incidents:
  case actor_kind::series_keeper:
  case actor_kind::agent_keeper:
  case actor_kind::discovery: return std::chrono::seconds{30};
  default: return std::chrono::seconds{10};
  }
}

void health_state::watch(const vital_actor& added) {
  parts.add(to_string(added.kind), patience_of(added.kind));
  actors.push_back(added.actor.address());
}

caf::result<health_report> health_state::report() {
  const auto now = self->clock().now();
  if (!under_way && ended_at && now - *ended_at < health_age) {
    return parts.report(now);
  }
  asking.push_back(self->make_response_promise<health_report>());
  auto promise = asking.back();
  begin_round();
  return promise;
}

void health_state::begin_round() {
  if (std::exchange(under_way, true)) {
    return;
  }
  ++round;
  for (std::size_t number = 0; number < parts.size(); ++number) {
    ask(number);
  }
  if (!parts.is_waiting()) {
    finish();
    return;
  }
  self->delayed_send(self, health_deadline, round_over_atom_v, round);
}

void health_state::ask(std::size_t number) {
  const auto actor = caf::actor_cast<caf::actor>(actors[number]);
  if (!actor) {
    parts.ended(number);
    return;
  }
  if (!parts.ask(number, self->clock().now())) {
    return;
  }
  // Without a timeout: one is open at most for each actor, and the actor's end answers it, too.
  self->request(actor, caf::infinite, ping_atom_v)
      .then([this, number](done_atom) { answered(number); },
            [this, number](const caf::error& why) {
              if (why == caf::sec::request_receiver_down) {
                parts.ended(number);
              }
              answered(number);
            });
}

void health_state::answered(std::size_t number) {
  parts.answered(number);
  if (under_way && !parts.is_waiting()) {
    finish();
  }
}

void health_state::end_round(std::uint64_t number) {
  if (under_way && number == round) {
    finish();
  }
}

void health_state::finish() {
  under_way = false;
  const auto time = self->clock().now();
  ended_at = time;
  const auto now = parts.report(time);
  note(now);
  for (auto& promise : std::exchange(asking, {})) {
    promise.deliver(now);
  }
}

void health_state::note(const health_report& now) {
  if (now.healthy == was_healthy) {
    return;
  }
  was_healthy = now.healthy;
  if (now.healthy) {
    log::info("health", "all parts of the program answer again");
  } else {
    log::error("health", "the program is not healthy", {{"reason", now.sentence}});
  }
}

health_actor::behavior_type health(health_actor::stateful_pointer<health_state> self,
                                   stats_actor stats) {
  guard_actor(self, "health");
  self->state.self = self;
  self->state.stats = std::move(stats);
  self->delayed_send(self, health_interval, round_due_atom_v);
  const auto metered = [self] {
    return handler_meter{self, actor_kind::health, self->state.stats};
  };
  return {
      [self](const vital_actor& added) { self->state.watch(added); },
      [self, metered](get_health_atom) {
        const auto meter = metered();
        return self->state.report();
      },
      [self, metered](round_due_atom) {
        const auto meter = metered();
        self->delayed_send(self, health_interval, round_due_atom_v);
        self->state.begin_round();
      },
      [self](round_over_atom, std::uint64_t number) { self->state.end_round(number); },
  };
}

} // namespace xprober
