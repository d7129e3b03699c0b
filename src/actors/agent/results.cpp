#include "xprober/actors/agent/results.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "xprober/actors/agent/target.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/prefetch.hpp"
#include "xprober/domain/wire/chains.hpp"
#include "xprober/probes/stream/tls_details.hpp"

namespace xprober {

namespace {

sent_chain_ptr chain_of(const probe_outcome& outcome) {
  const auto* tls = stream::tls_of(outcome);
  return tls != nullptr ? tls->sent : nullptr;
}

std::uint32_t unix_of(wall_time time) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(to_unix_seconds(time), 1, most));
}

/// See `told_sighting`.
std::string verdict_of(const probe_outcome& outcome) {
  const auto* tls = stream::tls_of(outcome);
  if (tls != nullptr && tls->chain_expiry_unix != 0) {
    return "accepted"; // what fails behind that is another host's certificate, or none's
  }
  const auto error = to_string(outcome.error);
  return std::string{
      std::ranges::find(told_verdicts, error) != told_verdicts.end() ? error : std::string_view{}};
}

} // namespace

bool results_state::is_current(const target_ref& target) const {
  // By identity, not by index: the index may belong to another target by now.
  return target->index < slots.size() && slots[target->index].target == target;
}

void results_state::begin(const target_ref& target) {
  if (target->index >= slots.size()) {
    // In this order: after a lack of memory in between each slot has its time all the same.
    since_unix.resize(target->index + std::size_t{1});
    slots.resize(since_unix.size());
  }
  since_unix[target->index] = 0;
  slots[target->index] = {target, nullptr};
  states.set(target->index, target_state::waiting);
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
    self->send(stats, tally);
  }
}

void results_state::add(result_round& round) {
  constexpr std::size_t far = 8;  // the target's place
  constexpr std::size_t near = 4; // its result before
  auto& all = round.results;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + far < all.size()) {
      prefetch_slot(*all[i + far]);
    }
    if (i + near < all.size()) {
      prefetch_last(*all[i + near]);
    }
    if (outcomes != nullptr) {
      outcomes->taken();
    }
    add(std::move(all[i]));
  }
  changed();
}

void results_state::prefetch_slot(const probe_result& result) const noexcept {
  const auto index = result.target->index;
  if (index < slots.size()) {
    prefetch(&slots[index]);
  }
}

void results_state::prefetch_last(const probe_result& result) const noexcept {
  const auto index = result.target->index;
  if (index < slots.size()) {
    prefetch(slots[index].last.get());
  }
}

/// Those came seconds ago: nothing of them is in the processor's caches.
void results_state::look_ahead_of_pending() const noexcept {
  constexpr std::size_t far = 12;
  constexpr std::size_t near = 8;
  constexpr std::size_t next = 4;
  if (pending.size() > far) {
    prefetch(pending[far].get());
    prefetch(pending[near]->target.get());
    prefetch_slot(*pending[next]);
  }
}

void results_state::add(probe_result_ptr result) {
  if (!is_current(result->target)) {
    ++forgotten;
    return;
  }
  const auto index = result->target->index;
  tell_chain(result->target, slots[index].last.get(), result->outcome);
  const auto state = target_state_of(result.get());
  if (state != target_state_of(slots[index].last.get())) {
    since_unix[index] = unix_of(result->outcome.started);
  }
  states.set(index, state);
  tally.add(*result);
  slots[index].last = result;
  pending.push_back(std::move(result));
  enforce_limit();
}

void results_state::tell_chain(const target_ref& target, const probe_result* before,
                               const probe_outcome& now) {
  if (!watcher) {
    return;
  }
  auto chain = chain_of(now);
  const auto known = before != nullptr ? chain_of(before->outcome) : nullptr;
  // A probe that did not get to a certificate says nothing of it, also not of whether there was one
  // before.
  const bool may_have_had_one =
      known || (now.details && before != nullptr && !before->outcome.success);
  const bool is_news = chain ? chain != known || verdict_of(now) != verdict_of(before->outcome)
                             : now.success && may_have_had_one;
  if (is_news) {
    self->send(watcher, chain_seen{target, std::move(chain), verdict_of(now)});
  }
}

