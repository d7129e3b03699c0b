#include "xprober/actors/server/store.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/store/certificates.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/state_tally.hpp"
#include "xprober/store/target_page.hpp"

namespace xprober {

namespace {

/// Rows dropped in one go: some milliseconds, each looked for among all that is wanted, so that
/// pushes need not wait for a million.
constexpr std::size_t rows_per_sweep = 5'000;

/// Rows that one step of the walk for what is kept looks at: some milliseconds where all of them
/// fail, and nobody waits for it.
constexpr std::size_t rows_per_kept_page = 5'000;

/// Ended series in one message.
constexpr std::size_t ended_step = 10'000;

nanoseconds expiry_interval(nanoseconds ttl) {
  return std::clamp<nanoseconds>(ttl / 10, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

} // namespace

push_response store_state::push(const push_request& request) {
  const auto done = count(table.ingest(request.values, self->clock().now()));
  tell_ended();
  tell_many_states();
  return done;
}

push_response store_state::push(const batch_delivery& batch) {
  const auto done = count(table.ingest(*batch.body, batch.rows, self->clock().now() - batch.age));
  tell_ended();
  tell_many_states();
  return done;
}

push_response store_state::count(const ingest_report& done) {
  counts.received += done.accepted + done.rejected;
  counts.accepted += done.accepted;
  counts.rejected += done.rejected;
  // An agent with a fault sends the same again every few seconds: the first, second, fourth line.
  if (done.rejected > 0 && std::has_single_bit(++bad_batches)) {
    log::warn("store", "values rejected",
              {{"rejected", done.rejected},
               {"accepted", done.accepted},
               {"first_reason", done.reason},
               {"batches_so_far", bad_batches}});
  }
  changed();
  constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
  return {static_cast<std::int32_t>(std::min(done.accepted, most))};
}

void store_state::expire() {
  const auto now = self->clock().now();
  const auto before = table.series();
  const bool more = table.expire(now, rows_per_sweep);
  tell_ended();
  if (table.series() != before) {
    changed();
  }
  if (now >= next_expiry) {
    arm_expiry();
  }
  if (more) {
    self->send(self, expire_atom_v);
  }
}

void store_state::watch(const watch_series& by) {
  watcher = by.watcher;
  table.watch(static_cast<bool>(watcher));
}

void store_state::tell_ended() {
  auto ended = table.take_ended();
  // In pieces: one record of the journal is no list of a million.
  for (std::size_t begin = 0; begin < ended.size(); begin += ended_step) {
    const auto end = std::min(ended.size(), begin + ended_step);
    series_ended piece;
    piece.series.assign(std::make_move_iterator(ended.begin() + static_cast<std::ptrdiff_t>(begin)),
                        std::make_move_iterator(ended.begin() + static_cast<std::ptrdiff_t>(end)));
    caf::anon_send(watcher, std::move(piece));
  }
}

void store_state::watch_states(const xprober::watch_states& by) {
  const bool was_armed = static_cast<bool>(state_watcher);
  state_watcher = by.watcher;
  table.watch_states(static_cast<bool>(state_watcher));
  tell_states();
  if (state_watcher && !was_armed) {
    self->delayed_send(self, state_interval, tell_states_atom_v);
  }
}

void store_state::tell_states() {
  if (!state_watcher || states_untaken || table.states().empty()) {
    return;
  }
  states_untaken = true;
  const series_changes_ptr changes = std::make_shared<const series_changes>(table.take_states());
  self->request(state_watcher, state_patience, changes)
      .then([this](done_atom) { take_answer({}); },
            [this](const caf::error& why) { take_answer(why); });
}

void store_state::take_answer(const caf::error& why) {
  states_untaken = false;
  if (why && why != caf::sec::request_timeout) { // it is no more
    state_watcher = {};
    table.watch_states(false);
    return;
  }
  tell_many_states();
}

void store_state::tell_many_states() {
  if (table.states().has_enough()) {
    tell_states();
  }
}

void store_state::tell_states_again() {
  if (state_watcher) {
    tell_states();
    self->delayed_send(self, state_interval, tell_states_atom_v);
  }
}

void store_state::arm_expiry() {
  next_expiry = self->clock().now() + expiry_interval(table.ttl());
  self->scheduled_send(self, next_expiry, expire_atom_v);
}

void store_state::set_ttl(const set_result_ttl& next) {
  table.set_ttl(next.length);
  table.set_keep(next.keep);
  table.set_listed_only(next.listed_only);
  expire();
}

void store_state::changed() {
  untold = true;
  if (!report_armed) {
    report();
  }
}

void store_state::report() {
  report_armed = untold;
  if (untold) {
    tell();
    self->delayed_send(self, store_report_interval, report_due_atom_v);
  }
}

void store_state::tell() {
  if (std::exchange(untold, false)) {
    counts.stored_series = table.series();
    self->send(stats, counts);
  }
}

/// What is well and has never failed is not remembered: a result says all of it.
kept_page store_state::kept(const kept_states_request& from) const {
  auto all = std::make_shared<std::vector<storage::kept_series>>();
  std::map<kind_number, std::string> descriptions;
  const auto visit = [&](const store_table::view& v, bool /*fresh*/) {
    const auto& memory = *v.memory;
    if (memory.state == series_state::ok && memory.failure == no_slot) {
      return;
    }
    const auto status = table.status(v);
    storage::kept_series kept;
    kept.source_region = table.text(v.source_region);
    kept.agent = table.text(v.agent);
    kept.target_region = table.text(v.target_region);
    kept.address = table.text(v.address);
    kept.prober = table.text(v.prober);
    auto& description = descriptions[v.latest->kind];
    if (description.empty()) {
      description = encode_kind(*table.kinds()[v.latest->kind].kind);
    }
    kept.kind = description;
    kept.state = static_cast<std::uint8_t>(status.state);
    kept.streak = status.streak;
    kept.since_unix = status.since_unix;
    kept.failed_unix = status.failed_unix;
    kept.last_unix = std::max(v.latest->unix_seconds, status.failed_unix);
    kept.reason = status.reason;
    kept.phase = status.phase;
    kept.detail = status.detail;
    kept.usual_ms = status.usual_ms;
    kept.deviation_ms = memory.deviation_ms;
    all->push_back(std::move(kept));
  };
  kept_page page;
  auto next = from;
  if (table.for_some(next.row, store_table::row_states::every, rows_per_kept_page,
                     self->clock().now(), visit)) {
    page.next = next;
  }
  page.states = std::move(all);
  return page;
}

void store_state::restore(const kept_states& states) {
  if (!states) {
    return;
  }
  const auto now = self->clock().now();
  std::string last_description;
  kind_ptr kind;
  for (const auto& kept : *states) {
    if (kept.kind != last_description) {
      std::string problem;
      kind = decode_kind(kept.kind, problem);
      last_description = kept.kind;
    }
    if (!kind || kept.state >= series_state_count) {
      continue;
    }
    series_status status;
    status.state = static_cast<series_state>(kept.state);
    status.streak = kept.streak;
    status.since_unix = kept.since_unix;
    status.failed_unix = kept.failed_unix;
    status.reason = kept.reason;
    status.phase = kept.phase;
    status.detail = kept.detail;
    status.usual_ms = kept.usual_ms;
    table.restore(
        {kept.agent, {}, kept.address, kept.source_region, kept.target_region, kept.prober, 0, 0},
        kind, status, kept.deviation_ms, kept.last_unix, now);
  }
}

caf::result<store_view> store_state::view(const store_query& query) {
  if (!query.page) {
    return store_view{std::make_shared<const store_snapshot>(
        make_snapshot(table, self->clock().now(), query.with_targets))};
  }
  page_job job{query.page->tally ? decltype(page_job::work){state_tallying{query.page}}
                                 : target_paging{query.page}};
  if (step(job)) {
    return job.take();
  }
  if (pages.size() >= most_pages) {
    return caf::make_error(caf::sec::runtime_error,
                           "too many listings are being made at once; come again");
  }
  if (pages.empty()) {
    go_on_with_pages();
  }
  job.promise = self->make_response_promise<store_view>();
  pages.push_back(std::move(job));
  return pages.back().promise;
}

void store_state::page_more() {
  if (pages.empty()) {
    return;
  }
  auto job = std::move(pages.front());
  pages.pop_front();
  if (step(job)) {
    job.promise.deliver(job.take());
  } else {
    pages.push_back(std::move(job));
  }
  if (!pages.empty()) {
    go_on_with_pages();
  }
}

/// By the clock and not straight into the own mailbox, so that others have their turns; but not
/// behind all of them, like the question itself (see `bridge::query`): a busy store has a long
/// mailbox, and a page takes a hundred turns.
void store_state::go_on_with_pages() {
  self->delayed_send<caf::message_priority::high>(self, nanoseconds{0}, page_more_atom_v);
}

store_view store_state::page_job::take() {
  return {std::visit([](auto& done) { return std::make_shared<const store_snapshot>(done.take()); },
                     work)};
}

bool store_state::step(page_job& job) const {
  const auto now = self->clock().now();
  return std::visit(
      [&](auto& work) {
        // A second one for what was never reported, which mostly is nothing.
        return work.step(table, now, page_step) || work.step(table, now, page_step);
      },
      job.work);
}

store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self, stats_actor stats,
                                 caf::timespan result_ttl) {
  return store_shard(self, std::move(stats), result_ttl, {});
}

store_actor::behavior_type store_shard(store_actor::stateful_pointer<store_state> self,
                                       stats_actor stats, caf::timespan result_ttl,
                                       store_part part) {
  guard_actor(self, "store");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.table = store_table{result_ttl, store_table::default_max_rows, part};
  state.counts.shard = part.number;
  self->send(self, expire_atom_v);
  const auto metered = [self] { return handler_meter{self, actor_kind::store, self->state.stats}; };
  return {
      [self, metered](const push_request& request) {
        const auto meter = metered();
        return self->state.push(request);
      },
      [self, metered](const batch_delivery& batch) {
        const auto meter = metered();
        return self->state.push(batch);
      },
      [self](const watch_series& by) { self->state.watch(by); },
      [self, metered](const watch_states& by) {
        const auto meter = metered();
        self->state.watch_states(by);
      },
      [self, metered](tell_states_atom) {
        const auto meter = metered();
        self->state.tell_states_again();
      },
      [self, metered](const forget_agents& gone) {
        const auto meter = metered();
        self->state.table.forget_agents(gone.agents);
        self->state.tell_ended();
        self->state.changed();
      },
      [self, metered](const welcome_agents& back) {
        const auto meter = metered();
        self->state.table.welcome_agents(back.agents);
      },
      [self, metered](const forget_targets& gone) {
        const auto meter = metered();
        self->state.table.forget(gone.targets, self->clock().now());
        self->state.tell_ended();
        self->state.changed();
      },
      [self, metered](const welcome_targets& welcome) {
        const auto meter = metered();
        self->state.table.welcome(welcome.targets);
      },
      [self](const wanted_targets_ptr& wanted) { self->state.table.want(wanted); },
      [self, metered](const set_result_ttl& next) {
        const auto meter = metered();
        self->state.set_ttl(next);
      },
      [self, metered](expire_atom) {
        const auto meter = metered();
        self->state.expire();
      },
      [self, metered](report_due_atom) {
        const auto meter = metered();
        self->state.report();
      },
      [self, metered](report_atom) {
        const auto meter = metered();
        self->state.tell();
        return done_atom_v;
      },
      [self, metered](const kept_states_request& from) {
        const auto meter = metered();
        return self->state.kept(from);
      },
      [self, metered](const kept_states& states) {
        const auto meter = metered();
        self->state.restore(states);
      },
      [self, metered](const certificate_request& wanted) -> certificate_list {
        const auto meter = metered();
        return std::make_shared<const std::vector<seen_certificate>>(find_certificates(
            self->state.table, self->clock().now(), wanted.until_unix, wanted.targets));
      },
      [self, metered](page_more_atom) {
        const auto meter = metered();
        self->state.page_more();
      },
      [self, metered](const store_query& query) -> caf::result<store_view> {
        const auto meter = metered();
        return self->state.view(query);
      },
  };
}

} // namespace xprober
