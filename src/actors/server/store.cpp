#include "xprober/actors/server/store.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/store/snapshot.hpp"

namespace xprober {

namespace {

/// Rows dropped in one go: some milliseconds, so that pushes need not wait for a million.
constexpr std::size_t rows_per_sweep = 20'000;

/// Ended series in one message.
constexpr std::size_t ended_step = 10'000;

nanoseconds expiry_interval(nanoseconds ttl) {
  return std::clamp<nanoseconds>(ttl / 10, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

} // namespace

push_response store_state::push(const push_request& request) {
  const auto done = count(table.ingest(request.values, self->clock().now()));
  tell_ended();
  return done;
}

push_response store_state::push(const batch_delivery& batch) {
  const auto done = count(table.ingest(*batch.body, batch.rows, self->clock().now() - batch.age));
  tell_ended();
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

void store_state::arm_expiry() {
  next_expiry = self->clock().now() + expiry_interval(table.ttl());
  self->scheduled_send(self, next_expiry, expire_atom_v);
}

void store_state::set_ttl(nanoseconds ttl) {
  table.set_ttl(ttl);
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

store_view store_state::view(bool with_targets) const {
  return std::make_shared<const store_snapshot>(
      make_snapshot(table, self->clock().now(), with_targets));
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
      [self, metered](const set_result_ttl& next) {
        const auto meter = metered();
        self->state.set_ttl(next.length);
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
      [self, metered](const store_query& query) {
        const auto meter = metered();
        return self->state.view(query.with_targets);
      },
  };
}

} // namespace xprober