void results_state::watch(chain_teller_actor who) {
  watcher = std::move(who);
  for (const auto& s : slots) {
    if (s.last) {
      tell_chain(s.target, nullptr, s.last->outcome);
    }
  }
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
    if (watcher && slots[index].target) {
      self->send(watcher, target_gone{index});
    }
    slots[index] = {};
    since_unix[index] = 0;
    states.clear(index);
  }
}

result_batch results_state::take(std::uint64_t most) {
  if (in_flight.id == 0) {
    // Half of the limit at most, so that newer results find room while a batch is in flight.
    most = std::min(most, limit / 2 + limit % 2);
    const auto count = std::min<std::size_t>(most, pending.size());
    in_flight.results.reserve(count);
    while (!pending.empty() && in_flight.results.size() < most) {
      look_ahead_of_pending();
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

target_line results_state::line_of(target_index index) const {
  const auto& s = slots[index];
  const auto state = static_cast<std::size_t>(target_state_of(s.last.get()));
  return {s.target->uid, std::string{target_state_names[state]}, s.last, since_unix[index]};
}

caf::result<target_listing> results_state::list(const target_query& query) {
  if (query.one) {
    target_listing alone;
    if (is_current(query.one)) {
      alone.lines.push_back(line_of(query.one->index));
    }
    return alone;
  }
  listing_job job{target_states_named(query.state), query.limit};
  // All at once: to move a million lines is a long step.
  job.listing.lines.reserve(std::min<std::size_t>(query.limit, states.count(job.states)));
  if (fill(job)) {
    return std::move(job.listing);
  }
  if (listings.size() >= most_listings) {
    return caf::make_error(caf::sec::runtime_error,
                           "too many lists of targets are being made at once; come again");
  }
  if (listings.empty()) {
    go_on_with_lists();
  }
  job.promise = self->make_response_promise<target_listing>();
  listings.push_back(std::move(job));
  return listings.back().promise;
}

void results_state::list_more() {
  if (listings.empty()) {
    return;
  }
  auto job = std::move(listings.front());
  listings.pop_front();
  if (fill(job)) {
    job.promise.deliver(std::move(job.listing));
  } else {
    listings.push_back(std::move(job));
  }
  if (!listings.empty()) {
    go_on_with_lists();
  }
}

/// By the clock and not straight into the own mailbox, so that others have their turns; but not
/// behind all of them, like the question itself: see `bridge::query`.
void results_state::go_on_with_lists() {
  self->delayed_send<caf::message_priority::high>(self, nanoseconds{0}, list_more_atom_v);
}

bool results_state::fill(listing_job& job) const {
  auto& listing = job.listing;
  for (std::size_t i = 0; i < listing_step && listing.lines.size() < job.limit; ++i) {
    const auto found = states.next(job.next, job.states);
    if (!found) {
      job.limit = listing.lines.size();
      break;
    }
    listing.lines.push_back(line_of(*found));
    job.next = *found + 1;
  }
  if (listing.lines.size() < job.limit) {
    return false;
  }
  listing.matching = states.count(job.states);
  listing.total = states.count(target_states::every);
  listing.ok = states.count(target_state::ok);
  listing.failing = states.count(target_state::failing);
  listing.prober_fault = states.count(target_state::prober_fault);
  return true;
}

results_actor::behavior_type results(results_actor::stateful_pointer<results_state> self,
                                     stats_actor stats, std::uint64_t limit,
                                     waiting_outcomes* outcomes) {
  guard_actor(self, "results");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.limit = limit;
  state.outcomes = outcomes;
  return {
      // Not const: nobody else has it, and what it holds moves on.
      [self](result_round& round) {
        const handler_meter meter{self, actor_kind::results, self->state.stats, actor_kind::target};
        self->state.add(round);
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
      [self](const watch_chains& wish) {
        self->state.watch(caf::actor_cast<chain_teller_actor>(wish.watcher));
      },
      [self](const target_query& query) -> caf::result<target_listing> {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        return self->state.list(query);
      },
      [self](latest_results_atom) -> caf::result<target_listing> {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        return self->state.list({"", std::numeric_limits<std::size_t>::max()});
      },
      [self](report_atom) {
        self->state.tell();
        return done_atom_v;
      },
      [self](report_due_atom) { self->state.report(); },
      [self](list_more_atom) {
        const handler_meter meter{self, actor_kind::results, self->state.stats};
        self->state.list_more();
      },
  };
}

} // namespace xprober
