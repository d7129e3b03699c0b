#include "xprober/actors/pusher.hpp"

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds take_timeout{10};
constexpr std::chrono::seconds call_timeout{30};

} // namespace

void pusher_state::start() {
  next = self->clock().now() + interval;
  arm();
}

void pusher_state::set_interval(nanoseconds length) {
  interval = length;
  start();
}

void pusher_state::arm() { self->scheduled_send(self, next, push_atom_v, ++generation); }

void pusher_state::due(std::uint64_t timer_generation) {
  if (timer_generation != generation) {
    return;
  }
  next = std::max(next + interval, self->clock().now());
  arm();
  take();
}

void pusher_state::flush(caf::typed_response_promise<flush_report> promise) {
  if (flushes.empty()) {
    acked_before_flush = counts.results_acked;
  }
  flushes.push_back(std::move(promise));
  take_again = pushing;
  take();
}

void pusher_state::take() {
  if (pushing) {
    return;
  }
  pushing = true;
  take_again = false;
  self->request(results, take_timeout, take_atom_v, batch_size)
      .then([this](const result_batch& batch) { push(batch); },
            [this](const caf::error& why) { failed(why); });
}

void pusher_state::push(const result_batch& batch) {
  counts.pending = batch.pending;
  counts.results_dropped = batch.dropped;
  counts.results_forgotten = batch.forgotten;
  if (batch.id == 0) {
    pushing = false;
    if (take_again) {
      take();
    } else {
      idle();
    }
    return;
  }
  push_request request;
  for (const auto& result : batch.results) {
    append_wire_values(*result, identity, request.values);
  }
  const auto values = request.values.size();
  const auto number = batch.results.size();
  if (values == 0) {
    // Only results that say nothing of their targets: nothing for the server to take.
    let_go(batch.id, number);
    return;
  }
  self->request(client, call_timeout, std::move(request))
      .then(
          [this, id = batch.id, number, values](const push_response& answer) {
            acknowledged(answer, values);
            let_go(id, number);
          },
          [this](const caf::error& why) { failed(why); });
}

void pusher_state::acknowledged(const push_response& answer, std::uint64_t values) {
  const auto stored = static_cast<std::uint64_t>(std::max(answer.success_num, 0));
  if (stored < values) {
    log::warn("pusher", "the server did not take every value of a batch",
              {{"values", values}, {"taken", stored}});
  }
  if (!reachable) {
    log::info("pusher", "results are taken again", {{"pending", counts.pending}});
  }
  reachable = true;
  ++counts.batches_ok;
  counts.last_ok_unix = to_unix_seconds(wall_clock::now());
  counts.last_error.clear();
}

void pusher_state::let_go(std::uint64_t id, std::uint64_t number) {
  self->send(results, ack_atom_v, id);
  counts.results_acked += number;
  counts.pending -= std::min(counts.pending, number);
  pushing = false;
  if (counts.pending > 0 || !flushes.empty()) {
    self->send(stats, counts);
    take();
  } else {
    idle();
  }
}

void pusher_state::failed(const caf::error& why) {
  ++counts.batches_failed;
  counts.last_error = self->system().render(why);
  if (reachable) {
    log::warn("pusher", "results are kept until a server takes them",
              {{"pending", counts.pending}, {"error", counts.last_error}});
  }
  reachable = false;
  idle();
}

void pusher_state::idle() {
  pushing = false;
  self->send(stats, counts);
  for (auto& promise : flushes) {
    promise.deliver(flush_report{counts.results_acked - acked_before_flush, counts.pending});
  }
  flushes.clear();
}

pusher_actor::behavior_type pusher(pusher_actor::stateful_pointer<pusher_state> self,
                                   agent_identity identity, results_actor results,
                                   rpc_client_actor client, stats_actor stats,
                                   caf::timespan interval) {
  guard_actor(self, "pusher");
  auto& state = self->state;
  state.self = self;
  state.identity = std::move(identity);
  state.results = std::move(results);
  state.client = std::move(client);
  state.stats = std::move(stats);
  state.interval = interval;
  state.start();
  return {
      [self](push_atom, std::uint64_t generation) {
        const handler_meter meter{self, actor_kind::pusher, self->state.stats};
        self->state.due(generation);
      },
      [self](interval_atom, caf::timespan length) { self->state.set_interval(length); },
      [self](flush_atom) -> caf::result<flush_report> {
        const handler_meter meter{self, actor_kind::pusher, self->state.stats};
        auto promise = self->make_response_promise<flush_report>();
        self->state.flush(promise);
        return promise;
      },
  };
}

} // namespace xprober
