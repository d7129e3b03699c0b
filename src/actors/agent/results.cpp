#include "xprober/actors/agent/results.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "xprober/actors/agent/target.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

bool results_state::is_current(const target_ref& target) const {
  // By identity, not by index: the index may belong to another target by now.
  return target->index < slots.size() && slots[target->index].target == target;
}

void results_state::begin(const target_ref& target) {
  if (target->index >= slots.size()) {
    slots.resize(target->index + std::size_t{1});
  }
  slots[target->index] = {target, nullptr};
}

std::uint64_t results_state::waiting() const {
  return pending.size() + in_flight.results.size() + spooled;
}

void results_state::changed() {
  untold = true;
  if (!report_armed) {
    report();
  }
}

void results_state::report() {
  report_armed = untold;
  if (untold) {
    tell();
    self->delayed_send(self, backlog_report_interval, report_due_atom_v);
  }
}

void results_state::tell() {
  if (std::exchange(untold, false)) {
    self->send(stats, backlog_stats{acked, waiting(), dropped, forgotten, restored});
  }
}

void results_state::add(const probe_result_ptr& result) {
  if (!is_current(result->target)) {
    ++forgotten;
    changed();
    return;
  }
  slots[result->target->index].last = result;
  pending.push_back(result);
  enforce_limit();
  changed();
}

void results_state::enforce_limit() {
  if (pending.size() + in_flight.results.size() <= limit) {
    return;
  }
  if (dropped == 0) {
    log::error("results",
               "the limit of pending results is met: the oldest are dropped until there is room",
               {{"limit", limit}});
  }
  // Never from the batch in flight: the spool may have it already.
  pending.pop_front();
  ++dropped;
}

void results_state::forget(target_index index) {
  if (index < slots.size()) {
    slots[index] = {};
  }
}

result_batch results_state::take(std::uint64_t most) {
  if (in_flight.id == 0) {
    // Half of the limit at most, so that newer results find room while a batch is in flight.
    most = std::min(most, limit / 2 + limit % 2);
    while (!pending.empty() && in_flight.results.size() < most) {
      if (is_current(pending.front()->target)) {
        in_flight.results.push_back(std::move(pending.front()));
      } else {
        ++forgotten;
      }
      pending.pop_front();
    }
    if (!in_flight.results.empty()) {
      in_flight.id = ++last_batch;
      in_flight.more = !pending.empty();
    }
  }
  changed();
  auto batch = in_flight;
  batch.pending = waiting();
  batch.dropped = dropped;
  batch.forgotten = forgotten;
  return batch;
}

void results_state::note(const spool_change& change) {
  if (change.batch != 0 && change.batch == in_flight.id) {
    spooled += in_flight.results.size();
    in_flight = {};
  }
  restored += change.restored;
  acked += change.acked;
  dropped += change.dropped;
  spooled = spooled + change.restored - change.acked - change.dropped;
  changed();
}

target_listing results_state::list(const target_query& query) const {
  target_listing listing;
  for (const auto& s : slots) {
    if (!s.target) {
      continue;
    }
    const auto state = target_state_name(s.last.get());
    ++listing.total;
    listing.ok += state == "ok" ? 1U : 0U;
    listing.failing += state == "failing" ? 1U : 0U;
    listing.prober_fault += state == "prober_fault" ? 1U : 0U;
    if (!query.state.empty() && query.state != state) {
      continue;
    }
    ++listing.matching;
    if (listing.lines.size() < query.limit) {
      listing.lines.push_back({s.target->uid, std::string{state}, s.last});
    }
  }
  return listing;
}

results_actor::behavior_type results(results_actor::stateful_pointer<results_state> self,
                                     stats_actor stats, std::uint64_t limit) {
  guard_actor(self, "results");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.limit = limit;
  return {
      [self](const probe_result_ptr& result) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        self->state.add(result);
      },
      [self](const target_begun& begun) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        self->state.begin(begun.target);
      },
      [self](const target_gone& gone) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        self->state.forget(gone.index);
      },
      [self](const take_results& wanted) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        return self->state.take(wanted.most);
      },
      [self](const spool_change& change) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        self->state.note(change);
      },
      [self](const target_query& query) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        return self->state.list(query);
      },
      [self](latest_results_atom) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        return self->state.list({"", std::numeric_limits<std::size_t>::max()});
      },
      [self](report_atom) {
        self->state.tell();
        return done_atom_v;
      },
      [self](report_due_atom) { self->state.report(); },
  };
}

} // namespace xprober
