#include "xprober/actors/agent/terminator.hpp"

#include <algorithm>

#include "xprober/actors/error_text.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds longest_goodbye{1};
constexpr milliseconds least_for_goodbye{100};

} // namespace

void terminator_state::stop(caf::typed_response_promise<flush_report> promise) {
  if (answer) {
    promise.deliver(*answer);
    return;
  }
  waiting.push_back(std::move(promise));
  if (stopping) {
    return;
  }
  stopping = true;
  began = self->clock().now();
  log::info("terminator", "stopping: no more ticks, waiting for probes in flight");
  caf::anon_send(parts.syncer, stop_atom_v);
  // Once the ticker has answered, every tick that it sent is in its target's mailbox.
  self->request(parts.ticker, timeout / 4, stop_atom_v)
      .then([this](done_atom) { drain(); }, [this](const caf::error&) { drain(); });
}

void terminator_state::drain() {
  self->scheduled_send(self, began + timeout / 2, drained_atom_v);
  parts.drain_engines([me = terminator_actor{self}] { caf::anon_send(me, drained_atom_v); });
}

void terminator_state::engines_drained() {
  if (drained) {
    return;
  }
  drained = true;
  // The last answers of the engines are in the targets' mailboxes before their end is. The manager
  // answers when every target has ended: then every result is in the mailbox of `results`.
  self->request(parts.manager, time_left() / 2, stop_atom_v)
      .then([this](done_atom) { flush(); }, [this](const caf::error&) { flush(); });
}

void terminator_state::flush() {
  self->request(parts.pusher, time_left(), flush_atom_v)
      .then(
          [this](const flush_report& report) {
            log::info("terminator", "results flushed",
                      {{"pushed", report.pushed},
                       {"kept_in_spool", report.kept},
                       {"pending", report.pending}});
            say_goodbye(report);
          },
          [this](const caf::error& why) {
            log::warn("terminator",
                      "results were not pushed in time; what is in the spool stays there",
                      {{"error", error_text(self->system(), why)}});
            say_goodbye({});
          });
}

void terminator_state::say_goodbye(const flush_report& report) {
  const auto left = began + timeout - self->clock().now();
  if (left < least_for_goodbye) {
    finish(report);
    return;
  }
  self->request(parts.syncer, std::min<nanoseconds>(longest_goodbye, left / 2), leave_atom_v)
      .then([this, report](done_atom) { finish(report); },
            [this, report](const caf::error&) { finish(report); });
}

nanoseconds terminator_state::time_left() const {
  return std::max<nanoseconds>(began + timeout - self->clock().now(), milliseconds{100});
}

void terminator_state::finish(const flush_report& report) {
  answer = report;
  for (auto& promise : waiting) {
    promise.deliver(report);
  }
  waiting.clear();
}

terminator_actor::behavior_type
terminator(terminator_actor::stateful_pointer<terminator_state> self, terminator_parts parts,
           caf::timespan timeout) {
  guard_actor(self, "terminator");
  auto& state = self->state;
  state.self = self;
  state.parts = std::move(parts);
  state.timeout = timeout;
  return {
      [self](stop_atom) -> caf::result<flush_report> {
        const handler_meter meter{self, actor_kind::terminator, self->state.parts.stats};
        auto promise = self->make_response_promise<flush_report>();
        self->state.stop(promise);
        return promise;
      },
      [self](drained_atom) { self->state.engines_drained(); },
  };
}

} // namespace xprober
